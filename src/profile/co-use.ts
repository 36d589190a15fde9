import { MEASURED_PROGRAMS } from "./co-use.gen.ts";

/**
 * Calls of which a program makes one or another for the same kind of work: which one is a matter of the library or of
 * taste. Who makes one of them may well make its kin.
 */
const KIN: readonly (readonly string[])[] = [
  "readv preadv",
  "writev pwritev",
  "sendfile copy_file_range",
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
  "dup dup2",
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
  "getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr",
  "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr",
].map(words => words.split(" "));

/**
 * A measured program that does not call what it could, and one that cannot, say different things of a call that is
 * reachable. Few may be able to: until as many programs of usual likeness are, the share of all programs weighs in.
 */
const PRIOR = 6;

/** See coUse. */
export type Likelihood = (syscall: string, alone?: "alone") => number;

interface Program {
  readonly name: string;
  readonly calls: ReadonlySet<string>;
  /** Near in its code, and not called. */
  readonly idle: ReadonlySet<string>;
}

let programs: readonly Program[] | undefined;
let kin: Map<string, readonly string[]> | undefined;

function measuredPrograms(): readonly Program[] {
  programs ??= Object.entries(MEASURED_PROGRAMS).map(([name, [calls, idle]]) => ({
    name,
    calls: new Set(calls.split(" ")),
    idle: new Set(idle.split(" ")),
  }));
  return programs;
}

function kinOf(syscall: string): readonly string[] {
  if (kin === undefined) {
    kin = new Map();
    for (const family of KIN)
      for (const member of family) kin.set(member, [...(kin.get(member) ?? []), ...family]);
  }
  return kin.get(syscall) ?? [];
}

/**
 * How much of what was seen each program does too, where a call counts the more the fewer programs make it; squared.
 */
function likenesses(seen: ReadonlySet<string>, others: readonly Program[]): number[] {
  const weights = [...seen].map(syscall => {
    const makers = others.filter(({ calls }) => calls.has(syscall)).length;
    return [syscall, Math.max(0.05, Math.log((others.length + 1) / (makers + 0.5)))] as const;
  });
  const sum = (of: typeof weights): number => of.reduce((total, [, weight]) => total + weight, 0);
  const all = sum(weights);
  return others.map(({ calls }) =>
    all === 0 ? 0 : (sum(weights.filter(([syscall]) => calls.has(syscall))) / all) ** 2,
  );
}

/**
 * How likely a program that was seen to make some calls makes another one that its code reaches, between 0 and 1: of
 * the measured programs whose code reaches it as well, the share that do, each with its likeness to this one as its
 * weight. Making its kin is as good, unless it is to be judged `alone`.
 * @param without names of measured programs to leave out
 */
export function coUse(seen: ReadonlySet<string>, without: readonly string[] = []): Likelihood {
  const others = measuredPrograms().filter(({ name }) => !without.includes(name));
  const likeness = likenesses(seen, others);
  const total = likeness.reduce((sum, weight) => sum + weight, 0);
  const share = (members: readonly string[]): number => {
    let [make, reach] = [0, 0];
    for (const [i, { calls, idle }] of others.entries()) {
      const makes = members.some(member => calls.has(member));
      if (makes) make += likeness[i] ?? 0;
      if (makes || members.some(member => idle.has(member))) reach += likeness[i] ?? 0;
    }
    const prior = (PRIOR * total) / others.length;
    return (make + (prior * make) / total) / (reach + prior);
  };
  return (syscall, alone) => {
    if (total === 0) return 0;
    return Math.max(share([syscall]), alone === "alone" ? 0 : share([syscall, ...kinOf(syscall)]));
  };
}
