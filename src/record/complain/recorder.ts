import process from "node:process";
import { compileProfile, compileUniform, loadFlags } from "../../profile/compile.ts";
import type { Running } from "../../engine/engine.ts";
import { launcherFile } from "../../engine/native/launcher.ts";
import { MachineError } from "../../errors.ts";
import { joinEvidence } from "../../evidence/join.ts";
import type { Evidence, Gap, Observation, Phase, Run } from "../../evidence/model.ts";
import { auditStatus } from "../../linux/audit.ts";
import { enterAuditSession } from "../../linux/loginuid.ts";
import { LOG } from "../../profile/action.ts";
import { resolveProfile } from "../../profile/resolve.ts";
import { TOOL } from "../../version.ts";
import { type Block, SLACK_BYTES } from "../logs/blocks.ts";
import type { LogFilter } from "../logs/filter.ts";
import { LogImport } from "../logs/import.ts";
import type { LaunchNeeds, Recorder, Recording, RecordingOptions } from "../recorder.ts";
import { newRun } from "../run.ts";
import { machineAbis, thisHost } from "../host.ts";
import { complainProfile } from "./profile.ts";
import type { LogChannel } from "./protocol.ts";
import { StartedProcesses } from "./tree.ts";
import { LogWatch } from "./watch.ts";

/**
 * Loads a filter that logs, and reads the log: the only way on hosts where neither eBPF nor notification may be used.
 * Sees no results and no arguments, and only what nothing throttles; what got lost becomes a gap. Needs root.
 * @param channel `auto`: audit's own socket where it can be read, else the kernel's log
 */
export function complainRecorder(channel: LogChannel | "auto"): Recorder {
  return { name: "complain", open: options => ComplainRecording.open(options, channel) };
}

/** The phases begin at these times, in seconds since the epoch. */
interface Boundary {
  readonly phase: Phase;
  readonly at: number;
}

const CAPABILITIES_UNSEEN: Omit<Gap, "run"> = {
  kind: "capabilities-unseen",
  reason: "for want of which capabilities calls failed is not known: complain mode does not see it",
  remedy: "Use --recorder ebpf.",
};

