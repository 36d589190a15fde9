import type { FilterToLoad } from "../engine/engine.ts";
import { NOTIFY } from "../profile/action.ts";
import { compileProfile, loadFlags } from "../profile/compile.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { resolveProfile } from "../profile/resolve.ts";
import { machineAbis, thisHost } from "../record/host.ts";

/** A profile in the two forms in which a target is started under it on this machine. */
export interface Filters {
  /** The profile itself, as the kernel enforces it. */
  readonly enforced: FilterToLoad;
  /** The same, but every denial goes to a supervisor. */
  readonly reported: FilterToLoad;
}

/** @throws InputError when the profile cannot be compiled. */
export function filtersOf(document: ProfileDocument): Filters {
  const profile = resolveProfile(document, thisHost());
  const abis = machineAbis();
  const flags = loadFlags(profile);
  return {
    enforced: { program: compileProfile(profile, { abis }), flags, listener: false },
    reported: { program: compileProfile(profile, { abis, denyAs: () => NOTIFY }), flags, listener: true },
  };
}
