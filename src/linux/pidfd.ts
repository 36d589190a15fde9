import { readlinkSync } from "node:fs";
import { checked, libc } from "./libc.ts";

// The same numbers on every architecture, as for every call since Linux 5.1.
const NR_pidfd_open = 434;
const NR_pidfd_getfd = 438;

/**
 * A copy, close-on-exec, of descriptor `fd` of another process (Linux 5.6). The caller closes it.
 * @throws SystemCallError: ESRCH without such a process, EBADF without such a descriptor, EPERM when we may not trace it.
 */
export function takeDescriptor(pid: number, fd: number): number {
  const pidfd = checked("pidfd_open", libc().syscall(NR_pidfd_open, pid, 0, 0, 0, 0), String(pid));
  try {
    return checked("pidfd_getfd", libc().syscall(NR_pidfd_getfd, pidfd, fd, 0, 0, 0), `${pid}, ${fd}`);
  } finally {
    libc().close(pidfd);
  }
}

/** What a descriptor of ours is, as /proc shows it: a path, `pipe:[12]`, `anon_inode:seccomp notify`. */
export function describeDescriptor(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}
