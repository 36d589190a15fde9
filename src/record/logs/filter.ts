/** Which records of a log belong to the target. An absent field lets everything pass. */
export interface LogFilter {
  /** Process ids of the log's own namespace. */
  readonly pids?: ReadonlySet<number>;
  /** Audit sessions, `ses=`: children inherit theirs. */
  readonly sessions?: ReadonlySet<number>;
  /** Names as `/proc/PID/comm` has them, at most 15 bytes. */
  readonly comms?: ReadonlySet<string>;
  /** Paths of executables, or their last part alone. */
  readonly executables?: ReadonlySet<string>;
  /** Seconds since the epoch, both inclusive. */
  readonly since?: number;
  readonly until?: number;
  /** Names or ids of containers, for logs that tell them. */
  readonly containers?: ReadonlySet<string>;
  /**
   * Names of the container that a process of the record is in now, for a log that is written while it is read;
   * undefined when the process is gone.
   */
  readonly containersOf?: (pid: number) => readonly string[] | undefined;
}

/** What a record says about where it comes from; absent is not told. */
export interface Origin {
  readonly pid?: number | undefined;
  readonly session?: number | undefined;
  readonly comm?: string | undefined;
  readonly executable?: string | undefined;
  /** Seconds since the epoch. */
  readonly time?: number | undefined;
  /** Names by which the container is known. */
  readonly containers?: readonly string[] | undefined;
}

/** `untold`: the record does not say what the filter asks for. */
export type Verdict = "in" | "out" | "untold";

/** The part that asks for something all records of a process share. */
export function byProcess({ comms, executables, containers, containersOf }: LogFilter): LogFilter {
  return {
    ...(comms === undefined ? {} : { comms }),
    ...(executables === undefined ? {} : { executables }),
    ...(containers === undefined || containersOf !== undefined ? {} : { containers }),
  };
}

/** The part that asks for what each record has on its own, if there is one. */
export function byRecord(filter: LogFilter): LogFilter | undefined {
  const { pids, sessions, since, until, containersOf } = filter;
  const containers = containersOf === undefined ? undefined : filter.containers;
  if ([pids, sessions, since, until, containers].every(part => part === undefined)) return undefined;
  return {
    ...(containers === undefined || containersOf === undefined ? {} : { containers, containersOf }),
    ...(sessions === undefined ? {} : { sessions }),
    ...(pids === undefined ? {} : { pids }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

function member<T>(wanted: ReadonlySet<T> | undefined, value: T | undefined): Verdict {
  if (wanted === undefined) return "in";
  if (value === undefined) return "untold";
  return wanted.has(value) ? "in" : "out";
}

function executableVerdict(wanted: ReadonlySet<string> | undefined, executable: string | undefined): Verdict {
  const whole = member(wanted, executable);
  if (whole !== "out" || executable === undefined) return whole;
  return member(wanted, executable.slice(executable.lastIndexOf("/") + 1));
}

function timeVerdict(filter: LogFilter, time: number | undefined): Verdict {
  if (filter.since === undefined && filter.until === undefined) return "in";
  if (time === undefined) return "untold";
  return time >= (filter.since ?? -Infinity) && time <= (filter.until ?? Infinity) ? "in" : "out";
}

function containerVerdict(filter: LogFilter, names: readonly string[] | undefined): Verdict {
  if (filter.containers === undefined) return "in";
  if (names === undefined || names.length === 0) return "untold";
  return names.some(name => filter.containers?.has(name)) ? "in" : "out";
}

function containersOfRecord(
  { containers, containersOf }: LogFilter,
  origin: Origin,
): readonly string[] | undefined {
  if (containers === undefined || origin.containers !== undefined) return origin.containers;
  return origin.pid === undefined ? undefined : containersOf?.(origin.pid);
}

/** Whether a record passes: `out` as soon as one condition says so, `untold` when one cannot be decided. */
export function judge(filter: LogFilter, origin: Origin): Verdict {
  const verdicts = [
    member(filter.pids, origin.pid),
    member(filter.sessions, origin.session),
    member(filter.comms, origin.comm),
    executableVerdict(filter.executables, origin.executable),
    timeVerdict(filter, origin.time),
    containerVerdict(filter, containersOfRecord(filter, origin)),
  ];
  if (verdicts.includes("out")) return "out";
  return verdicts.includes("untold") ? "untold" : "in";
}
