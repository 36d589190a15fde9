import { riskOf } from "../abi/risk.ts";
import type { CallSite, Evidence, Observation } from "../evidence/model.ts";
import { neverObserved } from "../profile/policies.ts";

const MOST_STEPS = 6;

/**
 * The calls that the code can reach and no run made, the riskiest first, each with one way to it: what to exercise, or
 * to accept as denied. One line a call: name, risk, way; empty when there are none.
 * @param allowed names that the profile allows all the same, which its policy took from static analysis
 */
export function printNeverObserved(evidence: Evidence, allowed: ReadonlySet<string>): string {
  return neverObserved(evidence)
    .map(seen => ({ seen, risk: riskOf(seen.syscall)?.level ?? "low" }))
    .sort((a, b) => rank(a.risk) - rank(b.risk) || compareNames(a.seen, b.seen))
    .map(({ seen, risk }) => {
      const verdict = allowed.has(seen.syscall) ? "allowed" : "denied";
      return `${seen.syscall.padEnd(24)} ${risk.padEnd(8)} ${verdict.padEnd(7)} ${way(seen)}\n`;
    })
    .join("");
}

const LEVELS = ["high", "elevated", "low"];

function rank(level: string): number {
  return LEVELS.indexOf(level);
}

function compareNames(a: Observation, b: Observation): number {
  return a.syscall === b.syscall ? (a.abi < b.abi ? -1 : 1) : a.syscall < b.syscall ? -1 : 1;
}

const SCRIPTS = {
  named: " (scripts ask for it by name)",
  absent: " (no script asks for it)",
  unknown: "",
} as const;

/** `/web: main.main → net.Dial → … → syscall.Syscall` */
function way({ path = [], executable, label, inScripts }: Observation): string {
  if (path.length === 0) return `${executable ?? "?"}: ${label ?? "no way is known"}`;
  const names = path.map(name);
  const shown =
    names.length <= MOST_STEPS
      ? names
      : [...names.slice(0, MOST_STEPS / 2), "…", ...names.slice(-MOST_STEPS / 2)];
  return `${executable ?? path[0]?.file ?? "?"}: ${shown.join(" → ")}${SCRIPTS[inScripts ?? "unknown"]}`;
}

function name({ function: called, file, address }: CallSite): string {
  return called ?? `${file}+${address ?? "?"}`;
}
