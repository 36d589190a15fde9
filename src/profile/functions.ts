import type { AbiName } from "../abi/abi.ts";
import { type Action, encodeAction } from "./action.ts";
import type { FlagName } from "./document.ts";
import { type FunctionId, FunctionStore } from "./function-store.ts";
import type { Profile } from "./resolve.ts";

/** What a profile does on one ABI, as functions of the arguments to encoded actions. */
export interface AbiFunctions {
  readonly fallback: FunctionId;
  /** Only numbers that differ from the fallback. */
  readonly numbers: ReadonlyMap<number, FunctionId>;
}

/** A profile in the form in which profiles can be combined and compared exactly. */
export interface ProfileFunctions {
  readonly store: FunctionStore;
  readonly native: AbiName;
  readonly abis: ReadonlyMap<AbiName, AbiFunctions>;
  readonly unlisted: Action;
  readonly flags: readonly FlagName[] | undefined;
}

/**
 * A profile as functions. The ENOSYS stub is left out: runc makes it anew for whatever profile it is given.
 * @throws TooComplex when conditions on arguments are
 */
export function functionsOf(profile: Profile, store: FunctionStore = new FunctionStore()): ProfileFunctions {
  const abis = new Map<AbiName, AbiFunctions>();
  for (const [name, filter] of profile.abis) {
    const fallback = store.fromDecision(filter.fallback);
    const numbers = new Map<number, FunctionId>();
    for (const [number, decision] of filter.numbers) {
      const id = store.fromDecision(decision);
      if (id !== fallback) numbers.set(number, id);
    }
    abis.set(name, { fallback, numbers });
  }
  return { store, native: profile.native, abis, unlisted: profile.unlisted, flags: profile.flags };
}

/** The function of one number on one ABI. */
export function functionFor(profile: ProfileFunctions, abi: AbiName, number: number): FunctionId {
  const functions = profile.abis.get(abi);
  if (functions === undefined) return profile.store.constant(encodeAction(profile.unlisted));
  return functions.numbers.get(number) ?? functions.fallback;
}
