import { InputError } from "../errors.ts";
import { type Action, encodeAction } from "../profile/action.ts";
import type { Condition, OperatorName, ProfileDocument, RuleDocument } from "../profile/document.ts";
import { defaultActionOf, ruleActionOf } from "../profile/resolve.ts";

const ALL = 0xffff_ffff_ffff_ffffn;
/** Minijail's signs; a masked comparison takes several. */
export const OPERATORS: Readonly<Partial<Record<OperatorName, string>>> = {
  SCMP_CMP_EQ: "==",
  SCMP_CMP_NE: "!=",
  SCMP_CMP_LT: "<",
  SCMP_CMP_LE: "<=",
  SCMP_CMP_GE: ">=",
  SCMP_CMP_GT: ">",
};

function lost(reason: string): never {
  throw new InputError(`a Minijail policy cannot say this: ${reason}`);
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function bitsOf(value: bigint): bigint[] {
  const bits: bigint[] = [];
  for (let bit = 1n; bit <= value; bit <<= 1n) if ((value & bit) !== 0n) bits.push(bit);
  return bits;
}

function atoms({ index, op, value, valueTwo = 0n }: Condition): string[] {
  const operator = OPERATORS[op];
  if (operator !== undefined) return [`arg${index} ${operator} ${hex(value)}`];
  // libseccomp looks at bits inside the mask alone. `in` holds when no bit outside its mask is set, `&` when one is.
  const set = valueTwo & value;
  const clear = value & ~set;
  return [
    ...(clear === 0n ? [] : [`arg${index} in ${hex(ALL & ~clear)}`]),
    ...bitsOf(set).map(bit => `arg${index} & ${hex(bit)}`),
  ];
}

function expression(rules: readonly RuleDocument[]): string {
  const alternatives = rules.map(rule => (rule.args ?? []).flatMap(atoms));
  for (const rule of rules) {
    const indexes = (rule.args ?? []).map(condition => condition.index);
    if (new Set(indexes).size < indexes.length) lost(`two conditions on one argument of ${rule.names[0]}`);
  }
  return alternatives.some(parts => parts.length === 0)
    ? "1"
    : alternatives.map(parts => parts.join(" && ")).join(" || ");
}

/** A policy that allows what it does not name; its lines can only give errnos. */
function denylist(rules: readonly RuleDocument[]): string {
  const answers = new Map<string, number>();
  for (const rule of rules) {
    const action = ruleActionOf(rule);
    if (action.kind === "allow") continue;
    if (action.kind !== "errno" || (rule.args ?? []).length > 0) {
      lost(`${rule.action}, or a condition, for ${rule.names[0]} in a policy that allows the rest`);
    }
    for (const name of rule.names) if (!answers.has(name)) answers.set(name, action.errno);
  }
  const lines = [...answers].sort(([a], [b]) => (a < b ? -1 : 1));
  return `@denylist\n${lines.map(([name, errno]) => `${name}: return ${errno}\n`).join("")}`;
}

const WORDS: Readonly<Partial<Record<Action["kind"], string>>> = {
  "kill-process": "kill-process",
  "kill-thread": "kill-thread",
  trap: "trap",
  log: "log",
};

function line(name: string, rules: readonly RuleDocument[]): string {
  const actions = rules.map(ruleActionOf);
  if (actions.every(action => action.kind === "allow")) return `${name}: ${expression(rules)}`;
  // Of rules without conditions libseccomp takes the first.
  const first = rules.findIndex(rule => (rule.args ?? []).length === 0);
  const only = first === -1 ? undefined : actions[first];
  if (only?.kind === "allow") return `${name}: 1`;
  if (only?.kind === "errno") return `${name}: return ${only.errno}`;
  const word = only === undefined ? undefined : WORDS[only.kind];
  return word === undefined ? lost(`the rules for ${name}`) : `${name}: ${word}`;
}

/**
 * A plain profile as a policy of Minijail (minijail0(5)), which kills for whatever it does not name, or allows it (`@denylist`).
 * @throws InputError for what it cannot say
 */
export function printMinijail(document: ProfileDocument): string {
  const fallback = defaultActionOf(document);
  if (fallback.kind === "allow") return denylist(document.syscalls ?? []);
  if (!["kill-process", "kill-thread", "trap"].includes(fallback.kind)) {
    lost(`${document.defaultAction} as the default; it kills for all that is not named, or allows it`);
  }
  // Without a directive it kills the process; only Minijail's policy compiler knows this one.
  const first = fallback.kind === "kill-process" ? "" : `@default ${WORDS[fallback.kind]}\n`;
  const byName = new Map<string, RuleDocument[]>();
  for (const rule of document.syscalls ?? []) {
    if (encodeAction(ruleActionOf(rule)) === encodeAction(fallback)) continue;
    for (const name of rule.names) byName.set(name, [...(byName.get(name) ?? []), rule]);
  }
  const lines = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, rules]) => line(name, rules));
  return first + lines.map(text => `${text}\n`).join("");
}
