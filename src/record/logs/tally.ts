import { createHash } from "node:crypto";
import type { AbiName } from "../../abi/abi.ts";
import { printEvidence } from "../../evidence/codec.ts";
import { joinEvidence } from "../../evidence/join.ts";
import type { Evidence, Gap, Observation, Phase, Run, SourceKind } from "../../evidence/model.ts";

/** Different calls, executables and gaps that one log may bring, so that a hostile one cannot fill the memory. */
const MAX_CALLS = 100_000;
const MAX_EXECUTABLES = 5_000;

/** One observation that grows. Written by readers directly, for speed. */
export interface Call {
  readonly abi: AbiName;
  readonly number: number;
  readonly syscall: string;
  readonly executable: string | undefined;
  readonly reason: Observation["reason"];
  readonly label: Observation["label"];
  readonly phase: Phase | undefined;
  count: number;
  /** Time of the earliest sight, in seconds of whatever clock the log has; Infinity while none is known. */
  first: number;
  errnos: Map<string, number> | undefined;
}

interface GrowingGap {
  readonly kind: Gap["kind"];
  readonly reason: string;
  readonly remedy: string | undefined;
  count: number;
  /** Byte offset of the first one in the log. */
  readonly offset: number | undefined;
}

/** What the import was told about the run. */
export interface LogRun {
  readonly source: SourceKind;
  readonly file: string;
  readonly tool: string;
  /** Whether times are seconds since the epoch; otherwise they only count from the first. */
  readonly epoch: boolean;
  /** Given for a log that is followed, whose content changes; otherwise the id is a hash of what was found. */
  readonly id?: string;
}

/** Adds up what a log holds. Counts of the same call in two channels of one log are the same calls logged twice. */
export class Tally {
  readonly #calls = new Map<string, Call>();
  readonly #gaps = new Map<string, GrowingGap>();
  readonly #executables = new Set<string>();
  readonly #told = new Set<string>();
  /** In which calls are made from now on, for a log that is read while the target runs. */
  phase: Phase | undefined;
  /** Records that were recognised, and those of them that passed the filter. */
  found: number = 0;
  records: number = 0;
  /** Earliest and latest time of any of them. */
  first: number = Infinity;
  last: number = -Infinity;

  /**
   * The observation of a call, made when it is new.
   * @param channel tells apart ways by which the same event may reach one log twice.
   */
  call(
    channel: string,
    abi: AbiName,
    number: number,
    syscall: string,
    from: { executable?: string | undefined; reason?: Observation["reason"]; label?: Observation["label"] },
  ): Call {
    const executable = this.#known(from.executable);
    const phase = this.phase !== undefined && from.label === "container-runtime" ? "runtime" : this.phase;
    const key = `${channel} ${abi} ${number} ${from.reason ?? ""} ${from.label ?? ""} ${phase ?? ""} ${executable ?? ""}`;
    const found = this.#calls.get(key);
    if (found !== undefined) return found;
    const call: Call = {
      abi,
      number,
      syscall,
      executable,
      reason: from.reason,
      label: from.label,
      phase,
      count: 0,
      first: Infinity,
      errnos: undefined,
    };
    if (this.#calls.size >= MAX_CALLS) this.gap("capped", "more different calls than are kept");
    else this.#calls.set(key, call);
    return call;
  }

  #known(executable: string | undefined): string | undefined {
    if (executable === undefined || this.#executables.has(executable)) return executable;
    if (this.#executables.size >= MAX_EXECUTABLES) {
      this.gap("capped", `more than ${MAX_EXECUTABLES} executables: the rest is not told apart`);
      return undefined;
    }
    this.#executables.add(executable);
    return executable;
  }

  /** Calls that were counted and not yet given by this. */
  news(): readonly Call[] {
    const found: Call[] = [];
    for (const [key, call] of this.#calls) {
      if (call.count === 0 || this.#told.has(key)) continue;
      this.#told.add(key);
      found.push(call);
    }
    return found;
  }

  /** Notes a time of a record that passed. */
  saw(time: number): void {
    if (time < this.first) this.first = time;
    if (time > this.last) this.last = time;
  }

  /** Notes something that could not be found out, `count` times. */
  gap(kind: Gap["kind"], reason: string, remedy?: string, count: number = 1, offset?: number): void {
    const key = `${kind} ${reason}`;
    const known = this.#gaps.get(key);
    if (known !== undefined) known.count += count;
    else if (this.#gaps.size < 1000) this.#gaps.set(key, { kind, reason, remedy, count, offset });
  }

  /** The evidence so far, in canonical form. */
  evidence(about: LogRun): Evidence {
    const timed = Number.isFinite(this.first);
    const started = about.epoch && timed ? new Date(this.first * 1000) : undefined;
    const run: Run = {
      id: about.id ?? "",
      source: about.source,
      purpose: "import",
      target: { kind: "log", path: about.file },
      tool: about.tool,
      finished: true,
      ...(started !== undefined && !Number.isNaN(started.getTime())
        ? { started: started.toISOString() }
        : {}),
      ...(timed ? { seconds: rounded(this.last - this.first) } : {}),
    };
    const draft = joinEvidence({
      seccraft: "evidence/1",
      runs: [run],
      observations: [...this.#calls.values()]
        .filter(call => call.count > 0)
        .map(call => this.#observation(call, run.id)),
      gaps: [...this.#gaps.values()].map(gap => ({
        run: run.id,
        kind: gap.kind,
        reason: gap.reason,
        ...(gap.offset === undefined
          ? {}
          : { place: { file: about.file, address: `0x${gap.offset.toString(16)}` } }),
        ...(gap.remedy === undefined ? {} : { remedy: gap.remedy }),
        count: gap.count,
      })),
    });
    return about.id === undefined ? withContentId(draft) : draft;
  }

  #observation(call: Call, run: string): Observation {
    return {
      run,
      abi: call.abi,
      number: call.number,
      syscall: call.syscall,
      ...(call.executable === undefined ? {} : { executable: call.executable }),
      ...(call.phase === undefined ? {} : { phase: call.phase }),
      ...(call.label === undefined ? {} : { label: call.label }),
      ...(call.reason === undefined ? {} : { reason: call.reason }),
      count: call.count,
      ...(Number.isFinite(call.first) ? { firstSeen: rounded(call.first - this.first) } : {}),
      ...(call.errnos === undefined ? {} : { errnos: Object.fromEntries(call.errnos) }),
    };
  }
}

/** Logs tell milliseconds or microseconds; the rest is noise of binary fractions. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

/** The same log gives the same id, so that importing it twice adds nothing. */
function withContentId(evidence: Evidence): Evidence {
  const id = `import-${createHash("sha256").update(printEvidence(evidence)).digest("hex").slice(0, 32)}`;
  return joinEvidence({
    ...evidence,
    runs: evidence.runs.map(run => ({ ...run, id })),
    observations: evidence.observations.map(o => ({ ...o, run: id })),
    gaps: evidence.gaps.map(gap => ({ ...gap, run: id })),
  });
}
