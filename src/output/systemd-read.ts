import { abiByScmp } from "../abi/abi.ts";
import { systemdGroup, systemdGroups } from "../abi/groups.ts";
import { syscallNames } from "../abi/syscalls.ts";
import { InputError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import type { ArchName, ProfileDocument, RuleDocument } from "../profile/document.ts";
import { errnoNumber } from "../profile/errno.ts";
import { isSyscallName } from "../profile/resolve.ts";
import { ARCHITECTURES } from "./systemd.ts";

const MAX_ERRNO = 4094;

/** Whether a text is a unit with a filter. */
export function looksLikeSystemd(text: string): boolean {
  return /^\s*SystemCallFilter\s*=/m.test(text);
}

interface UnitSettings {
  readonly filters: readonly { readonly line: number; readonly value: string }[];
  readonly architectures: string;
  readonly errno: string | undefined;
}

function readUnit(text: string): UnitSettings {
  const filters: { line: number; value: string }[] = [];
  let architectures = "";
  let errno: string | undefined;
  // Joined, and told apart from the ends of lines, so that lines can still be counted.
  const joined = text.replaceAll("\r\n", "\n").replaceAll("\\\n", " \0");
  let line = 0;
  for (const raw of joined.split("\n")) {
    line++;
    const at = line;
    line += raw.split("\0").length - 1;
    const match = /^\s*(SystemCallFilter|SystemCallArchitectures|SystemCallErrorNumber)\s*=\s*(.*)$/s.exec(
      raw,
    );
    if (match === null) continue;
    const value = (match[2] ?? "").replaceAll("\0", " ").trim();
    if (match[1] === "SystemCallArchitectures") architectures = value;
    else if (match[1] === "SystemCallErrorNumber") errno = value;
    else if (value === "") filters.length = 0;
    else filters.push({ line: at, value });
  }
  return { filters, architectures, errno };
}

function expand(word: string, file: string, line: number): readonly string[] {
  if (word.startsWith("@")) {
    return (
      systemdGroup(word) ??
      unknownWord(`there is no group ${word}${didYouMean(word, systemdGroups())}`, file, line)
    );
  }
  return isSyscallName(word)
    ? [word]
    : unknownWord(`${word} is no syscall${didYouMean(word, syscallNames())}`, file, line);
}

function unknownWord(reason: string, file: string, line: number): never {
  throw new InputError(reason, { file, line });
}

function architectureNames(text: string, file: string): ArchName[] {
  return text
    .split(/\s+/)
    .filter(word => word !== "" && word !== "native")
    .map(word => {
      const abi = Object.entries(ARCHITECTURES).find(([, name]) => name === word)?.[0];
      const scmp = abi === undefined ? undefined : `SCMP_ARCH_${SCMP_NAMES[abi] ?? abi.toUpperCase()}`;
      if (scmp === undefined || abiByScmp(scmp) === undefined) {
        throw new InputError(`unknown architecture ${word}`, { file });
      }
      return scmp as ArchName;
    });
}

const SCMP_NAMES: Readonly<Record<string, string>> = { i386: "X86" };

type Denial = Pick<RuleDocument, "action" | "errnoRet">;

const KILL: Denial = { action: "SCMP_ACT_KILL_PROCESS" };

/** `EPERM`, `1` or `kill`. */
function denialOf(text: string, file: string, line?: number): Denial {
  if (text === "kill") return KILL;
  const number = errnoNumber(text) ?? (/^\d{1,4}$/.test(text) ? Number(text) : undefined);
  if (number === undefined || number > MAX_ERRNO) {
    throw new InputError(`unknown errno ${text}`, line === undefined ? { file } : { file, line });
  }
  return { action: "SCMP_ACT_ERRNO", errnoRet: number };
}

/** What the lists come to: names in the order of their naming, with an answer where they have one of their own. */
function listedNames(
  filters: UnitSettings["filters"],
  forbids: boolean,
  file: string,
): Map<string, Denial | undefined> {
  const start = forbids ? [] : (systemdGroup("@default") ?? []);
  const listed = new Map<string, Denial | undefined>(start.map(name => [name, undefined]));
  for (const { line, value } of filters) {
    const negated = value.startsWith("~");
    for (const item of value.replace(/^~/, "").split(/\s+/)) {
      const [word = "", answer] = item.split(/:(.*)/s);
      if (word === "") continue;
      if (answer !== undefined && !negated) {
        unknownWord(`${item}: systemd takes an answer in lists with ~ alone`, file, line);
      }
      const denial = answer === undefined ? undefined : denialOf(answer, file, line);
      for (const name of expand(word, file, line)) {
        // With an answer a name stays in a list of what is allowed, as an exception.
        if (negated === forbids || denial !== undefined) listed.set(name, denial);
        else listed.delete(name);
      }
    }
  }
  return listed;
}

/** One rule for each answer. */
function rulesOf(listed: ReadonlyMap<string, Denial | undefined>, usual: Denial | undefined): RuleDocument[] {
  const byAnswer = new Map<string, { names: string[]; answer: Denial }>();
  for (const [name, own] of listed) {
    const answer: Denial = own ?? usual ?? { action: "SCMP_ACT_ALLOW" };
    const key = `${answer.action} ${answer.errnoRet}`;
    const rule = byAnswer.get(key) ?? { names: [], answer };
    rule.names.push(name);
    byAnswer.set(key, rule);
  }
  return [...byAnswer.values()].map(({ names, answer }) => ({ names: names.sort(), ...answer }));
}

/**
 * Reads the filter of a unit: the first list decides whether it allows or forbids, later ones add or take away, and
 * names in lists with `~` may have an answer of their own, `mount:EPERM` (systemd.exec(5)). systemd adds the group
 * `@default` to every list of what is allowed.
 * @throws InputError with the line
 */
export function parseSystemd(text: string, file: string): ProfileDocument {
  const { filters, architectures, errno } = readUnit(text);
  const [first] = filters;
  if (first === undefined) throw new InputError("has no SystemCallFilter=", { file });
  const forbids = first.value.startsWith("~");
  const denial = errno === undefined || errno === "" ? KILL : denialOf(errno, file);
  const listed = listedNames(filters, forbids, file);
  const names = architectureNames(architectures, file);
  const common = names.length === 0 ? {} : { architectures: names };
  if (forbids) return { defaultAction: "SCMP_ACT_ALLOW", ...common, syscalls: rulesOf(listed, denial) };
  return {
    defaultAction: denial.action,
    ...(denial.errnoRet === undefined ? {} : { defaultErrnoRet: denial.errnoRet }),
    ...common,
    syscalls: rulesOf(listed, undefined),
  };
}
