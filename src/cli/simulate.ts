import type { AbiName } from "../abi/abi.ts";
import { disassemble } from "../bpf/disassemble.ts";
import type { Program } from "../bpf/program.ts";
import { EXIT, type ExitCode, formatPlace, InputError, UsageError } from "../errors.ts";
import { printJson, type Printable } from "../json/print.ts";
import { printableAction, printableCall, showAction, showCall } from "../output/calls.ts";
import { decodeAction, letsThrough } from "../profile/action.ts";
import { compileProgram } from "../profile/compile.ts";
import { type Host, placeOf, type ProfileDocument } from "../profile/document.ts";
import { type Profile, resolveProfile } from "../profile/resolve.ts";
import { type NamedCall, parseCall, simulate, type Simulation } from "../profile/simulate.ts";
import type { SimulateCliOptions } from "./commands/simulate.ts";
import { hostOf } from "./host.ts";
import { readInput, readProfileInput } from "./inputs.ts";
import { simulateTrace } from "./simulate-trace.ts";
import { show, writeOutput } from "./say.ts";

interface Setting {
  readonly document: ProfileDocument;
  readonly profile: Profile;
  readonly program: Program;
  readonly host: Host;
}

function showWhy(setting: Setting, { why, rule }: Simulation): string {
  switch (why) {
    case "rule":
      return `rule ${formatPlace(placeOf(setting.document, ["syscalls", rule ?? 0]))}`;
    case "default":
      return "the default action";
    case "not-listed":
      return "the ABI is not in the profile's architectures";
    case "enosys-stub":
      return "runc answers so above the highest number that the profile names";
    case "merged-rules":
      return "no single rule: it comes from how libseccomp merges overlapping rules";
  }
}

function showPath(setting: Setting, path: readonly number[]): string {
  const lines = disassemble(setting.program, value => showAction(decodeAction(value))).split("\n");
  return path.map(index => `    ${lines[index] ?? ""}\n`).join("");
}

function printableSimulation(setting: Setting, result: Simulation): Printable {
  const { abi, number, name, args } = result.call;
  return {
    ...printableCall(abi, number, name, args),
    action: printableAction(result.action),
    why: result.why,
    rule: result.rule,
    place:
      result.rule === undefined
        ? undefined
        : formatPlace(placeOf(setting.document, ["syscalls", result.rule])),
    path: result.path,
  };
}

function readCalls(abi: AbiName): NamedCall[] {
  return readInput("-")
    .split("\n")
    .flatMap((line, index) => {
      const words = line.trim().split(/\s+/);
      if (words[0] === "" || words[0]?.startsWith("#") === true) return [];
      try {
        return [parseCall(abi, words)];
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        throw new InputError(error.message, { file: "standard input", line: index + 1 });
      }
    });
}

/** Exit code 1 when a call is stopped. @throws InputError, UsageError */
export async function runSimulate(
  file: string,
  words: readonly string[],
  options: SimulateCliOptions,
): Promise<ExitCode> {
  const host = hostOf(options);
  const { document } = await readProfileInput(file);
  const profile = resolveProfile(document, host);
  const setting: Setting = { document, profile, host, program: compileProgram(profile) };
  if (options.strace !== undefined) {
    if (words.length > 0) throw new UsageError("--strace brings its own calls");
    return simulateTrace(options.strace, profile, options);
  }
  const abi = options.abi ?? host.abi;
  const calls = words.length > 0 ? [parseCall(abi, words)] : readCalls(abi);
  const results = calls.map(call => simulate(document, profile, setting.program, host, call));
  if (options.json === true) {
    const list = results.map(result => printableSimulation(setting, result));
    writeOutput(printJson({ seccraft: "simulate/1", calls: list }), undefined);
  } else {
    for (const result of results) {
      const call = showCall(result.call.abi, result.call.name, result.call.args);
      show(`${call}: ${showAction(result.action)}, by ${showWhy(setting, result)}\n`);
      if (options.path === true) show(showPath(setting, result.path));
    }
  }
  return results.every(result => letsThrough(result.action)) ? EXIT.ok : EXIT.findings;
}
