import { syscallByName } from "../abi/syscalls.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { Evidence, Observation, Target } from "../evidence/model.ts";
import { newRun } from "../record/run.ts";
import type { MinimizeReport } from "./result.ts";
import { syscallOf, type Base } from "./units.ts";

/** What trying showed to be needed, beside what was seen when nothing was denied. */
export function evidenceOf(report: MinimizeReport, recorded: Evidence, target: Target, base: Base): Evidence {
  const run = newRun("brute-force", "minimize", target);
  const names = [...new Set(report.units.map(syscallOf))];
  const observations = names.flatMap(syscall =>
    base.abis.flatMap((abi): Observation[] => {
      const number = syscallByName(abi, syscall)?.number;
      return number === undefined ? [] : [{ run: run.id, abi, number, syscall }];
    }),
  );
  return joinEvidence(recorded, {
    seccraft: "evidence/1",
    runs: [{ ...run, finished: true }],
    observations,
    gaps: [],
  });
}
