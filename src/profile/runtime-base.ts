import type { AbiName } from "../abi/abi.ts";
import { syscallByName } from "../abi/syscalls.ts";
import type { Evidence, Observation } from "../evidence/model.ts";

/** A container runtime whose own calls after it has loaded the filter must be allowed too. */
export type RuntimeBase = "none" | "runc" | "crun";

/**
 * What the runtimes call between loading the filter and executing the program. Measured lists of
 * security-profiles-operator (examples/baseprofile-*.yaml: runc 1.4, crun 1.26), x86_64.
 */
const COMMON =
  "arch_prctl brk capset chdir close close_range execve exit_group fstat fstatfs getcwd getuid mmap mprotect nanosleep newfstatat openat openat2 prctl read set_tid_address setgroups statx write".split(
    " ",
  );
const RUNC =
  "capget epoll_ctl epoll_pwait faccessat2 fcntl futex getdents64 getpid getppid recvfrom rt_sigreturn sched_yield setgid setuid sigaltstack tgkill".split(
    " ",
  );
const CRUN =
  "access chmod chown dup2 fchdir fchown getegid geteuid getgid ioctl lseek mkdirat mknodat mount pivot_root pselect6 readlink rt_sigaction rt_sigprocmask sethostname setns setresgid setresuid setsid statfs symlinkat umask umount2 unshare".split(
    " ",
  );

/** Names that a runtime needs besides the program's own, sorted. */
export function runtimeCalls(runtime: RuntimeBase): readonly string[] {
  if (runtime === "none") return [];
  return [...COMMON, ...(runtime === "runc" ? RUNC : CRUN)].sort();
}

/** Whether a call was made by the container runtime itself; what starts a command wears the same label. */
export function isOfRuntime({ runs }: Evidence): (seen: Observation) => boolean {
  const contained = new Set(
    runs.flatMap(({ id, target }) => (target.kind === "image" || target.kind === "container" ? [id] : [])),
  );
  return ({ label, run }) => label === "container-runtime" && contained.has(run);
}

/** The runtime that may make every call of its own that there is on an ABI, as in a profile made for it. */
export function runtimeServedBy(abi: AbiName, allows: (number: number) => boolean): RuntimeBase {
  const serves = (runtime: RuntimeBase): boolean =>
    runtimeCalls(runtime).every(name => {
      const call = syscallByName(abi, name);
      return call === undefined || allows(call.number);
    });
  return (["runc", "crun"] as const).find(serves) ?? "none";
}