const STAMP = /audit\((\d{10}\.\d{3}):/;

/** What we call the target where records are told apart by their processes. */
const OURS = new Set(["target"]);
const OTHERS = ["other"];
/** Records of a container runtime's own process in a container. */
const RUNTIME_RECORD = / pid=(\d+) comm="runc:\[/g;

interface Parts {
  readonly watch: LogWatch;
  readonly log: LogImport;
  readonly run: Run;
  readonly started: StartedProcesses | undefined;
}

class ComplainRecording implements Recording {
  readonly needs: LaunchNeeds;
  /** Of a container that a daemon starts. */
  readonly #started: StartedProcesses | undefined;
  /** What came before it was known whose is whose. */
  readonly #held: Buffer[] = [];
  readonly #options: RecordingOptions;
  readonly #run: Run;
  readonly #log: LogImport;
  readonly #watch: LogWatch;
  readonly #startedNs = process.hrtime.bigint();
  readonly #boundaries: Boundary[] = [];
  readonly #gaps: Omit<Gap, "run">[] = [];
  #finished: Evidence | undefined;
  #bytes = 0;

  private constructor(options: RecordingOptions, parts: Parts) {
    this.#options = options;
    this.#watch = parts.watch;
    this.#log = parts.log;
    this.#run = parts.run;
    this.#started = parts.started;
    this.needs = needsOf(options);
  }

  static async open(options: RecordingOptions, channel: LogChannel | "auto"): Promise<ComplainRecording> {
    if (options.scope.kind !== "launch") {
      throw new MachineError(
        "complain mode records what runs under a filter of its own from its start",
        "Use --recorder ebpf for what runs already, or `seccraft import --follow` for what runs under a complain profile.",
      );
    }
    if (process.geteuid?.() !== 0)
      throw new MachineError(
        "only root may read what the kernel logs",
        "Run as root, or use --recorder notify.",
      );
    let recording: ComplainRecording | undefined;
    let started: StartedProcesses | undefined;
    const early: Buffer[] = [];
    const watch = await openChannel(channel, lines => {
      if (recording === undefined) early.push(Buffer.from(lines));
      else recording.#take(lines);
    });
    try {
      // Whoever we start until `attach` is called is the target.
      const session = enterAuditSession();
      started = options.scope.byDaemon === true ? new StartedProcesses() : undefined;
      const run = newRun(watch.channel, options.purpose, options.target);
      const log = new LogImport(
        "records",
        watch.channel,
        { filter: filterOf(session, started), machine: thisHost().abi, tool: TOOL },
        new Map(),
        run.id,
      );
      const status = auditStatus();
      if (status !== undefined) log.startLosses(status.lost);
      log.setPhase(options.phase);
      recording = new ComplainRecording(options, { watch, log, run, started });
      for (const lines of early) recording.#take(lines);
      return recording;
    } catch (error) {
      started?.close();
      await watch.stop();
      throw error;
    }
  }

  attach({ pid }: Pick<Running, "pid">): Promise<void> {
    // What we start from now on is not the target's: exercises, for one.
    enterAuditSession();
    // One that has ended already is looked for among what is logged, at the end.
    if (pid > 0) this.#started?.follow(pid);
    this.#release();
    return Promise.resolve();
  }

  /** Takes what was held, once it is known whose is whose. */
  #release(): void {
    if (this.#started?.following !== true) return;
    for (const lines of this.#held.splice(0)) this.#take(lines);
  }

  setPhase(phase: Phase): void {
    this.#boundaries.push({ phase, at: Date.now() / 1000 });
  }

  snapshot(): Evidence {
    return this.#finished ?? this.#evidence(this.#log.snapshot(), false);
  }

  async finish(): Promise<Evidence> {
    if (this.#finished !== undefined) return this.#finished;
    if (!(await this.#watch.settle())) {
      this.#gaps.push({
        kind: "lost-events",
        reason: "the log was still throttled at the end: the last records did not come",
        remedy: "run `seccraft complain prepare` before the program",
      });
    }
    await this.#watch.stop();
    this.#settleStarted();
    const lost = auditStatus()?.lost;
    if (lost !== undefined) this.#block(Buffer.from(`audit: audit_lost=${lost}\n`));
    this.#finished = this.#evidence(this.#log.finish(), true);
    this.#announce();
    return this.#finished;
  }

  #settleStarted(): void {
    const started = this.#started;
    if (started === undefined) return;
    const text = Buffer.concat(this.#held).toString("latin1");
    if (!started.following)
      started.followOneOf([...text.matchAll(RUNTIME_RECORD)].map(match => Number(match[1])));
    this.#release();
    started.close();
    if (!started.lost) return;
    this.#gaps.push({
      kind: "lost-events",
      reason:
        "the kernel told of more processes that start than could be taken in: the calls of some may lack",
      remedy: "Repeat the run when less goes on on this machine.",
    });
  }

  async abandon(): Promise<void> {
    this.#started?.close();
    await this.#watch.stop();
  }

  /** Lines that were logged, in their order; split where a phase begins. */
  #take(lines: Buffer): void {
    if (this.#started?.following === false) {
      this.#held.push(Buffer.from(lines));
      return;
    }
    // Who made a call was started before.
    this.#started?.update();
    let rest = lines;
    for (let next = this.#boundaries[0]; next !== undefined; next = this.#boundaries[0]) {
      const at = offsetOfTime(rest, next.at);
      if (at === undefined) break;
      this.#block(rest.subarray(0, at));
      rest = rest.subarray(at);
      this.#log.setPhase(next.phase);
      this.#boundaries.shift();
    }
    this.#block(rest);
    this.#announce();
  }

  #block(lines: Buffer): void {
    if (lines.length === 0) return;
    // The reader looks a little beyond both ends.
    const room = Buffer.alloc(lines.length + 2 * SLACK_BYTES);
    lines.copy(room, SLACK_BYTES);
    const block: Block = {
      bytes: room,
      start: SLACK_BYTES,
      end: SLACK_BYTES + lines.length,
      base: this.#bytes - SLACK_BYTES,
      overlong: 0,
    };
    this.#bytes += lines.length;
    this.#log.block(block);
  }

  #announce(): void {
    if (this.#log.records > 0) this.#options.onCalls?.(this.#log.records);
    for (const { abi, syscall, executable } of this.#log.news())
      this.#options.onNew?.({ abi, syscall, executable });
  }

  #evidence(logged: Evidence, finished: boolean): Evidence {
    const seconds = Number(process.hrtime.bigint() - this.#startedNs) / 1e9;
    const launcher = launcherFile();
    const { scope } = this.#options;
    const inContainer = scope.kind === "launch" && scope.container === true;
    const gaps = [...logged.gaps, ...this.#gaps.map(gap => ({ run: this.#run.id, ...gap }))];
    return joinEvidence({
      seccraft: "evidence/1",
      runs: [{ ...this.#run, finished, seconds: Math.round(seconds * 1000) / 1000 }],
      observations: logged.observations.map(seen => (seen.executable === launcher ? asLaunch(seen) : seen)),
      gaps: [
        ...gaps.map(withoutPlace),
        {
          run: this.#run.id,
          kind: "results-unseen",
          reason: "this recorder sees calls, not their results or arguments: errnos are not known",
        },
        ...(inContainer ? [{ run: this.#run.id, ...CAPABILITIES_UNSEEN }] : []),
      ],
    });
  }
}

function filterOf(session: number, started: StartedProcesses | undefined): LogFilter {
  if (started === undefined) return { sessions: new Set([session]) };
  return { containers: OURS, containersOf: pid => (started.has(pid) ? [...OURS] : OTHERS) };
}

/** Between loading the filter and the program's start the launcher calls execve and nothing else. */
function asLaunch(seen: Observation): Observation {
  const launch: { -readonly [Key in keyof Observation]: Observation[Key] } = { ...seen };
  delete launch.executable;
  return { ...launch, phase: "runtime", label: "container-runtime" };
}

/** An offset in a log that nobody has is no place. */
function withoutPlace(gap: Gap): Gap {
  const bare: { -readonly [Key in keyof Gap]: Gap[Key] } = { ...gap };
  delete bare.place;
  return bare;
}

/** Where the first line begins whose record is of this time or later; undefined when there is none. */
function offsetOfTime(lines: Buffer, at: number): number | undefined {
  for (let start = 0; start < lines.length; ) {
    const newline = lines.indexOf(10, start);
    const end = newline < 0 ? lines.length : newline + 1;
    const stamp = STAMP.exec(lines.toString("latin1", start, Math.min(end, start + 256)))?.[1];
    // Audit's clock ticks every few milliseconds, and so lags behind ours.
    if (stamp !== undefined && Number(stamp) >= at) return start;
    start = end;
  }
  return undefined;
}

async function openChannel(
  channel: LogChannel | "auto",
  onLines: (lines: Buffer) => void,
): Promise<LogWatch> {
  if (channel !== "auto") return await LogWatch.open(channel, onLines);
  try {
    return await LogWatch.open("audit", onLines);
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    return await LogWatch.open("kernel-log", onLines);
  }
}

function needsOf({ scope, base }: RecordingOptions): LaunchNeeds {
  const isContainer = scope.kind === "launch" && scope.container === true;
  if (isContainer) return { noNewPrivileges: false, profile: complainProfile(base) };
  if (base === undefined)
    return { noNewPrivileges: false, filter: { program: compileUniform(LOG), flags: 0, listener: false } };
  const profile = resolveProfile(base, thisHost());
  const program = compileProfile(profile, { abis: machineAbis(), denyAs: () => LOG });
  return { noNewPrivileges: false, filter: { program, flags: loadFlags(profile), listener: false } };
}
