import { type AbiName, abiByScmp } from "../abi/abi.ts";
import { systemdGroup, systemdGroups } from "../abi/groups.ts";
import { InputError } from "../errors.ts";
import { encodeAction, letsThrough } from "../profile/action.ts";
import type { ArchName, ProfileDocument } from "../profile/document.ts";
import { errnoName, errnoNumber } from "../profile/errno.ts";
import { defaultActionOf, isSyscallName, ruleActionOf } from "../profile/resolve.ts";

/** systemd's names of ABIs (systemd.exec(5), SystemCallArchitectures=). */
const ARCHITECTURES: Readonly<Partial<Record<AbiName, string>>> = {
  x86_64: "x86-64",
  i386: "x86",
  x32: "x32",
  aarch64: "arm64",
  arm: "arm",
  riscv64: "riscv64",
  ppc: "ppc",
  ppc64: "ppc64",
  ppc64le: "ppc64-le",
  s390: "s390",
  s390x: "s390x",
  loongarch64: "loongarch64",
  mips: "mips",
  mipsel: "mips-le",
  mips64: "mips64",
  mipsel64: "mips64-le",
  mips64n32: "mips64-n32",
  mipsel64n32: "mips64-le-n32",
};
const WIDTH = 100;

function lost(reason: string): never {
  throw new InputError(`SystemCallFilter= cannot say this: ${reason}`);
}

function allowedNames(document: ProfileDocument): Set<string> {
  const fallback = encodeAction(defaultActionOf(document));
  const names = new Set<string>();
  for (const rule of document.syscalls ?? []) {
    const action = ruleActionOf(rule);
    if (encodeAction(action) === fallback) continue;
    if ((rule.args ?? []).length > 0) lost(`conditions on arguments of ${rule.names[0]}`);
    if (action.kind !== "allow") lost(`${rule.action} for ${rule.names.join(", ")}`);
    for (const name of rule.names) names.add(name);
  }
  return names;
}

/** Words of a filter list: groups all of whose members are allowed stand for those, the largest first. */
function listWords(names: ReadonlySet<string>): string[] {
  const rest = new Set(names);
  const words: string[] = [];
  const groups = systemdGroups()
    .map(group => ({ group, members: systemdGroup(group) ?? [] }))
    .filter(({ members }) => members.length > 1 && members.every(name => names.has(name)))
    .sort((a, b) => b.members.length - a.members.length);
  for (const { group, members } of groups) {
    if (!members.some(name => rest.has(name))) continue;
    words.push(group);
    for (const name of members) rest.delete(name);
  }
  return [...words.sort(), ...[...rest].sort()];
}

/** systemd adds this group to every list of what is allowed; what the profile does not allow is taken away again. */
function unwanted(names: ReadonlySet<string>): string[] {
  return (systemdGroup("@default") ?? []).filter(name => !names.has(name));
}

function wrapped(words: readonly string[], start = "SystemCallFilter="): string[] {
  const lines: string[] = [];
  if (words.length === 0) return lines;
  let line = start;
  for (const word of words) {
    if (line.length + word.length > WIDTH) {
      lines.push(line.trimEnd());
      line = start;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

/**
 * A plain profile as settings of a systemd service.
 * @throws InputError for conditions on arguments, for answers other than allowing, and for a default that lets through
 */
export function printSystemd(document: ProfileDocument): string {
  const fallback = defaultActionOf(document);
  if (letsThrough(fallback)) lost("a default that lets calls through");
  if (fallback.kind !== "errno" && fallback.kind !== "kill-process")
    lost(`${document.defaultAction} as the default`);
  const architectures = (document.architectures ?? []).map(name => {
    const abi = abiByScmp(name);
    return (abi === undefined ? undefined : ARCHITECTURES[abi.name]) ?? lost(`the architecture ${name}`);
  });
  const names = allowedNames(document);
  if (names.size === 0) lost("a profile that allows nothing");
  return `${[
    "[Service]",
    `SystemCallArchitectures=${architectures.length === 0 ? "native" : architectures.join(" ")}`,
    ...wrapped(listWords(names)),
    ...wrapped(unwanted(names), "SystemCallFilter=~"),
    ...(fallback.kind === "errno" ? [`SystemCallErrorNumber=${errnoName(fallback.errno)}`] : []),
  ].join("\n")}\n`;
}

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
  const joined = text.replaceAll("\\\n", " \r");
  let line = 0;
  for (const raw of joined.split("\n")) {
    line++;
    const at = line;
    line += raw.split("\r").length - 1;
    const match = /^\s*(SystemCallFilter|SystemCallArchitectures|SystemCallErrorNumber)\s*=\s*(.*)$/s.exec(
      raw,
    );
    if (match === null) continue;
    const value = (match[2] ?? "").replaceAll("\r", " ").trim();
    if (match[1] === "SystemCallArchitectures") architectures = value;
    else if (match[1] === "SystemCallErrorNumber") errno = value;
    else if (value === "") filters.length = 0;
    else filters.push({ line: at, value });
  }
  return { filters, architectures, errno };
}

function expand(word: string, file: string, line: number): readonly string[] {
  if (word.startsWith("@")) {
    return systemdGroup(word) ?? unknownWord(`there is no group ${word}`, file, line);
  }
  return isSyscallName(word) ? [word] : unknownWord(`${word} is no syscall`, file, line);
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

/**
 * Reads the filter of a unit: the first list decides whether it allows or forbids, later ones add or take away
 * (systemd.exec(5)). systemd adds the group `@default` to every list of what is allowed.
 * @throws InputError with the line
 */
export function parseSystemd(text: string, file: string): ProfileDocument {
  const { filters, architectures, errno } = readUnit(text);
  const [first] = filters;
  if (first === undefined) throw new InputError("has no SystemCallFilter=", { file });
  const forbids = first.value.startsWith("~");
  const listed = new Set<string>(forbids ? [] : systemdGroup("@default"));
  for (const { line, value } of filters) {
    const negated = value.startsWith("~");
    for (const word of value
      .replace(/^~/, "")
      .split(/\s+/)
      .filter(each => each !== "")) {
      if (word.includes(":")) unknownWord(`an answer of its own for ${word} is not supported`, file, line);
      for (const name of expand(word, file, line)) {
        if (negated === forbids) listed.add(name);
        else listed.delete(name);
      }
    }
  }
  const number = errno === undefined ? undefined : (errnoNumber(errno) ?? Number(errno));
  if (number !== undefined && !(number >= 1 && number < 4095))
    throw new InputError(`unknown errno ${errno}`, { file });
  const denial =
    number === undefined
      ? ({ action: "SCMP_ACT_KILL_PROCESS" } as const)
      : ({ action: "SCMP_ACT_ERRNO", errnoRet: number } as const);
  const names = [...listed].sort();
  const listedArchitectures = architectureNames(architectures, file);
  const common = listedArchitectures.length === 0 ? {} : { architectures: listedArchitectures };
  if (forbids) return { defaultAction: "SCMP_ACT_ALLOW", ...common, syscalls: [{ names, ...denial }] };
  return {
    defaultAction: denial.action,
    ...(number === undefined ? {} : { defaultErrnoRet: number }),
    ...common,
    syscalls: [{ names, action: "SCMP_ACT_ALLOW" }],
  };
}
