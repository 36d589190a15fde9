/** How a main process ended: one of the two is set. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
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
  readonly argv: readonly string[];
  readonly directory?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin: "null" | "inherit";
  /** `capture` keeps the last 64 KiB of both streams for `Running.outputTail()`; `inherit` passes them through. */
  readonly output: "inherit" | "capture";
  readonly filter?: FilterToLoad;
  readonly noNewPrivileges: boolean;
  /** Folder of a cgroup v2 that the target joins before anything else. */
  readonly cgroup?: string;
  /** True: a session of its own, without our terminal, so that ^C reaches only us. */
  readonly ownSession: boolean;
}

/** A started target. Whatever happens to us, its guard ends it and all that it left behind when we are gone. */
export interface Running {
  /** Process id of the main process as we see it. */
  readonly pid: number;
  /** Descriptor of the notification listener in this process, when the filter asked for one. The caller closes it. */
  readonly listener: number | undefined;
  /** Resolves when the main process has ended, with its descendants perhaps still there. */
  readonly exited: Promise<Exit>;
  /** Resolves when the main process and all descendants, daemonised ones too, are gone. */
  readonly gone: Promise<void>;
  /** Sends a signal to the main process; nothing happens when it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL to the main process and every descendant; resolves when all are gone. */
  killAll(): Promise<void>;
  /** Last lines of what the target printed, when captured. */
  outputTail(): string;
}

/** What starts and stops a target. */
export interface Engine {
  readonly name: "native" | "runc" | "docker";
  start(spec: LaunchSpec): Promise<Running>;
}
