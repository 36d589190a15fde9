import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { abisOfMachine } from "../abi/abi.ts";
import { syscallByNumber } from "../abi/syscalls.ts";
import { EXIT, InputError, MachineError, type ExitCode } from "../errors.ts";
import { printEvidence } from "../evidence/codec.ts";
import type { Evidence } from "../evidence/model.ts";
import { ensureFolder, requireWritable, writeWhole } from "../files.ts";
import { startInBackground, tellFailure, tellReady } from "../linux/background.ts";
import { processStat } from "../linux/processes.ts";
import { readText } from "../json/read.ts";
import { printTracedProfile } from "../output/traced.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { parseProfile } from "../profile/parse.ts";
import { ebpfRecorder } from "../record/ebpf/recorder.ts";
import type { HookCliOptions } from "./commands/hook.ts";
import { print } from "./say.ts";
import { openWorkspace } from "./workspace.ts";

const ANNOTATION = "io.containers.trace-syscall";
const MAX_STATE_BYTES = 4 << 20;
/** How long a runtime is kept waiting. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 10;

/** What a runtime tells a hook: `State` of the OCI runtime specification. */
interface ContainerState {
  readonly id: string;
  readonly pid: number;
  readonly annotation: string;
}

/** Where a recording goes, and the profile that it is added to. */
interface Files {
  readonly output: string;
  readonly input: string | undefined;
}

/** The whole of `seccraft hook`. */
export async function runHook(options: HookCliOptions): Promise<ExitCode> {
  if (options.print === true) {
    print(hooksFile());
    return EXIT.ok;
  }
  if (options.attach !== undefined) return await recordInBackground(options.attach, options);
  try {
    await startRecording(options);
  } catch (error) {
    if (options.keepGoing !== true) throw error;
    process.stderr.write(`seccraft: this container is not recorded: ${(error as Error).message}\n`);
  }
  return EXIT.ok;
}

/** For hooks.d: oci-hooks(5). The runtime gives hooks no PATH, so that the interpreter is named. */
function hooksFile(): string {
  const script = path.resolve(process.argv[1] ?? "");
  const hook = { path: process.execPath, args: ["node", script, "hook"] };
  const when = { annotations: { "^io\\.containers\\.trace-syscall$": ".*" } };
  return `${JSON.stringify({ version: "1.0.0", hook, when, stages: ["prestart"] }, undefined, 2)}\n`;
}

/** In the hook itself: returns once the recording is attached, which goes on without us. */
async function startRecording(options: HookCliOptions): Promise<void> {
  const state = parseState(readFileSync(0));
  const { output, input } = parseAnnotation(state.annotation);
  if (input !== undefined) parseProfile(readText(input), input);
  if (process.geteuid?.() !== 0)
    throw new MachineError("recording a container needs root", "Rootless containers cannot use this hook.");
  requireWritable(output);
  rmSync(errorFile(output), { force: true });
  const args = ["hook", "--attach", String(state.pid), "--to", output, "--container", state.id];
  if (input !== undefined) args.push("--from", input);
  if (options.evidence !== undefined) {
    ensureFolder(options.evidence);
    args.push("--evidence", path.resolve(options.evidence));
  }
  await startInBackground(args, PATIENCE_MS);
}

function parseState(bytes: Uint8Array): ContainerState {
  const place = { file: "the state on stdin" };
  if (bytes.length > MAX_STATE_BYTES) throw new InputError("is larger than 4 MiB", place);
  let state: { id?: unknown; pid?: unknown; annotations?: Record<string, unknown> } | null;
  try {
    state = JSON.parse(Buffer.from(bytes).toString("utf8")) as typeof state;
  } catch (cause) {
    throw new InputError(
      "is no JSON: this command is called by a container runtime, as its hook; see --print",
      place,
      { cause },
    );
  }
  const annotation = state?.annotations?.[ANNOTATION];
  if (typeof state?.pid !== "number" || !Number.isInteger(state.pid) || state.pid <= 0)
    throw new InputError("names no process", { ...place, field: "pid" });
  if (typeof annotation !== "string")
    throw new InputError("is not there", { ...place, field: `annotations["${ANNOTATION}"]` });
  // It becomes the name of a file.
  if (typeof state.id !== "string" || !/^[\w+.-]+$/.test(state.id) || /^\.+$/.test(state.id))
    throw new InputError("is no id of a container", { ...place, field: "id" });
  return { id: state.id, pid: state.pid, annotation };
}

/** `of:/output[;if:/input]`, in either order. */
function parseAnnotation(annotation: string): Files {
  const refuse = (reason: string): never => {
    throw new InputError(`${JSON.stringify(annotation)}: ${reason}`, { field: ANNOTATION });
  };
  const parts = annotation.split(";");
  if (parts.length > 2) refuse("has more than one semicolon");
  const found = new Map<string, string>();
  for (const part of parts) {
    const [prefix, file] = [part.slice(0, 3), part.slice(3).trim()];
    if (prefix !== "of:" && prefix !== "if:") refuse("its parts begin with of: or if:");
    if (!path.isAbsolute(file)) refuse(`${prefix} needs an absolute path`);
    found.set(prefix, file);
  }
  const output = found.get("of:") ?? refuse("of: is missing");
  return { output, input: found.get("if:") };
}

/** Where it is told that a recording failed, when nobody waits for us any more. */
function errorFile(output: string): string {
  return `${output}.error`;
}

/** In the background: records until the container's first process has ended, and writes the profile. */
async function recordInBackground(pid: number, options: HookCliOptions): Promise<ExitCode> {
  const output = options.to ?? "";
  let attached = false;
  try {
    const started = processStat(pid)?.started;
    if (started === undefined) throw new InputError(`there is no process ${pid}`);
    const folder = await openWorkspace();
    try {
      const recording = await ebpfRecorder.open({
        scope: { kind: "starting", pid },
        target: { kind: "container", id: options.container ?? "" },
        purpose: "observe",
        phase: "startup",
        folder,
      });
      tellReady();
      attached = true;
      while (isRunning(pid, started)) await sleep(LOOK_MS);
      deliver(await recording.finish(), options, output);
    } finally {
      await folder.close();
    }
    return EXIT.ok;
  } catch (error) {
    if (attached) writeWhole(errorFile(output), `${(error as Error).message}\n`);
    else tellFailure((error as Error).message);
    return EXIT.findings;
  }
}

function isRunning(pid: number, started: string): boolean {
  const stat = processStat(pid);
  return stat !== undefined && stat.started === started && stat.state !== "Z" && stat.state !== "X";
}

function deliver(evidence: Evidence, options: HookCliOptions, output: string): void {
  // A filter's denials are not calls that were made.
  const made = evidence.observations.filter(({ reason }) => reason === undefined);
  const named = made.filter(({ abi, number }) => syscallByNumber(abi, number) !== undefined);
  const abis = new Set(named.map(({ abi }) => abi));
  const [native] = abisOfMachine(process.arch);
  if (native !== undefined) abis.add(native.name);
  const architectures = abisOfMachine(process.arch).filter(abi => abis.has(abi.name));
  const input: ProfileDocument | undefined =
    options.from === undefined ? undefined : parseProfile(readText(options.from), options.from);
  const text = printTracedProfile(
    input,
    named.map(({ syscall }) => syscall),
    architectures.map(({ scmp }) => scmp),
  );
  // Whoever waits for the profile finds the evidence.
  if (options.evidence !== undefined)
    writeWhole(path.join(options.evidence, `${options.container ?? ""}.json`), printEvidence(evidence));
  writeWhole(output, text);
}
