import type { AbiName } from "../abi/abi.ts";
import { describeArgument } from "../abi/arguments.ts";
import { syscallByName, syscallsOf } from "../abi/syscalls.ts";
import type { Evidence } from "../evidence/model.ts";
import { letsThrough } from "../profile/action.ts";
import { profileAllowing, type Policy } from "../profile/derive.ts";
import type { Condition, Host, ProfileDocument, RuleDocument } from "../profile/document.ts";
import { resolveForHost } from "../profile/host.ts";
import { defaultActionOf, resolveProfile, ruleActionOf } from "../profile/resolve.ts";
import { verdict } from "../profile/verdict.ts";

/**
 * What is allowed or not as one: a syscall (`ioctl`), or one use of it (`ioctl(1=0x5401)`), which is a value for each
 * of some of its arguments, as the kernel's filter compares them: all 64 bits.
 */
export type Unit = string;

/** Arguments whose value decides what a call can do: those worth narrowing. By name, indexes as on x86_64. */
const NARROWED: Readonly<Record<string, readonly number[]>> = {
  accept4: [3],
  arch_prctl: [0],
  bpf: [0],
  clone: [0],
  fcntl: [1],
  getsockopt: [1, 2],
  ioctl: [1],
  keyctl: [0],
  madvise: [2],
  memfd_create: [1],
  mmap: [2],
  mprotect: [2],
  mremap: [3],
  open: [1],
  openat: [2],
  personality: [0],
  pipe2: [1],
  prctl: [0],
  ptrace: [0],
  seccomp: [0],
  setns: [1],
  setsockopt: [1, 2],
  socket: [0, 1, 2],
  socketpair: [0, 1, 2],
  unshare: [0],
};
/** More uses than this say that the values are data, not choices. */
const MOST_USES = 32;

export function syscallOf(unit: Unit): string {
  const bracket = unit.indexOf("(");
  return bracket < 0 ? unit : unit.slice(0, bracket);
}

export function isUse(unit: Unit): boolean {
  return unit.endsWith(")");
}

function conditionsOf(unit: Unit): Condition[] {
  return unit
    .slice(unit.indexOf("(") + 1, -1)
    .split(",")
    .map(part => {
      const [index = "0", value = "0"] = part.split("=");
      return { index: Number(index), value: BigInt(value), op: "SCMP_CMP_EQ" as const };
    });
}

/** The use that a call is, or the syscall as a whole where uses are not told apart. */
export function unitOfCall(syscall: string, args: readonly bigint[]): Unit {
  const indexes = NARROWED[syscall];
  if (indexes === undefined) return syscall;
  return useOf(
    syscall,
    indexes.map(index => [index, `0x${(args[index] ?? 0n).toString(16)}`]),
  );
}

function useOf(syscall: string, values: readonly (readonly [number, string])[]): Unit {
  return `${syscall}(${values.map(([index, value]) => `${index}=${value}`).join(",")})`;
}

/** `ioctl(TCGETS)`: a use in words. */
export function describeUnit(unit: Unit, abi: AbiName): string {
  if (!isUse(unit)) return unit;
  const syscall = syscallOf(unit);
  const context: (bigint | undefined)[] = [];
  const conditions = conditionsOf(unit);
  for (const { index, value } of conditions) context[index] = value;
  const words = conditions.map(({ index, value }) => {
    const name = syscallByName(abi, syscall)?.args?.[index];
    const text = describeArgument(abi, syscall, index, value, context);
    return name === undefined ? text : `${name}=${text}`;
  });
  return `${syscall}(${words.join(", ")})`;
}

/**
 * The uses of some syscalls that a recording saw and the start allows, by syscall: every combination of the values of
 * its arguments. Syscalls with values that the recording does not know in full, or with too many, are left out.
 */
