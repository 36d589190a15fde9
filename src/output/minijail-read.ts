import { syscallByName, syscallByNumber, syscallNames } from "../abi/syscalls.ts";
import { InputError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import { encodeAction } from "../profile/action.ts";
import type { ActionName, Condition, ProfileDocument, RuleDocument } from "../profile/document.ts";
import { errnoNumber } from "../profile/errno.ts";
import { FunctionStore } from "../profile/function-store.ts";
import { functionFor, functionsOf } from "../profile/functions.ts";
import { plainMeaning } from "../profile/plain-meaning.ts";
import { isSyscallName, resolveProfile, ruleActionOf } from "../profile/resolve.ts";
import { type Fail, parseExpression } from "./minijail-expression.ts";

const MAX_ERRNO = 4094;
const MAX_NAMES = 1000;

/** Gives the text of a file that a policy includes. @throws InputError */
export type ReadIncluded = (file: string) => string;

type Answer = Pick<RuleDocument, "action" | "errnoRet">;

const ACTIONS: Readonly<Record<string, ActionName>> = {
  "1": "SCMP_ACT_ALLOW",
  allow: "SCMP_ACT_ALLOW",
  kill: "SCMP_ACT_KILL_PROCESS",
  "kill-process": "SCMP_ACT_KILL_PROCESS",
  "kill-thread": "SCMP_ACT_KILL_THREAD",
  trap: "SCMP_ACT_TRAP",
  trace: "SCMP_ACT_TRACE",
  log: "SCMP_ACT_LOG",
  "user-notify": "SCMP_ACT_NOTIFY",
};

function answerOf(text: string, fail: Fail): Answer | undefined {
  const action = ACTIONS[text];
  if (action !== undefined) return { action };
  const errno = /^return\s+(\w+)$/.exec(text)?.[1];
  if (errno === undefined) return undefined;
  const number = errnoNumber(errno) ?? (/^\d{1,4}$/.test(errno) ? Number(errno) : undefined);
  if (number === undefined || number > MAX_ERRNO) return fail(`unknown errno ${errno}`);
  return { action: "SCMP_ACT_ERRNO", errnoRet: number };
}

function isSame(a: Answer, b: Answer): boolean {
  return encodeAction(ruleActionOf({ names: [], ...a })) === encodeAction(ruleActionOf({ names: [], ...b }));
}

/**
 * Rules that allow some calls and answer the others. A condition that always holds answers the others, since
 * libseccomp asks comparisons for equality and smaller values first; whether it does so here is then checked.
 */
function withOtherwise(name: string, allowed: readonly RuleDocument[], otherwise: Answer): RuleDocument[] {
  const indexes = allowed.flatMap(rule => (rule.args ?? []).map(condition => condition.index));
  const always: Condition = { index: Math.min(...indexes), value: 0n, op: "SCMP_CMP_GE" };
  return [...allowed, { names: [name], ...otherwise, args: [always] }];
}

function meansThat(name: string, rules: readonly RuleDocument[], allowed: readonly RuleDocument[]): boolean {
  const store = new FunctionStore();
  const code = (answer: RuleDocument): number => store.constant(encodeAction(ruleActionOf(answer)));
  const [first] = allowed;
  const last = rules.at(-1);
  if (first === undefined || last === undefined) return false;
  const meant = store.select(plainMeaning(store, allowed, 64), code(first), code(last));
  try {
    const document: ProfileDocument = { defaultAction: "SCMP_ACT_KILL_PROCESS", syscalls: rules };
    const host = { abi: "x86_64", capabilities: [], kernel: "6.1" } as const;
    const read = functionsOf(resolveProfile(document, host, { enosysStub: false }), store);
    const number = syscallByName("x86_64", name)?.number;
    return number === undefined || functionFor(read, "x86_64", number) === meant;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

function parseBody(name: string, body: string, fallback: Answer, fail: Fail): RuleDocument[] {
  const plain = answerOf(body, fail);
  if (plain !== undefined) return [{ names: [name], ...plain }];
  if (body.includes("{")) return fail("blocks in braces are not read");
  const [expression = "", rest, ...more] = body.split(";").map(part => part.trim());
  if (more.length > 0) return fail("more than one answer");
  const allowed = parseExpression(expression, fail).map(
    (args): RuleDocument => ({
      names: [name],
      action: "SCMP_ACT_ALLOW",
      ...(args.length === 0 ? {} : { args }),
    }),
  );
  if (rest === undefined || rest === "") return allowed;
  const otherwise = answerOf(rest, fail) ?? fail(`cannot read "${rest.slice(0, 60)}"`);
  if (isSame(otherwise, fallback) || allowed.some(rule => rule.args === undefined)) return allowed;
  if (allowed.length === 0) return [{ names: [name], ...otherwise }];
  const rules = withOtherwise(name, allowed, otherwise);
  return meansThat(name, rules, allowed)
    ? rules
    : fail(`what is left over of ${name} cannot be answered in OCI profiles, as libseccomp orders the rules`);
}

interface Policy {
  fallback: Answer;
  readonly bodies: { readonly name: string; readonly body: string; readonly fail: Fail }[];
}

const LINE = /^(\{[^}]*\}|[a-z_][a-z0-9_]*|\d{1,6})\s*:\s*(\S.*)$/;

function namesIn(text: string, fail: Fail): string[] {
  const words = text.startsWith("{") ? text.slice(1, -1).split(",") : [text];
  if (words.length > MAX_NAMES) fail("too many names");
  return words.map(word => {
    const name = word.trim();
    const known = /^\d+$/.test(name) ? syscallByNumber("x86_64", Number(name))?.name : name;
    return known !== undefined && isSyscallName(known)
      ? known
      : fail(`${name} is no syscall${didYouMean(name, syscallNames())}`);
  });
}

/** Minijail's compiler refuses defaults that let calls through. */
function defaultOf(text: string, fail: Fail): Answer {
  const answer = answerOf(text, fail);
  const allowed = ["SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP", "SCMP_ACT_NOTIFY"];
  return answer !== undefined && allowed.includes(answer.action)
    ? answer
    : fail(`${text} is no default that Minijail takes`);
}

function readDirective(policy: Policy, text: string, fail: Fail, include: (file: string) => void): void {
  const [word = "", ...rest] = text.split(/\s+/);
  const value = rest.join(" ");
  if (word === "@include") include(value);
  else if (word === "@denylist" && value === "") policy.fallback = { action: "SCMP_ACT_ALLOW" };
  else if (word === "@default") policy.fallback = defaultOf(value, fail);
  // How often calls are made changes the order of a filter, never its answers.
  else if (word !== "@frequency") fail(`${word} is not known`);
}

/** Logical lines: those that end with a backslash go on. */
function* logicalLines(text: string): Generator<{ line: number; content: string }> {
  let open = "";
  let start = 1;
  for (const [index, raw] of text.split("\n").entries()) {
    if (open === "") start = index + 1;
    const content = `${open}${raw.replace(/\r$/, "").replace(/#.*/, "")}`.trim();
    if (content.endsWith("\\")) open = `${content.slice(0, -1)} `;
    else {
      open = "";
      yield { line: start, content };
    }
  }
}

function readPolicy(policy: Policy, text: string, file: string, read: ReadIncluded | undefined): void {
  for (const { line, content } of logicalLines(text)) {
    const fail: Fail = reason => {
      throw new InputError(reason, { file, line });
    };
    if (content === "") continue;
    if (content.startsWith("@")) {
      readDirective(policy, content, fail, included => {
        if (read === undefined) fail(`cannot include ${included} from an included file`);
        else readPolicy(policy, read(included), included, undefined);
      });
      continue;
    }
    const [, names = "", body = ""] = LINE.exec(content) ?? fail("is no rule");
    for (const name of namesIn(names, fail)) policy.bodies.push({ name, body, fail });
  }
}

/** Whether a text is a policy: all its lines are comments, directives or rules. */
export function looksLikeMinijail(text: string): boolean {
  const lines = [...logicalLines(text)].map(({ content }) => content).filter(content => content !== "");
  return lines.length > 0 && lines.every(line => LINE.test(line) || line.startsWith("@"));
}

/**
 * Reads a policy of Minijail: what it does not name is killed, unless `@default` or `@denylist` say otherwise.
 * Constants have their values on x86_64.
 * @param read gives the text of what `@include` names
 * @throws InputError with the line
 */
export function parseMinijail(text: string, file: string, read?: ReadIncluded): ProfileDocument {
  const policy: Policy = { fallback: { action: "SCMP_ACT_KILL_PROCESS" }, bodies: [] };
  readPolicy(
    policy,
    text,
    file,
    read ??
      (name => {
        throw new InputError(`includes ${name}, which is not given`, { file });
      }),
  );
  const { action, errnoRet } = policy.fallback;
  return {
    defaultAction: action,
    ...(errnoRet === undefined ? {} : { defaultErrnoRet: errnoRet }),
    syscalls: policy.bodies.flatMap(({ name, body, fail }) => parseBody(name, body, policy.fallback, fail)),
  };
}
