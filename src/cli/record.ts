import { readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { runSession, type Session } from "../craft/session.ts";
import { withSessionGaps } from "../craft/craft.ts";
import { nativeEngine } from "../engine/native/native.ts";
import { EXIT, InputError, InterruptedError, UsageError } from "../errors.ts";
import { printEvidence } from "../evidence/codec.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence, Target } from "../evidence/model.ts";
import { requireWritable, writeWhole } from "../files.ts";
import { canTrace } from "../linux/features.ts";
import { formatEvidence } from "../output/format.ts";
import { chooseRecorder } from "../record/choose.ts";
import type { NewCall, Recording, Scope } from "../record/recorder.ts";
import type { RecordCliOptions } from "./commands/record.ts";
import { GrowingFile } from "./growing.ts";
import { openWorkspace } from "./workspace.ts";

const CHECKPOINT_MS = 1000;
const LOOK_MS = 200;

/** The whole of `seccraft record`; returns the exit code. */
export async function runRecord(
  argv: readonly string[],
  options: RecordCliOptions,
  signal: AbortSignal,
): Promise<number> {
  const scope = scopeOf(argv, options);
  if (options.output !== undefined) requireWritable(options.output);
  const folder = await openWorkspace();
  try {
    const growing = options.evidence === undefined ? undefined : new GrowingFile(options.evidence, folder);
    const recorder =
      scope.kind === "launch"
        ? chooseRecorder(options.recorder, canTrace)
        : chooseRecorder(options.recorder === "auto" ? "ebpf" : options.recorder, canTrace);
    const recording = await recorder.open({
      scope,
      target: targetOf(scope, argv),
      purpose: "observe",
      phase: scope.kind === "launch" ? "startup" : "serving",
      folder,
      ...(options.follow === true ? { onNew: followLine } : {}),
    });
    return await watch(recording, { scope, argv, options, growing, signal });
  } finally {
    await folder.close();
  }
}

function scopeOf(argv: readonly string[], options: RecordCliOptions): Scope {
  const wanted = [argv.length > 0, options.pid !== undefined, options.cgroup !== undefined].filter(
    Boolean,
  ).length;
  if (wanted !== 1) throw new UsageError("say one of: a command after --, --pid PID, or --cgroup PATH");
  if (options.pid !== undefined) {
    requireProcess(options.pid);
    return { kind: "process", pid: options.pid };
  }
  return options.cgroup === undefined ? { kind: "launch" } : { kind: "cgroup", path: options.cgroup };
}

function requireProcess(pid: number): void {
  if (!isAlive(pid)) throw new InputError(`there is no process ${pid}`, { field: "--pid" });
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\t[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}

function targetOf(scope: Scope, argv: readonly string[]): Target {
  if (scope.kind === "launch") return { kind: "command", argv, directory: process.cwd() };
  return scope.kind === "cgroup" ? { kind: "cgroup", path: scope.path } : { kind: "process", pid: scope.pid };
}

function followLine(call: NewCall): void {
  process.stdout.write(`${call.syscall}\t${call.abi}\t${call.executable ?? ""}\n`);
}

interface Watch {
  readonly scope: Scope;
  readonly argv: readonly string[];
  readonly options: RecordCliOptions;
  readonly growing: GrowingFile | undefined;
  readonly signal: AbortSignal;
}

async function watch(recording: Recording, about: Watch): Promise<number> {
  const { scope, argv, options, growing, signal } = about;
  const timer = setInterval(() => growing?.checkpoint(printEvidence(recording.snapshot())), CHECKPOINT_MS);
  let failure: unknown;
  let session: Session | undefined;
  try {
    if (scope.kind === "launch") {
      try {
        session = await launch(recording, argv, options, signal);
      } catch (error) {
        // What was seen is true all the same, and worth keeping.
        failure = error;
      }
    } else {
      await waitForEnd(scope, options, signal);
    }
    clearInterval(timer);
    let evidence = await recording.finish();
    // What was never started gives no profile.
    if (failure !== undefined && evidence.observations.length === 0) throw failure;
    if (session !== undefined) evidence = withSessionGaps(evidence, session);
    if (scope.kind === "process") evidence = withActiveFilter(evidence, scope.pid);
    growing?.finish(printEvidence(evidence));
    deliver(evidence, options);
  } finally {
    clearInterval(timer);
    await recording.abandon();
  }
  if (failure instanceof InterruptedError) return EXIT.interrupted;
  if (failure !== undefined) throw failure;
  return EXIT.ok;
}

async function launch(
  recording: Recording,
  argv: readonly string[],
  options: RecordCliOptions,
  signal: AbortSignal,
): Promise<Session> {
  const ready = options.ready ?? { kind: "exit" as const };
  return await runSession(
    nativeEngine(),
    { argv, ready, exercises: options.exercise, timeoutMs: options.timeout, expectedExit: undefined },
    { ...recording.needs, stdin: "inherit", output: options.output === undefined ? "stderr" : "inherit" },
    {
      onStart: running => recording.attach(running),
      onPhase: phase => recording.setPhase(phase),
      signal,
      politeWhenAborted: true,
    },
  );
}

async function waitForEnd(scope: Scope, options: RecordCliOptions, signal: AbortSignal): Promise<void> {
  const until = options.duration === undefined ? Infinity : performance.now() + options.duration;
  while (!signal.aborted && performance.now() < until) {
    if (scope.kind === "process" && !isAlive(scope.pid)) return;
    const wait = Math.min(LOOK_MS, until - performance.now());
    await sleep(wait, undefined, { signal }).catch(() => undefined);
  }
}

/** A filter that is in force already hides what it kills, and what it denies is seen by its answer only. */
function withActiveFilter(evidence: Evidence, pid: number): Evidence {
  const [run] = evidence.runs;
  let status = "";
  try {
    status = readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return evidence;
  }
  if (run === undefined || !/^Seccomp:\t2$/m.test(status)) return evidence;
  const reason =
    "the process runs under a seccomp filter: what the filter answers with an errno was seen, what it would have done afterwards was not";
  const remedy = "Record it once more under a profile that allows everything.";
  return joinEvidence(evidence, {
    seccraft: "evidence/1",
    runs: [],
    observations: [],
    gaps: [{ run: run.id, kind: "active-filter", reason, remedy }],
  });
}

function deliver(evidence: Evidence, options: RecordCliOptions): void {
  if (options.follow === true && options.output === undefined) return;
  const text = formatEvidence(evidence, options.format);
  if (options.output === undefined) process.stdout.write(text);
  else writeWhole(options.output, text);
}
