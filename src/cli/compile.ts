import { readFileSync } from "node:fs";
import { abiByName, type AbiName } from "../abi/abi.ts";
import { disassemble } from "../bpf/disassemble.ts";
import { decodeProgram, encodeProgram, type Program } from "../bpf/program.ts";
import { InputError, UsageError } from "../errors.ts";
import type { Evidence } from "../evidence/model.ts";
import { readBytes } from "../json/read.ts";
import { showAction } from "../output/calls.ts";
import { programAsC } from "../output/c.ts";
import { programAsDot } from "../output/dot.ts";
import { decodeAction } from "../profile/action.ts";
import { compileProgram } from "../profile/compile.ts";
import { resolveProfile } from "../profile/resolve.ts";
import type { CompileCliOptions, DisasmCliOptions } from "./commands/compile.ts";
import { hostOf } from "./host.ts";
import { readProfileInput } from "./inputs.ts";
import { writeOutput } from "./say.ts";

function frequenciesOf(evidence: Evidence): Map<AbiName, Map<number, number>> {
  const found = new Map<AbiName, Map<number, number>>();
  for (const { abi, number, count } of evidence.observations) {
    const ofAbi = found.get(abi) ?? new Map<number, number>();
    ofAbi.set(number, (ofAbi.get(number) ?? 0) + (count ?? 1));
    found.set(abi, ofAbi);
  }
  return found;
}

function nameReturn(value: number): string {
  return showAction(decodeAction(value));
}

function format(program: Program, as: CompileCliOptions["format"], bigEndian: boolean): string | Uint8Array {
  switch (as) {
    case "bytes":
      return encodeProgram(program, bigEndian);
    case "c":
      return programAsC(program, nameReturn, bigEndian);
    case "asm":
      return disassemble(program, nameReturn, bigEndian);
    case "dot":
      return programAsDot(program, nameReturn, bigEndian);
  }
}

/** Prints a profile as a program. @throws InputError */
export async function runCompile(file: string, options: CompileCliOptions): Promise<void> {
  const host = hostOf(options);
  const input = await readProfileInput(file);
  const counted = options.frequencies === undefined ? input : await readProfileInput(options.frequencies);
  if (counted.evidence === undefined && options.frequencies !== undefined) {
    throw new InputError("is a profile, which has no counts; --frequencies takes evidence", {
      file: counted.file,
    });
  }
  const profile = resolveProfile(input.document, host, { enosysStub: options.stub });
  const absent = options.abi?.find(abi => !profile.abis.has(abi));
  if (absent !== undefined) throw new UsageError(`the profile does not list ${absent}`);
  const program = compileProgram(profile, {
    ...(counted.evidence === undefined ? {} : { frequencies: frequenciesOf(counted.evidence) }),
    ...(options.abi === undefined ? {} : { abis: options.abi }),
  });
  writeOutput(format(program, options.format, abiByName(host.abi)?.bigEndian ?? false), options.output);
}

/** Prints a compiled filter. @throws InputError when the bytes are none */
export function runDisasm(file: string, options: DisasmCliOptions): void {
  const bytes = file === "-" ? readFileSync(0) : readBytes(file);
  const bigEndian = options.bigEndian === true;
  const program = decodeProgram(bytes, bigEndian, file === "-" ? "standard input" : file);
  writeOutput(format(program, options.format, bigEndian), undefined);
}
