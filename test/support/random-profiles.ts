import { abiByScmp, type AbiName } from "../../src/abi/abi.ts";
import { syscallByName, syscallsOf } from "../../src/abi/syscalls.ts";
import {
  type ActionName,
  type ArchName,
  type Condition,
  OPERATOR_NAMES,
  type ProfileDocument,
  type RuleDocument,
} from "../../src/profile/document.ts";
import type { Random } from "./random.ts";

const MAX64 = 0xffff_ffff_ffff_ffffn;

/** Values at which comparisons change, and where halves and signs do. */
export function interestingValue(random: Random): bigint {
  const kind = random.below(10);
  if (kind < 4) return BigInt(random.below(6));
  if (kind === 4) return BigInt(random.below(4)) << 32n;
  if (kind === 5) return (BigInt(random.below(4)) << 32n) | BigInt(random.below(4));
  if (kind === 6) return MAX64 - BigInt(random.below(3));
  if (kind === 7) return 0xffff_ffffn - BigInt(random.below(3));
  if (kind === 8) return 1n << BigInt(random.below(64));
  return random.wide();
}

export function randomCondition(random: Random, index: number): Condition {
  const op = random.pick(OPERATOR_NAMES);
  if (op !== "SCMP_CMP_MASKED_EQ") return { index, value: interestingValue(random), op };
  const mask = interestingValue(random);
  const datum = interestingValue(random);
  return { index, value: mask, valueTwo: random.chance(0.8) ? datum & mask : datum, op };
}

export function randomConditions(random: Random, most: number): Condition[] {
  const indexes = [0, 1, 2, 3, 4, 5];
  const count = random.below(most + 1);
  const conditions: Condition[] = [];
  for (let i = 0; i < count; i++) {
    // Few arguments make overlaps likely; now and then one index twice.
    const index = random.pick(indexes.slice(0, random.chance(0.8) ? 2 : 6));
    if (random.chance(0.9) && conditions.some(known => known.index === index)) continue;
    conditions.push(randomCondition(random, index));
  }
  return conditions;
}

const RULE_ACTIONS: readonly ActionName[] = [
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_TRAP",
  "SCMP_ACT_LOG",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_TRACE",
];
const DEFAULT_ACTIONS: readonly ActionName[] = [
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_KILL",
  "SCMP_ACT_LOG",
];

export interface ProfileShape {
  readonly rules: number;
  readonly conditions: number;
  readonly names: readonly string[];
  readonly architectures: readonly ArchName[];
}

function withErrno(random: Random, action: ActionName): { action: ActionName; errnoRet?: number } {
  const takes = action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";
  return takes && random.chance(0.6) ? { action, errnoRet: random.below(5) } : { action };
}

export function randomRule(random: Random, shape: ProfileShape): RuleDocument {
  const names = Array.from({ length: 1 + random.below(3) }, () => random.pick(shape.names));
  const conditions = random.chance(0.75) ? randomConditions(random, shape.conditions) : [];
  return {
    names: [...new Set(names)],
    ...withErrno(random, random.pick(RULE_ACTIONS)),
    ...(conditions.length === 0 ? {} : { args: conditions }),
  };
}

/** A profile whose rules overlap more than any real one's. */
export function randomProfile(random: Random, shape: ProfileShape): ProfileDocument {
  const { action, errnoRet } = withErrno(random, random.pick(DEFAULT_ACTIONS));
  const architectures = shape.architectures.filter(() => random.chance(0.6));
  return {
    defaultAction: action,
    ...(errnoRet === undefined ? {} : { defaultErrnoRet: errnoRet }),
    architectures,
    syscalls: Array.from({ length: 1 + random.below(shape.rules) }, () => randomRule(random, shape)),
  };
}

export interface Call {
  readonly abi: AbiName;
  readonly number: number;
  readonly args: readonly bigint[];
}

/** A call near the edges of what a profile's rules look at. */
export function randomCall(random: Random, document: ProfileDocument, abis: readonly AbiName[]): Call {
  const abi = random.pick(abis);
  const rule = random.pick(document.syscalls ?? []);
  const name = random.pick(rule.names);
  const known = syscallByName(abi, name)?.number;
  const table = syscallsOf(abi);
  const number =
    known !== undefined && random.chance(0.85)
      ? known
      : random.chance(0.5)
        ? random.pick(table).number
        : random.pick([
            0,
            101,
            102,
            117,
            600,
            1023,
            0x3fff_ffff,
            0x4000_0000,
            0x4000_0001,
            0xffff_ffff,
            random.word(),
          ]);
  const conditions = (document.syscalls ?? []).flatMap(each =>
    each.names.includes(name) ? (each.args ?? []) : [],
  );
  const args = [0, 1, 2, 3, 4, 5].map(index => {
    const of = conditions.filter(condition => condition.index === index);
    if (of.length === 0 || random.chance(0.2)) return interestingValue(random);
    const condition = random.pick(of);
    const base = condition.op === "SCMP_CMP_MASKED_EQ" ? (condition.valueTwo ?? 0n) : condition.value;
    const nudge = random.pick([0n, 0n, 0n, 1n, -1n, 1n << 32n, -(1n << 32n), 1n << BigInt(random.below(64))]);
    return (base + nudge) & MAX64;
  });
  return { abi, number, args };
}

/** ABI names of a profile's architectures, the native one first. */
export function abisOfDocument(document: ProfileDocument, native: AbiName): AbiName[] {
  const listed = (document.architectures ?? []).flatMap(name => abiByScmp(name)?.name ?? []);
  return [...new Set([native, ...listed])];
}
