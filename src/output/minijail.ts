import { InputError } from "../errors.ts";
import { encodeAction } from "../profile/action.ts";
import type { Condition, OperatorName, ProfileDocument, RuleDocument } from "../profile/document.ts";
import { defaultActionOf, isSyscallName, ruleActionOf } from "../profile/resolve.ts";

const ALL = 0xffff_ffff_ffff_ffffn;
const OPERATORS: Readonly<Partial<Record<OperatorName, string>>> = {
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

function atom({ index, op, value, valueTwo = 0n }: Condition): string {
  const operator = OPERATORS[op];
  if (operator !== undefined) return `arg${index} ${operator} ${hex(value)}`;
  // `in` holds when no bit outside its mask is set.
  if (valueTwo === 0n) return `arg${index} in ${hex(ALL & ~value)}`;
  return lost(`a masked comparison with ${hex(valueTwo)}`);
}

function expression(rules: readonly RuleDocument[]): string {
  const alternatives = rules.map(rule => (rule.args ?? []).map(atom));
  for (const rule of rules) {
    const indexes = (rule.args ?? []).map(condition => condition.index);
    if (new Set(indexes).size < indexes.length) lost(`two conditions on one argument of ${rule.names[0]}`);
  }
  return alternatives.some(atoms => atoms.length === 0)
    ? "1"
    : alternatives.map(atoms => atoms.join(" && ")).join(" || ");
}

/**
 * A plain profile as a policy of Minijail, which kills for whatever it does not name.
 * @throws InputError for what it cannot say
 */
export function printMinijail(document: ProfileDocument): string {
  const fallback = defaultActionOf(document);
  if (fallback.kind !== "kill-process" && fallback.kind !== "kill-thread") {
    lost(`${document.defaultAction} as the default; it kills for all that is not named`);
  }
  const byName = new Map<string, RuleDocument[]>();
  for (const rule of document.syscalls ?? []) {
    for (const name of rule.names) byName.set(name, [...(byName.get(name) ?? []), rule]);
  }
  const lines = [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, rules]) => {
      const active = rules.filter(rule => encodeAction(ruleActionOf(rule)) !== encodeAction(fallback));
      const actions = active.map(ruleActionOf);
      if (active.length === 0) return undefined;
      if (actions.every(action => action.kind === "allow")) return `${name}: ${expression(active)}`;
      const [only] = actions;
      const plain = active.length === 1 && (active[0]?.args ?? []).length === 0;
      if (plain && only?.kind === "errno") return `${name}: return ${only.errno}`;
      return lost(`the rules for ${name}`);
    });
  return `${lines.filter(line => line !== undefined).join("\n")}\n`;
}

const LINE = /^([a-z_][a-z0-9_]*)\s*:\s*(\S.*)$/;
const ATOM = /^arg([0-5])\s*(==|!=|<=|<|>=|>|&|in)\s*(0x[0-9a-f]{1,16}|\d{1,20})$/i;

function parseAtom(text: string, fail: (reason: string) => never): Condition {
  const match = ATOM.exec(text.trim());
  if (match === null) return fail(`cannot read "${text.trim().slice(0, 60)}"; constants must be numbers`);
  const index = Number(match[1]);
  const value = BigInt(match[3] ?? 0);
  if (value > ALL) fail(`${value} does not fit into 64 bits`);
  if (match[2] === "in") return { index, value: ALL & ~value, valueTwo: 0n, op: "SCMP_CMP_MASKED_EQ" };
  if (match[2] === "&") {
    // One bit is set or not; of several, `&` asks for any, which no single condition says.
    if (value === 0n || (value & (value - 1n)) !== 0n)
      fail("& with more than one bit has no equal in OCI profiles");
    return { index, value, valueTwo: value, op: "SCMP_CMP_MASKED_EQ" };
  }
  const op = Object.entries(OPERATORS).find(([, sign]) => sign === match[2])?.[0] as OperatorName;
  return { index, value, op };
}

function parseRule(name: string, body: string, fail: (reason: string) => never): RuleDocument[] {
  if (!isSyscallName(name)) fail(`${name} is no syscall`);
  if (/^(?:1|allow)$/.test(body)) return [{ names: [name], action: "SCMP_ACT_ALLOW" }];
  const answer = /^return\s+(\d{1,4})$/.exec(body);
  if (answer !== null) return [{ names: [name], action: "SCMP_ACT_ERRNO", errnoRet: Number(answer[1]) }];
  return body.split("||").map(part => {
    const args = part.split("&&").map(text => parseAtom(text, fail));
    if (new Set(args.map(condition => condition.index)).size < args.length) {
      fail("two conditions on one argument have no equal in OCI profiles");
    }
    return { names: [name], action: "SCMP_ACT_ALLOW", args };
  });
}

/** Whether a text is a policy: all its lines are comments, directives or rules. */
export function looksLikeMinijail(text: string): boolean {
  const lines = text
    .split("\n")
    .map(line => line.trim())
    .filter(line => line !== "" && !line.startsWith("#"));
  return lines.length > 0 && lines.every(line => LINE.test(line) || line.startsWith("@"));
}

/** Reads a policy of Minijail. @throws InputError with the line */
export function parseMinijail(text: string, file: string): ProfileDocument {
  const syscalls: RuleDocument[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/#.*/, "").trim();
    const fail = (reason: string): never => {
      throw new InputError(reason, { file, line: index + 1 });
    };
    if (line === "") continue;
    const match = LINE.exec(line);
    if (match === null) fail(line.startsWith("@") ? `${line.split(/\s/)[0]} is not supported` : "is no rule");
    else syscalls.push(...parseRule(match[1] ?? "", match[2] ?? "", fail));
  }
  return { defaultAction: "SCMP_ACT_KILL_PROCESS", syscalls };
}
