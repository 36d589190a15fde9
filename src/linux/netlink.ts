import { endianness } from "node:os";
import { checked, libc } from "./libc.ts";
import { systemCallNumber } from "./numbers.ts";

// bits/socket.h
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const LITTLE = endianness() === "LE";

/** Size of `struct nlmsghdr`. */
export const HEADER_BYTES = 16;

/** A socket of a netlink family that hears these multicast groups, as bits, and does not block; the caller closes it. */
export function openNetlink(family: number, groups: number): number {
  const flags = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const fd = checked(
    "socket",
    libc().syscall(systemCallNumber("socket"), AF_NETLINK, flags, family, 0, 0),
    `netlink ${family}`,
  );
  const address = new DataView(new ArrayBuffer(12));
  address.setUint16(0, AF_NETLINK, LITTLE);
  address.setUint32(8, groups, LITTLE);
  try {
    const bytes = new Uint8Array(address.buffer);
    checked(
      "bind",
      libc().syscall(systemCallNumber("bind"), fd, libc().address(bytes), bytes.length, 0, 0),
      `netlink ${family}`,
    );
  } catch (error) {
    libc().close(fd);
    throw error;
  }
  return fd;
}

/** How much may wait for us; less when CAP_NET_ADMIN lacks. */
export function setReceiveBuffer(fd: number, bytes: number): void {
  const size = new Uint8Array(Int32Array.of(bytes).buffer);
  const set = (option: number): number =>
    libc().syscall(systemCallNumber("setsockopt"), fd, SOL_SOCKET, option, libc().address(size), size.length);
  if (set(SO_RCVBUFFORCE) < 0) set(SO_RCVBUF);
}
