import type { AbiName } from "../abi/abi.ts";
import { syscallByName } from "../abi/syscalls.ts";
import { olderTwinsOf } from "../abi/twins.ts";
import type { Evidence, Observation } from "../evidence/model.ts";
import { type Action, decodeAction, letsThrough } from "./action.ts";
import { functionFor, type ProfileFunctions } from "./functions.ts";

/** A call that evidence shows and a profile stops. */
export interface Uncovered {
  readonly abi: AbiName;
  readonly number: number;
  readonly name: string;
  /** How the profile answers it. */
  readonly actions: readonly Action[];
  /** False when the profile stops it only with some arguments, and the evidence does not say with which it was made. */
  readonly certain: boolean;
  readonly observations: readonly Observation[];
}

/** Actions that a profile may answer an observed call with, as far as the evidence tells its arguments. */
function possibleActions(profile: ProfileFunctions, observation: Observation): Action[] {
  const { store } = profile;
  const id = functionFor(profile, observation.abi, observation.number);
  const complete = (observation.arguments ?? []).filter(
    argument => argument.complete && argument.values.length > 0,
  );
  // One argument at a time: evidence does not say which values went together.
  let values = store.valuesWith(id, []);
  for (const { index, values: seen } of complete) {
    const known = (value: string): (bigint | undefined)[] => {
      const args: (bigint | undefined)[] = [];
      args[index] = BigInt(value);
      return args;
    };
    const possible = new Set(seen.flatMap(value => store.valuesWith(id, known(value))));
    values = values.filter(value => possible.has(value));
  }
  return values.map(decodeAction);
}

const ENOSYS = 38;

/**
 * Whether a profile answers a call so that libraries use an older one, which the profile lets through, at least with
 * some arguments: `clone3`, and `clone` without new namespaces.
 */
function fallsBack(profile: ProfileFunctions, seen: Observation, actions: readonly Action[]): boolean {
  if (!actions.every(action => letsThrough(action) || (action.kind === "errno" && action.errno === ENOSYS)))
    return false;
  return olderTwinsOf(seen.syscall).some(({ older, fallback }) => {
    const number = syscallByName(seen.abi, older)?.number;
    if (fallback === undefined || number === undefined) return false;
    const answers = profile.store.valuesWith(functionFor(profile, seen.abi, number), []);
    return answers.map(decodeAction).some(letsThrough);
  });
}

/**
 * The calls of evidence that a profile does not surely let through, sorted by ABI and number. Those that it answers
 * with ENOSYS are not among them where libraries then use an older call that it lets through.
 */
export function uncovered(profile: ProfileFunctions, evidence: Evidence): readonly Uncovered[] {
  const found = new Map<
    string,
    { first: Observation; observations: Observation[]; actions: Map<string, Action> }
  >();
  for (const observation of evidence.observations) {
    const actions = possibleActions(profile, observation);
    if (actions.every(letsThrough) || fallsBack(profile, observation, actions)) continue;
    const key = `${observation.abi} ${observation.number}`;
    const known = found.get(key) ?? {
      first: observation,
      observations: [],
      actions: new Map<string, Action>(),
    };
    known.observations.push(observation);
    for (const action of actions) known.actions.set(JSON.stringify(action), action);
    found.set(key, known);
  }
  return [...found.values()]
    .map(({ first, observations, actions }): Uncovered => {
      const all = [...actions.values()];
      return {
        abi: first.abi,
        number: first.number,
        name: first.syscall,
        actions: all.filter(action => !letsThrough(action)),
        certain: !all.some(letsThrough),
        observations,
      };
    })
    .sort((a, b) => (a.abi === b.abi ? a.number - b.number : a.abi < b.abi ? -1 : 1));
}
