import { constantByName } from "../abi/constants.ts";
import type { Condition } from "../profile/document.ts";
import { OPERATORS } from "./minijail.ts";

/** Raises an InputError at the line that is read. */
export type Fail = (reason: string) => never;

const ALL = 0xffff_ffff_ffff_ffffn;
/** What an expression may expand to. */
const MAX_ALTERNATIVES = 256;

const ATOM = /^arg([0-5])\s*(==|!=|<=|<|>=|>|&|in\b)\s*(\S.*)$/i;
const TOKEN = /\s*(~|\||\(|\)|-?0x[0-9a-f]+|-?\d+|[A-Za-z_]\w*)/iy;

/** Numbers and names of constants, `|` between them, `~` before one. */
function parseConstant(text: string, fail: Fail): bigint {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) return fail(`cannot read "${text.slice(at, at + 60)}"`);
    tokens.push(token);
  }
  let next = 0;
  const term = (depth: number): bigint => {
    const token = tokens[next++];
    if (token === undefined || depth > 32) return fail(`"${text.slice(0, 60)}" is no value`);
    if (token === "~") return ALL & ~term(depth + 1);
    if (token === "(") {
      const value = sum(depth + 1);
      return tokens[next++] === ")" ? value : fail(`"${text.slice(0, 60)}" lacks a )`);
    }
    return numberOf(token, fail);
  };
  const sum = (depth: number): bigint => {
    let value = term(depth);
    while (tokens[next] === "|") {
      next++;
      value |= term(depth);
    }
    return value;
  };
  const value = sum(0);
  return next === tokens.length ? value : fail(`cannot read "${text.slice(0, 60)}"`);
}

function numberOf(token: string, fail: Fail): bigint {
  const [, sign, digits = ""] = /^(-?)(0x[0-9a-f]{1,16}|\d{1,20})$/i.exec(token) ?? [];
  if (sign !== undefined) {
    // A leading 0 is octal, as strtoul(3) has it.
    const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
    if (value > ALL) return fail(`${token} does not fit into 64 bits`);
    return sign === "" ? value : BigInt.asUintN(64, -value);
  }
  return constantByName("x86_64", token) ?? fail(`${token} is not a constant that is known here`);
}

/** An atom as alternatives: `&` with several bits asks for any of them. */
function parseAtom(text: string, fail: Fail): Condition[] {
  const [, argument, sign = "", rest = ""] = ATOM.exec(text.trim()) ?? [];
  if (argument === undefined) return fail(`cannot read "${text.trim().slice(0, 60)}"`);
  const index = Number(argument);
  const value = parseConstant(rest, fail);
  if (sign.toLowerCase() === "in") {
    return [{ index, value: ALL & ~value, valueTwo: 0n, op: "SCMP_CMP_MASKED_EQ" }];
  }
  if (sign === "&") {
    const alternatives: Condition[] = [];
    for (let bit = 1n; bit <= value; bit <<= 1n) {
      if ((value & bit) !== 0n) {
        alternatives.push({ index, value: bit, valueTwo: bit, op: "SCMP_CMP_MASKED_EQ" });
      }
    }
    return alternatives;
  }
  const op = Object.entries(OPERATORS).find(([, known]) => known === sign)?.[0] as Condition["op"];
  return [{ index, value, op }];
}

function holds({ op, value, valueTwo = 0n }: Condition, argument: bigint): boolean {
  switch (op) {
    case "SCMP_CMP_EQ":
      return argument === value;
    case "SCMP_CMP_NE":
      return argument !== value;
    case "SCMP_CMP_LT":
      return argument < value;
    case "SCMP_CMP_LE":
      return argument <= value;
    case "SCMP_CMP_GE":
      return argument >= value;
    case "SCMP_CMP_GT":
      return argument > value;
    case "SCMP_CMP_MASKED_EQ":
      return (argument & value) === valueTwo;
  }
}

/** Conditions on one argument as one; `never` when they exclude each other. */
function together(a: Condition, b: Condition, fail: Fail): Condition | "never" {
  if (a.op === "SCMP_CMP_EQ") return holds(b, a.value) ? a : "never";
  if (b.op === "SCMP_CMP_EQ") return holds(a, b.value) ? b : "never";
  if (a.op !== "SCMP_CMP_MASKED_EQ" || b.op !== "SCMP_CMP_MASKED_EQ") {
    return fail(`two conditions on argument ${a.index} have no equal in OCI profiles`);
  }
  const [x, y] = [a.valueTwo ?? 0n, b.valueTwo ?? 0n];
  if ((x & b.value) !== (y & a.value)) return "never";
  return { ...a, value: a.value | b.value, valueTwo: x | y };
}

function joined(conditions: readonly Condition[], fail: Fail): Condition[] | undefined {
  const byIndex = new Map<number, Condition>();
  for (const condition of conditions) {
    const before = byIndex.get(condition.index);
    const both = before === undefined ? condition : together(before, condition, fail);
    if (both === "never") return undefined;
    byIndex.set(condition.index, both);
  }
  // A mask without bits holds always.
  return [...byIndex.values()].filter(({ op, value }) => op !== "SCMP_CMP_MASKED_EQ" || value !== 0n);
}

/**
 * An expression on arguments as alternatives, each a list of conditions on different arguments. None: it never holds;
 * an empty one: always.
 */
export function parseExpression(text: string, fail: Fail): Condition[][] {
  const found: Condition[][] = [];
  for (const alternative of text.split("||")) {
    let products: Condition[][] = [[]];
    for (const atom of alternative.split("&&")) {
      const choices = parseAtom(atom, fail);
      products = products.flatMap(before => choices.map(choice => [...before, choice]));
      if (products.length + found.length > MAX_ALTERNATIVES) fail("stands for too many conditions");
    }
    for (const product of products) {
      const conditions = joined(product, fail);
      if (conditions !== undefined) found.push(conditions);
    }
  }
  return found;
}
