import type { AbiName } from "../../abi/abi.ts";
import { syscallByName } from "../../abi/syscalls.ts";
import type { Decision } from "../../bpf/decision.ts";
import { type Action, decodeAction, letsThrough } from "../action.ts";
import type { Profile } from "../resolve.ts";
import { decisionOf } from "../verdict.ts";

/** All actions that a decision can come to. */
function actionsIn(decision: Decision): Action[] {
  const seen = new Set<Decision>();
  const actions = new Map<number, Action>();
  const visit = (at: Decision): void => {
    if (seen.has(at)) return;
    seen.add(at);
    if (at.kind === "return") actions.set(at.value, decodeAction(at.value));
    else {
      visit(at.yes);
      visit(at.no);
    }
  };
  visit(decision);
  return [...actions.values()];
}

/** Whether a profile lets a call through; `absent` when the ABI does not have it. */
export type NameAnswer = "always" | "sometimes" | "never" | "absent";

export function nameAnswer(profile: Profile, abi: AbiName, name: string): NameAnswer {
  const actions = nameActions(profile, abi, name);
  if (actions === undefined) return "absent";
  const open = actions.filter(letsThrough).length;
  if (open === 0) return "never";
  return open === actions.length ? "always" : "sometimes";
}

/** All answers to a call, undefined when the ABI does not have it. */
export function nameActions(profile: Profile, abi: AbiName, name: string): readonly Action[] | undefined {
  const number = syscallByName(abi, name)?.number;
  return number === undefined ? undefined : actionsIn(decisionOf(profile, abi, number));
}
