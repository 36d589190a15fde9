import { printEvidence } from "../evidence/codec.ts";
import type { Evidence } from "../evidence/model.ts";
import { DEFAULT_POLICY, deriveProfile, type Policy } from "../profile/derive.ts";
import { printProfile } from "../profile/print.ts";
import { printCallTable } from "./table.ts";

/** Forms in which a command that learns syscalls prints its result. */
export type EvidenceFormat = "oci" | "names" | "table" | "evidence";

/** The result of learning, as text with a newline at its end. @param columns that a table may take */
export function formatEvidence(
  evidence: Evidence,
  format: EvidenceFormat,
  policy: Policy = DEFAULT_POLICY,
  columns: number = Infinity,
): string {
  switch (format) {
    case "oci":
      return printProfile(deriveProfile(evidence, policy).document);
    case "names":
      return `${[...new Set(evidence.observations.map(observation => observation.syscall))].sort().join("\n")}\n`;
    case "table":
      return printCallTable(evidence, columns);
    case "evidence":
      return printEvidence(evidence);
  }
}
