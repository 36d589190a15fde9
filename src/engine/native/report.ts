import { constants } from "node:os";
import { MachineError, type SeccraftError, TargetError } from "../../errors.ts";
import { errnoName } from "../../linux/libc.ts";
import type { Exit } from "../engine.ts";

/** One line of the launcher's report; native/launch.c documents them. */
export type Report =
  | { readonly kind: "pid"; readonly pid: number }
  | { readonly kind: "listener" }
  | { readonly kind: "running" }
  | { readonly kind: "failed"; readonly step: string; readonly errno: number }
  | { readonly kind: "killed"; readonly signal: number }
  | { readonly kind: "ended"; readonly exit: Exit }
  | { readonly kind: "gone" };

const signalNames = new Map<number, NodeJS.Signals>();
// SIGABRT and SIGIOT are one number, as are SIGIO and SIGPOLL; the first, common name wins.
for (const [name, number] of Object.entries(constants.signals)) {
  if (!signalNames.has(number)) signalNames.set(number, name as NodeJS.Signals);
}

/** `SIGKILL` for 9; `SIG40` for a real-time signal, which Node has no name for. */
export function signalName(number: number): NodeJS.Signals {
  return signalNames.get(number) ?? (`SIG${number}` as NodeJS.Signals);
}

export function parseReport(line: string): Report {
  const words = line.split(" ");
  const number = Number(words.at(-1));
  switch (words[0]) {
    case "pid":
      return { kind: "pid", pid: number };
    case "listener":
      return { kind: "listener" };
    case "running":
      return { kind: "running" };
    case "failed":
      return { kind: "failed", step: words[1] ?? "", errno: number };
    case "killed":
      return { kind: "killed", signal: number };
    case "exit":
      return { kind: "ended", exit: { code: number, signal: null } };
    case "signal":
      return { kind: "ended", exit: { code: null, signal: signalName(number) } };
    case "gone":
      return { kind: "gone" };
    default:
      throw new Error(`the launcher reported ${JSON.stringify(line)}`);
  }
}

const EXEC_REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied (the file, a folder above it or its interpreter; or a mount with noexec)",
  ENOENT: "its interpreter is missing (the #! line, or the dynamic loader of another system)",
  ENOEXEC: "exec format error (a binary for another machine, or a script without a #! line)",
  E2BIG: "the arguments and the environment are too long",
  ETXTBSY: "the file is being written to",
};

/** Why the target could not be started, in the words of whoever asked for it. */
export function startError(
  report: Extract<Report, { kind: "failed" | "killed" }>,
  command: string,
  filtered: boolean,
): SeccraftError {
  if (report.kind === "killed") {
    const by = report.signal === 0 ? "" : ` (${signalName(report.signal)})`;
    const why =
      filtered && signalName(report.signal) === "SIGSYS" ? "; the filter does not let it execute" : "";
    return new TargetError(`${command}: was killed before it could start${by}${why}`);
  }
  const code = errnoName(report.errno);
  switch (report.step) {
    case "exec":
      return new TargetError(`${command}: ${execReason(code, filtered)}`);
    case "filter":
      return filterError(code);
    case "listener":
      return new MachineError(`the listener cannot be handed over (${code})`, "Look at ulimit -n.");
    case "cgroup":
      return new MachineError(
        `the target cannot join its cgroup (${code})`,
        "Run as root, or in a cgroup that is delegated to you: systemd-run --user --scope -p Delegate=yes.",
      );
    case "clone":
      return new MachineError(`no process could be started (${code})`, "Look at ulimit -u and pids.max.");
    default:
      return new MachineError(`the launcher failed at ${report.step} (${code})`, "Please report this.");
  }
}

/** A filter may answer with any errno, those included that the kernel itself gives. */
function execReason(code: string, filtered: boolean): string {
  const known = EXEC_REASONS[code];
  if (known === undefined) return `${filtered ? "the filter denies execve" : "execve failed"} with ${code}`;
  return filtered ? `${known}, unless the filter denies execve with ${code}` : known;
}

function filterError(code: string): SeccraftError {
  switch (code) {
    case "EACCES":
      return new MachineError("loading a filter needs no_new_privs or root", "Allow no_new_privs.");
    case "EBUSY":
      return new MachineError(
        "this process already runs under a filter with a listener, and the kernel allows one",
        "Run outside of the container or sandbox that supervises it.",
      );
    case "EINVAL":
      return new MachineError(
        "the kernel refuses the filter or its flags (EINVAL)",
        "It may be too old for user notification (Linux 5.5): see `seccraft doctor`.",
      );
    default:
      return new MachineError(
        `the kernel refuses to load the filter (${code})`,
        "Inside a container, seccomp(2) itself may be forbidden.",
      );
  }
}
