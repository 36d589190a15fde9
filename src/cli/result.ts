import type { Evidence } from "../evidence/model.ts";
import { type EvidenceFormat, formatEvidence } from "../output/format.ts";
import { DEFAULT_POLICY } from "../profile/derive.ts";
import type { RuntimeBase } from "../profile/runtime-base.ts";

/** What was learned, in the form that the options ask for. */
export function resultText(
  evidence: Evidence,
  { format, runtime }: { readonly format: EvidenceFormat; readonly runtime: RuntimeBase },
): string {
  return formatEvidence(evidence, format, { ...DEFAULT_POLICY, runtimeBase: runtime });
}
