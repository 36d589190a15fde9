import type { ProfileDocument } from "../profile/document.ts";
import type { WaitOptions } from "./wait.ts";

/** How a main process ended: one of the two is set. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `exit code 3`, `SIGKILL`. */
export function describeExit(exit: Exit): string {
  return exit.signal ?? `exit code ${exit.code}`;
}

/** A compiled seccomp filter and how to load it. */
export interface FilterToLoad {
  /** `struct sock_filter[]` of this machine's byte order. */
  readonly program: Uint8Array;
  /** `SECCOMP_FILTER_FLAG_*` besides NEW_LISTENER. */
  readonly flags: number;
  /** True: load with a user-notification listener, handed to us as `Running.listener`. */
  readonly listener: boolean;
}

/** What to start, and in which shackles. */
export interface LaunchSpec {
  /** A container takes its image's command when this is empty. */
  readonly argv: readonly string[];
  readonly directory?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin: "null" | "inherit";
  /**
   * `capture`: both streams go into one pipe, in the order in which they were written, for `Running.outputTail()` and
   * `Running.onOutput()`; `inherit` passes them through; `stderr` sends both to our stderr, when our stdout is for data.
   */
  readonly output: "inherit" | "capture" | "stderr";
  readonly filter?: FilterToLoad;
  /** In a container, instead of `filter`: what its runtime loads; everything is allowed when absent. */
  readonly profile?: ProfileDocument;
  /** A container has its own options for that. */
  readonly noNewPrivileges: boolean;
  /** In a container: capabilities besides those of its options, `CAP_…`. */
  readonly capAdd?: readonly string[];
  /** In a container: without hardening, as `docker run` starts one when nothing else is said. */
  readonly plain?: true;
  /**
   * Folder of a cgroup v2, made for it, that the target joins before anything else; it is killed and removed with us.
   * A container gets its own cgroup below it.
   */
  readonly cgroup?: string;
  /** True: a session of its own, without our terminal, so that ^C reaches only us. */
  readonly ownSession: boolean;
}

/** A started target. Whatever happens to us, its guard ends it and all that it left behind when we are gone. */
export interface Running {
  /** Process id of the main process as we see it. */
  readonly pid: number;
  /** Address at which its servers are reached, when that is not this machine's loopback. */
  readonly address?: string;
  /** Id of the container, when it is one. */
  readonly container?: string;
  /** Descriptor of the notification listener in this process, when the filter asked for one. The caller closes it. */
  readonly listener: number | undefined;
  /**
   * Resolves when the main process has ended, with its descendants perhaps still there. Rejects with a TargetError when
   * it was never executed, which with a listener only turns out after `start()` has resolved.
   */
  readonly exited: Promise<Exit>;
  /** Resolves when the main process and all descendants, daemonised ones too, are gone. */
  readonly gone: Promise<void>;
  /** Sends a signal to the main process, or to it and every descendant; nothing happens when they have ended. */
  signal(signal: NodeJS.Signals, to?: "main" | "all"): void;
  /** SIGKILL to the main process and every descendant; resolves when all are gone. */
  killAll(): Promise<void>;
  /**
   * In a container whose image has a health check: resolves when one has succeeded.
   * @throws TargetError when none does in time, InterruptedError when aborted
   */
  readonly healthy?: (options: WaitOptions) => Promise<void>;
  /** The last 64 KiB of what the target printed, when captured; else empty. */
  outputTail(): string;
  /** Hands over all that was captured so far and is still kept, then what comes. Returns how to stop that. */
  onOutput(listener: (bytes: Uint8Array) => void): () => void;
}

/** The file system that targets start with. */
export interface Files {
  /** Folder of this machine that holds it, to be read only. */
  readonly root: string;
  /** Where targets are started, as a path in it. */
  readonly workdir: string;
  /** The words by which a target is started that is asked for by these: an image may have some of its own. */
  readonly command: (argv: readonly string[]) => readonly string[];
  /** Its environment, as far as it is known before the start. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What starts and stops a target. */
export interface Engine {
  readonly name: "native" | "runc" | "docker";
  /** True when a target's address is known only once it has been started. */
  readonly ownAddress?: true;
  /** Who containers start as when that is not root and cannot become it: no capability that they are given reaches them. */
  readonly ordinaryUser?: string;
  /**
   * What targets find before they change anything; an image is unpacked at the first call.
   * @throws InputError when the image cannot be unpacked
   */
  files(): Promise<Files>;
  start(spec: LaunchSpec): Promise<Running>;
}