export function recordedUses(
  recorded: Evidence,
  syscalls: readonly string[],
  base: Base,
): ReadonlyMap<string, readonly Unit[]> {
  const start = base.start === undefined ? undefined : resolveProfile(base.start, base.host);
  const allowed = (use: Unit): boolean => {
    const args: bigint[] = [0n, 0n, 0n, 0n, 0n, 0n];
    for (const { index, value } of conditionsOf(use)) args[index] = value;
    const number = syscallByName(base.host.abi, syscallOf(use))?.number;
    if (start === undefined) return true;
    return number !== undefined && letsThrough(verdict(start, base.host.abi, number, args));
  };
  const found = new Map<string, readonly Unit[]>();
  for (const syscall of syscalls) {
    const indexes = NARROWED[syscall];
    if (indexes === undefined) continue;
    const values = indexes.map(index => valuesOf(recorded, syscall, index));
    const total = values.reduce((product, list) => product * (list?.length ?? Infinity), 1);
    if (!(total >= 1 && total <= MOST_USES)) continue;
    let uses: (readonly [number, string])[][] = [[]];
    indexes.forEach((index, at) => {
      uses = uses.flatMap(use => (values[at] ?? []).map(value => [...use, [index, value] as const]));
    });
    found.set(syscall, uses.map(use => useOf(syscall, use)).filter(allowed));
  }
  return found;
}

/** Undefined when not all are known. The container runtime's own calls count: they are made under the filter. */
function valuesOf(recorded: Evidence, syscall: string, index: number): readonly string[] | undefined {
  const values = new Set<string>();
  for (const seen of recorded.observations) {
    if (seen.syscall !== syscall) continue;
    const known = seen.arguments?.find(argument => argument.index === index);
    if (known?.complete !== true) return undefined;
    for (const value of known.values) values.add(value);
  }
  return [...values].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
}

/** Where a search starts, and how it denies. */
export interface Base {
  /** Allowed beyond doubt before the search: only what this allows is ever allowed. Undefined: everything. */
  readonly start: ProfileDocument | undefined;
  readonly abis: readonly AbiName[];
  readonly policy: Policy;
  readonly host: Host;
}

/** The syscalls that the start allows at all. */
export function unitsOf(base: Base): readonly string[] {
  const names = new Set<string>();
  const start = base.start === undefined ? undefined : resolveForHost(base.start, base.host);
  const profile = start === undefined ? undefined : resolveProfile(start, base.host);
  const ruled = new Set((start?.syscalls ?? []).filter(lets).flatMap(rule => rule.names));
  for (const abi of base.abis) {
    for (const { name, number } of syscallsOf(abi)) {
      const allowed =
        profile === undefined || ruled.has(name) || letsThrough(verdict(profile, abi, number, []));
      if (allowed) names.add(name);
    }
  }
  return [...names].sort();
}

function lets(rule: RuleDocument): boolean {
  return letsThrough(ruleActionOf(rule));
}

/**
 * The profile that allows these units and nothing else, each only as far as the start allows it. Calls of which a use
 * is listed are allowed in these uses only, unless they are listed as a whole.
 */
export function documentOf(units: readonly Unit[], base: Base): ProfileDocument {
  const whole = new Set(units.filter(unit => !isUse(unit)));
  const uses = units.filter(unit => isUse(unit) && !whole.has(syscallOf(unit)));
  const names = [...new Set([...whole, ...uses.map(syscallOf)])].sort();
  const { document } = profileAllowing(names, base.abis, base.policy);
  const narrowed = new Set(uses.map(syscallOf));
  const conditional = uses.map(
    (use): RuleDocument => ({ names: [syscallOf(use)], action: "SCMP_ACT_ALLOW", args: conditionsOf(use) }),
  );
  const denying = (document.syscalls ?? []).filter(rule => !lets(rule));
  const free = (name: string): boolean => whole.has(name) && !narrowed.has(name);
  return {
    ...document,
    syscalls: [...allowRules(base, names.filter(free)), ...conditional, ...denying],
  };
}

function allowing(names: readonly string[]): RuleDocument[] {
  return names.length === 0 ? [] : [{ names, action: "SCMP_ACT_ALLOW" }];
}

/** For names that are allowed as a whole: the start's own rules about them, conditions included. */
function allowRules(base: Base, names: readonly string[]): RuleDocument[] {
  if (base.start === undefined) return allowing(names);
  const start = resolveForHost(base.start, base.host);
  const wanted = new Set(names);
  const rules = (start.syscalls ?? []).flatMap((rule): RuleDocument[] => {
    const kept = rule.names.filter(name => wanted.has(name));
    return kept.length === 0 ? [] : [{ ...rule, names: kept }];
  });
  const ruled = new Set((start.syscalls ?? []).filter(lets).flatMap(rule => rule.names));
  const byDefault = letsThrough(defaultActionOf(start)) ? names.filter(name => !ruled.has(name)) : [];
  return [...allowing(byDefault), ...rules];
}
