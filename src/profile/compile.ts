import { type Abi, abiByName, type AbiName } from "../abi/abi.ts";
import { assemble } from "../bpf/assemble.ts";
import { mapOutcomes, outcome } from "../bpf/decision.ts";
import type { ArchPlan, FilterPlan, NumberRange } from "../bpf/plan.ts";
import { BPF, encodeProgram, type Program } from "../bpf/program.ts";
import { type Action, decodeAction, encodeAction, letsThrough } from "./action.ts";
import type { FlagName } from "./document.ts";
import type { Profile } from "./resolve.ts";
import { decisionOf } from "./verdict.ts";

export interface CompileOptions {
  /** ABIs of the machine that will run the filter, its own first; all that the profile lists when absent. */
  readonly abis?: readonly AbiName[];
  /** Replaces each action that does not let a call through (ALLOW and LOG do), the default and unlisted ABIs too. */
  readonly denyAs?: (action: Action) => Action;
  /** Calls by ABI and number and how often each was made; frequent ones are found with fewer instructions. */
  readonly frequencies?: ReadonlyMap<AbiName, ReadonlyMap<number, number>>;
}

const X32_BIT = 0x4000_0000;

/** The numbers at which the decision of an arch may change. */
function boundaries(profile: Profile, abis: readonly AbiName[]): number[] {
  const points = new Set<number>([0]);
  const around = (number: number): void => {
    points.add(number);
    if (number < 0xffff_ffff) points.add(number + 1);
  };
  for (const name of abis) {
    const filter = profile.abis.get(name);
    if (filter === undefined) continue;
    for (const number of filter.numbers.keys()) around(number);
    if (filter.enosysAbove !== undefined) around(filter.enosysAbove);
  }
  if (abis.includes("x86_64")) points.add(X32_BIT).add(0xffff_ffff);
  return [...points].sort((a, b) => a - b);
}

function archPlan(profile: Profile, abi: Abi, options: CompileOptions): ArchPlan {
  const family: readonly AbiName[] = abi.name === "x86_64" ? ["x86_64", "x32"] : [abi.name];
  const ranges: NumberRange[] = boundaries(profile, family).map(from => ({
    from,
    decision: decisionOf(profile, abi.name, from),
  }));
  const frequencies = new Map(family.flatMap(name => [...(options.frequencies?.get(name) ?? [])]));
  return frequencies.size === 0 ? { audit: abi.audit, ranges } : { audit: abi.audit, ranges, frequencies };
}

function planOf(profile: Profile, options: CompileOptions): FilterPlan {
  const names = options.abis ?? [...profile.abis.keys()];
  // x32 is a part of x86_64's plan; an ABI that is not listed needs no plan.
  const own = names.map(name => (name === "x32" ? "x86_64" : name));
  const listed = (name: AbiName): boolean =>
    profile.abis.has(name) || (name === "x86_64" && profile.abis.has("x32"));
  const abis = [...new Set(own)].filter(listed).flatMap(name => abiByName(name) ?? []);
  return {
    arches: abis.map(abi => archPlan(profile, abi, options)),
    other: outcome(encodeAction(profile.unlisted)),
  };
}

/**
 * Compiles a profile to the classic BPF that the kernel loads.
 * @throws InputError when it needs more than the kernel's 4096 instructions
 */
export function compileProgram(profile: Profile, options: CompileOptions = {}): Program {
  const { denyAs } = options;
  const bigEndian = abiByName(profile.native)?.bigEndian ?? false;
  const plan = planOf(profile, options);
  if (denyAs === undefined) return assemble(plan, bigEndian);
  const replace = (value: number): number => {
    const action = decodeAction(value);
    return letsThrough(action) ? value : encodeAction(denyAs(action));
  };
  return assemble(
    {
      arches: plan.arches.map(arch => ({
        ...arch,
        ranges: arch.ranges.map(({ from, decision }) => ({ from, decision: mapOutcomes(decision, replace) })),
      })),
      other: mapOutcomes(plan.other, replace),
    },
    bigEndian,
  );
}

/** The program as the bytes of `struct sock_filter[]`, in the byte order of the profile's native ABI. */
export function compileProfile(profile: Profile, options: CompileOptions = {}): Uint8Array {
  return encodeProgram(compileProgram(profile, options), abiByName(profile.native)?.bigEndian ?? false);
}

/** A filter that answers every call alike, on every ABI. */
export function compileUniform(action: Action, bigEndian = false): Uint8Array {
  return encodeProgram([{ code: BPF.RET_K, jt: 0, jf: 0, k: encodeAction(action) }], bigEndian);
}

/** include/uapi/linux/seccomp.h */
const FLAG_BITS: Readonly<Record<FlagName, number>> = {
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
};

/** The flags to load a profile's filter with; a profile without any is loaded with SPEC_ALLOW, as runc does. */
export function loadFlags(profile: Profile): number {
  const flags = profile.flags ?? ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"];
  return flags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0);
}
