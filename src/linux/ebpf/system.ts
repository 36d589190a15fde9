import { MachineError } from "../../errors.ts";
import { checked, libc, SystemCallError } from "../libc.ts";
import { systemCallNumber } from "../numbers.ts";

/** bpf(2) commands, include/uapi/linux/bpf.h. */
const COMMAND = {
  mapCreate: 0,
  mapLookup: 1,
  mapUpdate: 2,
  mapDelete: 3,
  progLoad: 5,
  rawTracepointOpen: 17,
  mapLookupBatch: 24,
} as const;
const ATTRIBUTE_BYTES = 144;
const PROGRAM_TYPE_TRACING = 26;
const ATTACH_TRACE_RAW_TRACEPOINT = 23;
const LOG_BYTES = 1 << 20;

export const MAP_TYPE = { hash: 1, array: 2, percpuArray: 6 } as const;
export const MAP_FLAG = { noPreallocation: 1, mappable: 0x400 } as const;

/** `union bpf_attr` under construction. */
class Attributes {
  readonly bytes: Buffer = Buffer.alloc(ATTRIBUTE_BYTES);
  readonly kept: Uint8Array[] = [];

  u32(offset: number, value: number): this {
    this.bytes.writeUInt32LE(value >>> 0, offset);
    return this;
  }

  /** The address of a buffer, which stays alive as long as these attributes do. */
  pointer(offset: number, buffer: Uint8Array): this {
    this.kept.push(buffer);
    this.bytes.writeBigUInt64LE(libc().address(buffer), offset);
    return this;
  }

  name(offset: number, name: string): this {
    this.bytes.write(name.slice(0, 15), offset, "latin1");
    return this;
  }
}

function bpf(command: number, attributes: Attributes): number {
  return libc().syscallPointer2(systemCallNumber("bpf"), command, attributes.bytes, ATTRIBUTE_BYTES, 0);
}

function permissionError(what: string, cause: SystemCallError): Error {
  if (cause.code !== "EPERM" && cause.code !== "EACCES") return cause;
  return new MachineError(
    `the kernel refuses ${what} to this user`,
    "Recording by eBPF needs root (CAP_BPF and CAP_PERFMON); a command, after --, is recorded without by --recorder notify.",
    { cause },
  );
}

/** One eBPF map; freed by the kernel with the last descriptor. */
export class BpfMap {
  readonly fd: number;
  readonly keyBytes: number;
  readonly valueBytes: number;

  constructor(
    name: string,
    type: number,
    keyBytes: number,
    valueBytes: number,
    entries: number,
    flags: number = 0,
  ) {
    const attributes = new Attributes()
      .u32(0, type)
      .u32(4, keyBytes)
      .u32(8, valueBytes)
      .u32(12, entries)
      .u32(16, flags)
      .name(28, name);
    const fd = bpf(COMMAND.mapCreate, attributes);
    if (fd < 0)
      throw permissionError("eBPF maps", new SystemCallError("bpf(MAP_CREATE)", libc().errno(), name));
    this.fd = fd;
    this.keyBytes = keyBytes;
    this.valueBytes = valueBytes;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    checked(
      "bpf(MAP_UPDATE_ELEM)",
      bpf(COMMAND.mapUpdate, new Attributes().u32(0, this.fd).pointer(8, key).pointer(16, value)),
    );
  }

  /** Every entry of a hash map at some moment during the call. */
  entries(limit: number = 1 << 20): { keys: Buffer; values: Buffer; count: number } {
    const chunk = 4096;
    const keys: Buffer[] = [];
    const values: Buffer[] = [];
    let cursor: Buffer | undefined;
    let count = 0;
    for (;;) {
      const next = Buffer.alloc(Math.max(8, this.keyBytes));
      const key = Buffer.alloc(chunk * this.keyBytes);
      const value = Buffer.alloc(chunk * this.valueBytes);
      const attributes = new Attributes()
        .pointer(8, next)
        .pointer(16, key)
        .pointer(24, value)
        .u32(32, chunk)
        .u32(36, this.fd);
      if (cursor !== undefined) attributes.pointer(0, cursor);
      const result = bpf(COMMAND.mapLookupBatch, attributes);
      const code = result < 0 ? libc().errno() : 0;
      if (code !== 0 && code !== ENOENT) throw new SystemCallError("bpf(MAP_LOOKUP_BATCH)", code);
      const got = attributes.bytes.readUInt32LE(32);
      keys.push(key.subarray(0, got * this.keyBytes));
      values.push(value.subarray(0, got * this.valueBytes));
      count += got;
      if (code === ENOENT || count >= limit) break;
      cursor = next;
    }
    return { keys: Buffer.concat(keys), values: Buffer.concat(values), count };
  }

  /** Maps the only value of an array map into our memory. Call the returned function before closing. */
  map(): { bytes: Uint8Array; unmap: () => void } {
    const length = Math.ceil(this.valueBytes / 4096) * 4096;
    const address = libc().mmap(null, length, PROT_READ_WRITE, MAP_SHARED, this.fd, 0);
    if (address === FAILED_MAPPING) throw new SystemCallError("mmap", libc().errno(), "eBPF map");
    return {
      bytes: new Uint8Array(libc().view(address, length)),
      unmap: () => void libc().munmap(address, length),
    };
  }

  close(): void {
    libc().close(this.fd);
  }
}

const ENOENT = 2;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const FAILED_MAPPING = 2n ** 64n - 1n;

/**
 * Loads a program for a BTF-typed raw tracepoint.
 * @param typeId BTF id of the typedef `btf_trace_NAME` of the running kernel.
 * @throws MachineError with the end of the verifier's log when the kernel rejects it.
 */
export function loadTracingProgram(name: string, code: Uint8Array, typeId: number): number {
  const license = Buffer.from("GPL\0");
  const attempt = (log?: Buffer): number => {
    const attributes = new Attributes()
      .u32(0, PROGRAM_TYPE_TRACING)
      .u32(4, code.length / 8)
      .pointer(8, code)
      .pointer(16, license)
      .name(48, name)
      .u32(68, ATTACH_TRACE_RAW_TRACEPOINT)
      .u32(108, typeId);
    if (log !== undefined) attributes.u32(24, 1).u32(28, log.length).pointer(32, log);
    return bpf(COMMAND.progLoad, attributes);
  };
  const fd = attempt();
  if (fd >= 0) return fd;
  const failure = new SystemCallError("bpf(PROG_LOAD)", libc().errno(), name);
  if (failure.code === "EPERM") throw permissionError("eBPF programs", failure);
  const log = Buffer.alloc(LOG_BYTES);
  attempt(log);
  throw new MachineError(
    `the kernel's verifier rejects the program ${name}:\n${verifierTail(log)}`,
    "Use --recorder notify, and report this with `seccraft doctor`.",
    { cause: failure },
  );
}

/** The last lines of a verifier log, which hold the reason. */
function verifierTail(log: Buffer): string {
  const end = log.indexOf(0);
  return log
    .toString("latin1", 0, end < 0 ? log.length : end)
    .trimEnd()
    .split("\n")
    .slice(-25)
    .join("\n");
}

/** Attaches a loaded tracing program; it stays attached as long as the returned descriptor is open. */
export function attachTracingProgram(program: number): number {
  return checked(
    "bpf(RAW_TRACEPOINT_OPEN)",
    bpf(COMMAND.rawTracepointOpen, new Attributes().u32(8, program)),
  );
}
