import { createHash } from "node:crypto";
import type { AbiName } from "../../abi/abi.ts";
import { syscallsOf, TABLES_LINUX_VERSION } from "../../abi/syscalls.ts";
import type { Decision } from "../../bpf/decision.ts";
import { joinEvidence } from "../../evidence/join.ts";
import type { Evidence, Gap, Observation, Run } from "../../evidence/model.ts";
import { decodeAction } from "../../profile/action.ts";
import { parseProfile } from "../../profile/parse.ts";
import { resolveProfile } from "../../profile/resolve.ts";
import { abisOf, decisionOf } from "../../profile/verdict.ts";

function lets(value: number): boolean {
  const { kind } = decodeAction(value);
  return kind === "allow" || kind === "log";
}

/** Whether a decision lets the call pass always, never, or for some arguments only. */
function passing(
  decision: Decision,
  seen: Map<Decision, "always" | "never" | "sometimes"> = new Map(),
): "always" | "never" | "sometimes" {
  if (decision.kind === "return") return lets(decision.value) ? "always" : "never";
  const known = seen.get(decision);
  if (known !== undefined) return known;
  const [yes, no] = [passing(decision.yes, seen), passing(decision.no, seen)];
  const result = yes === no ? yes : "sometimes";
  seen.set(decision, result);
  return result;
}

/**
 * What a profile allows, as evidence: every syscall that passes on each of its ABIs, for a container without
 * capabilities on the newest kernel that the tables know. Conditions on arguments do not fit into evidence: each is a
 * gap, so that nothing is allowed silently.
 * @throws InputError when it is not a profile.
 */
export function profileEvidence(text: string, file: string, machine: AbiName, tool: string): Evidence {
  const document = parseProfile(text, file);
  const profile = resolveProfile(document, { abi: machine, capabilities: [], kernel: TABLES_LINUX_VERSION });
  const run: Run = {
    id: `profile-${createHash("sha256").update(text).digest("hex").slice(0, 32)}`,
    source: "profile",
    purpose: "import",
    target: { kind: "log", path: file },
    tool,
    finished: true,
  };
  const observations: Observation[] = [];
  const gaps: Gap[] = [];
  for (const { name: abi } of abisOf(profile)) {
    for (const { name, number } of syscallsOf(abi)) {
      const passes = passing(decisionOf(profile, abi, number));
      if (passes === "never") continue;
      observations.push({ run: run.id, abi, number, syscall: name });
      if (passes === "always") continue;
      gaps.push({
        run: run.id,
        kind: "capped",
        reason: `the profile allows ${name} on ${abi} for some arguments only, which evidence does not hold`,
        remedy: "keep the condition by hand, or combine the profiles themselves",
      });
    }
  }
  return joinEvidence({ seccraft: "evidence/1", runs: [run], observations, gaps });
}
