import { dockerDefaultAllows } from "../abi/docker-default.ts";
import { riskOf } from "../abi/risk.ts";
import type { Printable } from "../json/print.ts";
import { neverObserved } from "../profile/policies.ts";
import { describeReasons } from "../profile/provenance.ts";
import { abisOf, syscallsByPhase, type SummaryOptions } from "./summary.ts";

/** The summary of `craft` for scripts (schema/craft-1.json); lists of names are sorted. */
export function printableSummary(options: SummaryOptions): Printable {
  const { derivation, evidence, completeness, proof } = options;
  const abis = abisOf(derivation);
  const allowed = [...derivation.provenance.keys()];
  const docker = dockerDefaultAllows(abis[0] ?? "x86_64");
  const phases = [...syscallsByPhase(evidence)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    seccraft: "craft/1",
    target: options.title,
    policy: options.policy,
    abis,
    allowed: [...derivation.provenance].map(([syscall, reasons]) => ({
      syscall,
      why: describeReasons(reasons),
      risk: riskOf(syscall)?.level ?? "low",
    })),
    withheld: Object.fromEntries(derivation.withheld),
    dockerDefault: { allowed: docker.size, beyond: allowed.filter(name => !docker.has(name)) },
    sizes: options.sizes,
    phases: Object.fromEntries(phases.map(([phase, names]) => [phase, [...names].sort()])),
    rounds: proof.rounds.map(denials =>
      denials.map(({ syscall, executable }) => ({ syscall, executable: executable ?? null })),
    ),
    enforcedSeconds: proof.enforcedSeconds ?? null,
    capabilities: options.capabilities ?? [],
    completeness: {
      runs: completeness.runs,
      surprises: completeness.surprises,
      unseenProbability: completeness.unseenProbability ?? null,
      unseenProbabilityAtMost: completeness.unseenProbabilityAtMost ?? null,
      confidence: completeness.confidence,
    },
    neverObserved: neverObserved(evidence)
      .map(({ syscall, abi }) => ({
        syscall,
        abi,
        risk: riskOf(syscall)?.level ?? "low",
        allowed: derivation.provenance.has(syscall),
      }))
      .sort((a, b) => (a.syscall + a.abi < b.syscall + b.abi ? -1 : 1)),
    gaps: evidence.gaps.map(({ kind, reason, remedy }) => ({ kind, reason, remedy })),
  };
}
