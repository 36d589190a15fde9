import { createRequire } from "node:module";
import { constants } from "node:os";
import process from "node:process";
import { MachineError } from "../errors.ts";

/** A failed system call: which, on what, and the errno by name. */
export class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  readonly errno: number;
  readonly code: string;

  constructor(call: string, errno: number, subject = "") {
    const code = errnoName(errno);
    super(`${call}${subject === "" ? "" : `(${subject})`} failed with ${code}`);
    this.errno = errno;
    this.code = code;
  }
}

const errnoNames = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]));
// EAGAIN and EWOULDBLOCK are one number on Linux, as are EOPNOTSUPP and ENOTSUP; the manuals' first names win.
errnoNames.set(constants.errno.EAGAIN, "EAGAIN").set(constants.errno.EOPNOTSUPP, "EOPNOTSUPP");

/** `EPERM` for 1; `errno 999` for what this platform has no name for. */
export function errnoName(errno: number): string {
  return errnoNames.get(errno) ?? `errno ${errno}`;
}

export type Pointer = Uint8Array | null;

/** What seccraft calls in the C library. Each returns the raw result; `errno()` is valid right after a failure. */
export interface Libc {
  /** syscall(2) with integers in all places. */
  readonly syscall: (
    nr: number,
    a: number | bigint,
    b: number | bigint,
    c: number | bigint,
    d: number | bigint,
    e: number | bigint,
  ) => number;
  /** syscall(2) with a pointer in the second place: bpf(cmd, attr, size), seccomp(op, flags, …) and the like. */
  readonly syscallPointer2: (
    nr: number,
    a: number,
    b: Pointer,
    c: number | bigint,
    d: number | bigint,
  ) => number;
  /** syscall(2) with a pointer in the first place: fsopen(name, flags) and the like. */
  readonly syscallPointer1: (nr: number, a: Pointer, b: number | bigint) => number;
  readonly pipe2: (fds: Uint8Array, flags: number) => number;
  readonly socketpair: (domain: number, type: number, protocol: number, fds: Uint8Array) => number;
  /** recvmsg(2) into one buffer for data and one for control messages. */
  readonly receive: (fd: number, data: Uint8Array, control: Uint8Array, flags: number) => number;
  readonly ioctl: (fd: number, request: number, argument: Pointer) => number;
  readonly ioctlValue: (fd: number, request: number, argument: number) => number;
  readonly poll: (fds: Uint8Array, count: number, timeoutMs: number) => number;
  readonly close: (fd: number) => number;
  readonly mmap: (
    address: null,
    length: number,
    protection: number,
    flags: number,
    fd: number,
    offset: number,
  ) => bigint;
  readonly munmap: (address: bigint, length: number) => number;
  readonly errno: () => number;
  /** A view of `length` bytes of foreign memory. */
  readonly view: (address: bigint, length: number) => ArrayBuffer;
  /** Where a buffer's bytes are; good as long as the buffer is alive. */
  readonly address: (buffer: Uint8Array) => bigint;
}

/** A type of the FFI; nothing to look into. */
type KoffiType = object;

interface Koffi {
  struct(members: Record<string, string | KoffiType>): KoffiType;
  pointer(type: KoffiType): KoffiType;
  load(path: string | null): {
    func(name: string, result: string, parameters: (string | KoffiType)[]): (...values: unknown[]) => unknown;
  };
  errno(): number;
  view(pointer: bigint, length: number): ArrayBuffer;
  address(buffer: Uint8Array): bigint;
}

let loaded: Libc | undefined;

/**
 * Loads the FFI on first use.
 * @throws MachineError when this is not Linux or the FFI package is not installed.
 */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

function load(): Libc {
  if (process.platform !== "linux") {
    throw new MachineError(
      `this needs Linux, not ${process.platform}`,
      "Profiles and binaries can be worked on here; record on a Linux machine.",
    );
  }
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)("koffi") as Koffi;
  } catch (cause) {
    throw new MachineError(
      "the FFI package koffi is not installed",
      "Run `npm install koffi` beside seccraft, or reinstall it without --omit=optional.",
      { cause },
    );
  }
  const library = koffi.load(null);
  const bind = library.func.bind(library);
  return {
    syscall: bind("syscall", "long", [
      "long",
      "int64_t",
      "int64_t",
      "int64_t",
      "int64_t",
      "int64_t",
    ]) as Libc["syscall"],
    syscallPointer2: bind("syscall", "long", [
      "long",
      "long",
      "void *",
      "int64_t",
      "int64_t",
    ]) as Libc["syscallPointer2"],
    syscallPointer1: bind("syscall", "long", ["long", "void *", "int64_t"]) as Libc["syscallPointer1"],
    pipe2: bind("pipe2", "int", ["void *", "int"]) as Libc["pipe2"],
    socketpair: bind("socketpair", "int", ["int", "int", "int", "void *"]) as Libc["socketpair"],
    receive: bindReceive(koffi),
    ioctl: bind("ioctl", "int", ["int", "unsigned long", "void *"]) as Libc["ioctl"],
    ioctlValue: bind("ioctl", "int", ["int", "unsigned long", "long"]) as Libc["ioctlValue"],
    poll: bind("poll", "int", ["void *", "unsigned long", "int"]) as Libc["poll"],
    close: bind("close", "int", ["int"]) as Libc["close"],
    mmap: bind("mmap", "void *", ["void *", "size_t", "int", "int", "int", "int64_t"]) as Libc["mmap"],
    munmap: bind("munmap", "int", ["void *", "size_t"]) as Libc["munmap"],
    errno: () => koffi.errno(),
    view: (address, length) => koffi.view(address, length),
    // Small typed arrays live on V8's heap, which moves them, until their ArrayBuffer is asked for.
    address: buffer => (buffer.buffer.byteLength === 0 ? 0n : koffi.address(buffer)),
  };
}

/** struct msghdr of bits/types/struct_msghdr.h, with its pointers. */
function bindReceive(koffi: Koffi): Libc["receive"] {
  const part = koffi.struct({ base: "void *", length: "size_t" });
  const header = koffi.struct({
    name: "void *",
    nameLength: "uint32_t",
    parts: koffi.pointer(part),
    partCount: "size_t",
    control: "void *",
    controlLength: "size_t",
    flags: "int",
  });
  const recvmsg = koffi.load(null).func("recvmsg", "long", ["int", koffi.pointer(header), "int"]);
  return (fd, data, control, flags) => {
    const message = {
      name: null,
      nameLength: 0,
      parts: [{ base: data, length: data.length }],
      partCount: 1,
      control,
      controlLength: control.length,
      flags: 0,
    };
    return recvmsg(fd, message, flags) as number;
  };
}

/** The result, or a thrown SystemCallError when it is negative. */
export function checked(call: string, result: number, subject = ""): number {
  if (result < 0) throw new SystemCallError(call, libc().errno(), subject);
  return result;
}
