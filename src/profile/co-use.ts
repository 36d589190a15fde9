import { MEASURED_PROGRAMS } from "./co-use.gen.ts";

/**
 * Calls of which a program makes one or another for the same kind of work: which one is a matter of the library or of
 * taste. Who makes one of them may well make its kin.
 */
const KIN: readonly (readonly string[])[] = [
  "readv preadv preadv2",
  "writev pwritev pwritev2",
  "sendfile copy_file_range splice",
  "fsync fdatasync",
  "sendto sendmsg",
  "recvfrom recvmsg",
  "ftruncate truncate",
  "getsockname getpeername getsockopt",
  "chmod fchmod fchmodat",
  "chown fchown fchownat lchown",
  "getrusage times",
  "mkdir mkdirat",
  "rmdir unlinkat",
  "unlink unlinkat",
  "rename renameat renameat2",
  "symlink symlinkat",
  "link linkat",
  "readlink readlinkat",
  "utime utimes utimensat futimesat",
  "dup dup2 dup3",
  "pipe pipe2",
  "clone clone3 fork vfork",
  "wait4 waitid",
  "poll ppoll select pselect6",
  "epoll_wait epoll_pwait",
  "accept accept4",
  "eventfd eventfd2",
  "nanosleep clock_nanosleep",
  "stat newfstatat statx lstat fstat",
  "open openat",
  "getdents getdents64",
].map(words => words.split(" "));

/** Kin count half. */
const KIN_WEIGHT = 0.5;

interface Program {
  readonly name: string;
  readonly calls: ReadonlySet<string>;
}

let programs: readonly Program[] | undefined;
let kin: Map<string, readonly string[]> | undefined;

function kinOf(syscall: string): readonly string[] {
  if (kin === undefined) {
    kin = new Map();
    for (const family of KIN)
      for (const member of family) kin.set(member, [...(kin.get(member) ?? []), ...family]);
  }
  return kin.get(syscall) ?? [];
}

/**
 * How likely a program that was seen to make some calls makes another one, between 0 and 1: the share of the measured
 * programs that do, each with the square of its likeness as its weight. The likeness is how much of what was seen the
 * measured program does too, where a call counts the more the fewer programs make it.
 * @param without the name of a measured program to leave out, so that a benchmark does not ask a program about itself
 */
export function coUse(seen: ReadonlySet<string>, without?: string): (syscall: string) => number {
  programs ??= Object.entries(MEASURED_PROGRAMS).map(([name, calls]) => ({
    name,
    calls: new Set(calls.split(" ")),
  }));
  const others = programs.filter(({ name }) => name !== without);
  const weights = new Map(
    [...seen].map(syscall => {
      const makers = others.filter(({ calls }) => calls.has(syscall)).length;
      return [syscall, Math.max(0.05, Math.log((others.length + 1) / (makers + 0.5)))] as const;
    }),
  );
  const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const likeness = others.map(({ calls }) => {
    const shared = [...weights].reduce(
      (sum, [syscall, weight]) => sum + (calls.has(syscall) ? weight : 0),
      0,
    );
    return all === 0 ? 0 : (shared / all) ** 2;
  });
  const total = likeness.reduce((sum, weight) => sum + weight, 0);
  const share = (members: readonly string[]): number =>
    total === 0
      ? 0
      : others.reduce(
          (sum, { calls }, i) => sum + (members.some(member => calls.has(member)) ? (likeness[i] ?? 0) : 0),
          0,
        ) / total;
  return syscall => Math.max(share([syscall]), KIN_WEIGHT * share(kinOf(syscall)));
}
