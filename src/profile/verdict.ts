import { type Abi, abiByName, type AbiName } from "../abi/abi.ts";
import { type Decision, decide, outcome, wordsOf } from "../bpf/decision.ts";
import { type Action, decodeAction, encodeAction } from "./action.ts";
import type { AbiFilter, Profile } from "./resolve.ts";

const X32_BIT = 0x4000_0000;
const NO_CALL = 0xffff_ffff;
const ENOSYS = encodeAction({ kind: "errno", errno: 38 });

/** What one ABI's filter decides for a number. */
function decisionFor(filter: AbiFilter, number: number): Decision {
  const above = filter.enosysAbove;
  if (above !== undefined && number > above) return outcome(ENOSYS);
  return filter.numbers.get(number) ?? filter.fallback;
}

/**
 * What a profile decides for a number on an ABI. x32 calls are those on x86_64 with bit 30 set; where x32 is not
 * listed they count as an ABI that is not listed, only -1 (a call that a tracer cancelled) gets the default.
 */
export function decisionOf(profile: Profile, abi: AbiName, number: number): Decision {
  const unlisted = outcome(encodeAction(profile.unlisted));
  if (abi !== "x86_64" && abi !== "x32") {
    const filter = profile.abis.get(abi);
    return filter === undefined ? unlisted : decisionFor(filter, number);
  }
  const own = profile.abis.get("x86_64");
  const x32 = profile.abis.get("x32");
  if (number < X32_BIT) return own === undefined ? unlisted : decisionFor(own, number);
  if (x32 !== undefined) return decisionFor(x32, number);
  return number === NO_CALL && own !== undefined ? own.fallback : unlisted;
}

/**
 * What the kernel does with a call under a profile.
 * @param number as `seccomp_data.nr` shows it, unsigned, the ABI's base included
 * @param args up to six unsigned 64-bit values; missing ones are 0
 */
export function verdict(profile: Profile, abi: AbiName, number: number, args: readonly bigint[]): Action {
  return decodeAction(decide(decisionOf(profile, abi, number >>> 0), wordsOf(args)));
}

/** The ABIs that a profile says something about, x86_64 before x32. */
export function abisOf(profile: Profile): readonly Abi[] {
  return [...profile.abis.keys()].flatMap(name => abiByName(name) ?? []);
}
