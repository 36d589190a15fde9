import process from "node:process";
import { release } from "node:os";
import { abisOfMachine, type AbiName } from "../abi/abi.ts";
import type { FilterToLoad } from "../engine/engine.ts";
import { MachineError } from "../errors.ts";
import { NOTIFY } from "../profile/action.ts";
import { compileProfile, loadFlags } from "../profile/compile.ts";
import { DOCKER_CAPABILITIES, type Host, type ProfileDocument } from "../profile/document.ts";
import { resolveProfile } from "../profile/resolve.ts";

/** A profile in the two forms in which a target is started under it on this machine. */
export interface Filters {
  /** The profile itself, as the kernel enforces it. */
  readonly enforced: FilterToLoad;
  /** The same, but every denial goes to a supervisor. */
  readonly reported: FilterToLoad;
}

/** This machine, as far as profiles ask for it. */
export function thisHost(): Host {
  return { abi: machineAbis()[0] as AbiName, capabilities: DOCKER_CAPABILITIES, kernel: release() };
}

function machineAbis(): AbiName[] {
  const abis = abisOfMachine(process.arch).map(abi => abi.name);
  if (abis.length === 0)
    throw new MachineError(`seccraft cannot load filters on ${process.arch}`, "Run it on x86_64 or aarch64.");
  return abis;
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
