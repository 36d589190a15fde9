import { abiByName, type AbiName } from "../abi/abi.ts";
import { parseArgument } from "../abi/arguments.ts";
import { syscallByName, syscallByNumber, syscallsOf } from "../abi/syscalls.ts";
import { interpret } from "../bpf/interpret.ts";
import type { Program } from "../bpf/program.ts";
import { UsageError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import { type Action, encodeAction } from "./action.ts";
import type { Condition, Host, ProfileDocument } from "./document.ts";
import { ruleApplies } from "./host.ts";
import { type Profile, ruleActionOf } from "./resolve.ts";
import { verdict } from "./verdict.ts";

/** A call whose verdict somebody asks for. */
export interface NamedCall {
  readonly abi: AbiName;
  /** Unsigned. */
  readonly number: number;
  readonly name: string;
  readonly args: readonly bigint[];
}

/**
 * Reads a call from words: a name or number, then up to six arguments as numbers or in the words of the manuals.
 * @throws UsageError for what is no syscall of the ABI, or no value of the argument
 */
export function parseCall(abi: AbiName, words: readonly string[]): NamedCall {
  const [first = "", ...values] = words;
  const numeric = /^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i.test(first) ? Number(first) : undefined;
  const found = numeric === undefined ? syscallByName(abi, first) : syscallByNumber(abi, numeric);
  const number = found?.number ?? numeric;
  if (number === undefined || number > 0xffff_ffff)
    throw new UsageError(
      `${abi} has no syscall ${first}${didYouMean(
        first,
        syscallsOf(abi).map(call => call.name),
      )}`,
    );
  if (values.length > 6) throw new UsageError("a syscall has at most six arguments");
  const name = found?.name ?? `syscall_${number}`;
  const args: bigint[] = [];
  for (const [index, text] of values.entries()) {
    const value = parseArgument(abi, name, index, text, args);
    if (value === undefined) throw new UsageError(`"${text}" is no value of argument ${index} of ${name}`);
    args.push(BigInt.asUintN(64, value));
  }
  return { abi, number, name, args };
}

/** What happens to a call, and why. */
export interface Simulation {
  readonly call: NamedCall;
  readonly action: Action;
  /**
   * Index of the rule in the document that gives this answer to this call. Absent for the default, for answers that
   * the runtime adds, and where libseccomp's merging of rules gives an answer that no rule asks for.
   */
  readonly rule?: number;
  readonly why: "rule" | "default" | "not-listed" | "enosys-stub" | "merged-rules";
  /** Indexes of the instructions that the compiled filter executes. */
  readonly path: readonly number[];
}

function holds(condition: Condition, args: readonly bigint[], bits: 32 | 64): boolean {
  const wide = args[condition.index] ?? 0n;
  const cut = (value: bigint): bigint => (bits === 32 ? value & 0xffff_ffffn : value);
  const [arg, value] = [cut(wide), cut(condition.value)];
  switch (condition.op) {
    case "SCMP_CMP_EQ":
      return arg === value;
    case "SCMP_CMP_NE":
      return arg !== value;
    case "SCMP_CMP_LT":
      return arg < value;
    case "SCMP_CMP_LE":
      return arg <= value;
    case "SCMP_CMP_GE":
      return arg >= value;
    case "SCMP_CMP_GT":
      return arg > value;
    case "SCMP_CMP_MASKED_EQ":
      return (arg & value) === (cut(condition.valueTwo ?? 0n) & value);
  }
}

function ruleMatches(conditions: readonly Condition[], args: readonly bigint[], bits: 32 | 64): boolean {
  const repeated = new Set(conditions.map(condition => condition.index)).size < conditions.length;
  const hold = (condition: Condition): boolean => holds(condition, args, bits);
  return repeated ? conditions.some(hold) : conditions.every(hold);
}

function reason(
  document: ProfileDocument,
  profile: Profile,
  host: Host,
  call: NamedCall,
  action: Action,
): Pick<Simulation, "why" | "rule"> {
  const filter = profile.abis.get(call.abi);
  if (filter === undefined) return { why: "not-listed" };
  if (filter.enosysAbove !== undefined && call.number > filter.enosysAbove) return { why: "enosys-stub" };
  const bits = abiByName(call.abi)?.bits ?? 64;
  const answer = encodeAction(action);
  const rule = (document.syscalls ?? []).findIndex(
    candidate =>
      candidate.names.includes(call.name) &&
      encodeAction(ruleActionOf(candidate)) === answer &&
      ruleApplies(candidate, host) &&
      ruleMatches(candidate.args ?? [], call.args, bits),
  );
  if (rule !== -1) return { why: "rule", rule };
  const isDefault = filter.fallback.kind === "return" && filter.fallback.value === answer;
  return { why: isDefault ? "default" : "merged-rules" };
}

/** What a resolved profile, and the program compiled from it, do with a call. */
export function simulate(
  document: ProfileDocument,
  profile: Profile,
  program: Program,
  host: Host,
  call: NamedCall,
): Simulation {
  const action = verdict(profile, call.abi, call.number, call.args);
  const abi = abiByName(call.abi);
  const native = abiByName(profile.native);
  const data = { number: call.number, arch: abi?.audit ?? 0, args: call.args };
  const { path } = interpret(program, data, native?.bigEndian ?? false);
  return { call, action, path, ...reason(document, profile, host, call, action) };
}
