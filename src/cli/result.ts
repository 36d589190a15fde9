import process from "node:process";
import type { Evidence } from "../evidence/model.ts";
import { type EvidenceFormat, formatEvidence } from "../output/format.ts";
import { DEFAULT_POLICY } from "../profile/derive.ts";
import type { RuntimeBase } from "../profile/runtime-base.ts";
import { columnsFor, writeOutput } from "./say.ts";

export interface ResultOptions {
  readonly format: EvidenceFormat;
  readonly runtime?: RuntimeBase;
  /** A file instead of stdout. */
  readonly output?: string;
}

/** Writes what was learned, in the form that the options ask for. @throws InputError when it cannot be written */
export function writeResult(evidence: Evidence, { format, runtime = "none", output }: ResultOptions): void {
  const policy = { ...DEFAULT_POLICY, runtimeBase: runtime };
  const columns = output === undefined ? columnsFor(process.stdout) : Infinity;
  writeOutput(formatEvidence(evidence, format, policy, columns), output);
}
