import process from "node:process";
import { runSession, type Session, withSessionGaps } from "../craft/session.ts";
import { nativeEngine } from "../engine/native/native.ts";
import { EXIT, InterruptedError, UsageError } from "../errors.ts";
import { printEvidence } from "../evidence/codec.ts";
import { requireWritable } from "../files.ts";
import { canTrace } from "../linux/features.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import { chooseRecorder, type RecorderChoice } from "../record/choose.ts";
import type { Recording } from "../record/recorder.ts";
import type { RecordCliOptions } from "./commands/record.ts";
import { GrowingFile } from "./growing.ts";
import { deliver, followLine } from "./record-output.ts";
import { recordRunning } from "./record-running.ts";
import { withoutThrottles } from "./throttles.ts";
import { openWorkspace } from "./workspace.ts";
import { RecordView } from "./record-view.ts";

const CHECKPOINT_MS = 1000;

/** The whole of `seccraft record`; returns the exit code. */
export async function runRecord(
  argv: readonly string[],
  options: RecordCliOptions,
  signal: AbortSignal,
): Promise<number> {
  requireOne(argv, options);
  if (options.output !== undefined) requireWritable(options.output);
  const folder = await openWorkspace();
  try {
    if (argv.length === 0) return await recordRunning(options, folder, signal);
    const record = (): Promise<number> => recordCommand(argv, options, folder, signal);
    return choiceOf(options) === "complain" && options.prepare
      ? await withoutThrottles(record)
      : await record();
  } finally {
    await folder.close();
  }
}

/** @throws UsageError unless exactly one kind of target is named */
function requireOne(argv: readonly string[], options: RecordCliOptions): void {
  const running = options.container.length + options.cgroup.length;
  const wanted = [argv.length > 0, options.pid !== undefined, running > 0].filter(Boolean).length;
  if (wanted !== 1)
    throw new UsageError("say one of: a command after --, --pid PID, --container ID, or --cgroup PATH");
  if (argv.length > 0 && options.out !== undefined)
    throw new UsageError("--out is for containers and cgroups; a command has -o and --evidence");
  if (choiceOf(options) !== "complain" && !options.prepare)
    throw new UsageError("--no-prepare goes with --recorder complain");
  if (argv.length === 0 && choiceOf(options) === "complain") {
    throw new UsageError(
      "--recorder complain starts the command itself; for what runs under a complain profile: seccraft import --follow /dev/kmsg",
    );
  }
}

/** Who names a log wants complain mode. */
function choiceOf({ recorder, source }: RecordCliOptions): RecorderChoice {
  if (source === undefined) return recorder;
  if (recorder !== "auto" && recorder !== "complain")
    throw new UsageError(
      `--source says where complain mode reads; it does not go with --recorder ${recorder}`,
    );
  return "complain";
}

async function recordCommand(
  argv: readonly string[],
  options: RecordCliOptions,
  folder: RunFolder,
  signal: AbortSignal,
): Promise<number> {
  const growing = options.evidence === undefined ? undefined : new GrowingFile(options.evidence, folder);
  // Without --ready the terminal is the command's, which may be a dialogue.
  const view = options.ready === undefined || options.follow === true ? undefined : new RecordView();
  const recording = await chooseRecorder(choiceOf(options), canTrace, options.source).open({
    scope: { kind: "launch" },
    target: { kind: "command", argv, directory: process.cwd() },
    purpose: "observe",
    phase: "startup",
    folder,
    ...view?.hooks("command"),
    ...(options.follow === true ? { onNew: followLine } : {}),
  });
  view?.begin();
  const timer = setInterval(() => growing?.checkpoint(printEvidence(recording.snapshot())), CHECKPOINT_MS);
  let failure: unknown;
  let session: Session | undefined;
  try {
    try {
      session = await launch(recording, argv, options, { signal, view });
    } catch (error) {
      // What was seen is true all the same, and worth keeping.
      failure = error;
    }
    clearInterval(timer);
    let evidence = await recording.finish();
    if (failure === undefined) view?.end();
    else view?.stop();
    // What was never started gives no profile.
    if (failure !== undefined && evidence.observations.length === 0) throw failure;
    if (session !== undefined) evidence = withSessionGaps(evidence, session);
    growing?.finish(printEvidence(evidence));
    deliver(evidence, options);
  } finally {
    clearInterval(timer);
    view?.stop();
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
  { signal, view }: { readonly signal: AbortSignal; readonly view: RecordView | undefined },
): Promise<Session> {
  const ready = options.ready ?? { kind: "exit" as const };
  const plain = options.output === undefined ? "stderr" : "inherit";
  // Of what goes to this terminal whole lines pass above the view, and what tells of readiness has to be read.
  const above = view?.live === true && (plain === "stderr" || process.stdout.isTTY);
  const output = above || ready.kind === "log" ? "capture" : plain;
  return await runSession(
    nativeEngine(),
    { argv, ready, exercises: options.exercise, timeoutMs: options.timeout, expectedExit: undefined },
    { ...recording.needs, stdin: "inherit", output },
    {
      onStart: running => {
        if (output === "capture")
          running.onOutput(bytes => (view === undefined ? process.stderr.write(bytes) : view.pass(bytes)));
        return recording.attach(running);
      },
      onPhase: phase => {
        recording.setPhase(phase);
        view?.phase(phase);
      },
      onExercise: (command, index) => view?.exercise(command, index),
      signal,
      politeWhenAborted: true,
    },
  );
}
