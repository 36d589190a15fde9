import { readlinkSync } from "node:fs";
import { endianness } from "node:os";
import { checked, libc } from "./libc.ts";

// bits/socket.h
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x40000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;

const LITTLE = endianness() === "LE";

/** Two connected sockets, close-on-exec. The caller closes them. */
export function createSocketPair(): readonly [number, number] {
  const fds = new Int32Array(2);
  checked(
    "socketpair",
    libc().socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, new Uint8Array(fds.buffer)),
  );
  return [fds[0] ?? -1, fds[1] ?? -1];
}

/**
 * The descriptor that has been sent through a socket, close-on-exec; the caller closes it. Does not wait.
 * @throws SystemCallError: EAGAIN when nothing has been sent yet.
 */
export function receiveDescriptor(socket: number): number {
  const control = new Uint8Array(24);
  const flags = MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
  const size = checked("recvmsg", libc().receive(socket, new Uint8Array(1), control, flags));
  const header = new DataView(control.buffer);
  const isDescriptor =
    header.getInt32(8, LITTLE) === SOL_SOCKET && header.getInt32(12, LITTLE) === SCM_RIGHTS;
  if (size !== 1 || !isDescriptor) throw new Error("recvmsg: no descriptor came");
  return header.getInt32(16, LITTLE);
}

/** What a descriptor of ours is, as /proc shows it: a path, `pipe:[12]`, `anon_inode:seccomp notify`. */
export function describeDescriptor(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}
