// What is held against a policy's profile: the calls that a large workload used, and which of the others are high-risk.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { riskOf } from "../../dist/abi/risk.js";
import { compareText } from "../../dist/evidence/canonical.js";
import { DEFAULT_POLICY, deriveProfile } from "../../dist/profile/derive.js";
import { acceptedBy } from "../../dist/profile/policies.js";

/** Programs of the table of co-use that a target must not be judged by: itself, and others of the same interpreter. */
const PYTHON = ["python http.server", "python3 worker"];
const NODE = ["node http"];
export const SAME_PROGRAM = new Map([
  ["python http.server", PYTHON],
  ["python -m http.server", PYTHON],
  ["http-server (npm)", NODE],
  ["express (npm)", NODE],
]);

/** The profile that a policy makes of a target's evidence, without asking the target about itself. */
export function profileOf(evidence, policy, name) {
  return deriveProfile(acceptedBy(evidence, policy, SAME_PROGRAM.get(name) ?? [name]), DEFAULT_POLICY);
}

/** @param used calls that the large workload made without a filter */
export function judgementOf({ provenance, withheld }, used) {
  const surplus = [...provenance.keys()].filter(call => !used.has(call));
  return {
    size: provenance.size,
    ratio: provenance.size / used.size,
    risky: surplus.filter(call => riskOf(call)?.level === "high"),
    missing: [...used].filter(call => !provenance.has(call) && !withheld.has(call)).sort(compareText),
    surplus,
  };
}

/** Only what policies ask for, each once: it fits into a few kilobytes, and nothing in it tells where it was made. */
export function reduced({ seccraft, runs, observations }, name) {
  const seen = new Set();
  return {
    seccraft,
    runs: runs.map(({ id, source, purpose, target, tool, finished }) => ({
      id,
      source,
      purpose,
      target: target.kind === "command" ? { kind: "command", argv: [name] } : target,
      tool,
      finished,
    })),
    observations: observations
      .map(({ run, abi, number, syscall, executable, label, distance, inScripts }) => ({
        run,
        abi,
        number,
        syscall,
        executable,
        label,
        distance,
        inScripts,
      }))
      .filter(observation => {
        const text = JSON.stringify(observation);
        return !seen.has(text) && seen.add(text);
      }),
    gaps: [],
  };
}

export function save(folder, { name, set, evidence, used }) {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name.replaceAll(/\W+/g, "-")}.json`);
  const text = JSON.stringify({ name, set, evidence, used: [...used].sort(compareText) });
  writeFileSync(file, `${text}\n`);
}

/** What `save` wrote there, by file. */
export function saved(folder) {
  return readdirSync(folder)
    .sort()
    .map(file => JSON.parse(readFileSync(path.join(folder, file), "utf8")))
    .map(({ name, evidence, used }) => ({ name, evidence, used: new Set(used) }));
}
