import { type AbiName, abiByScmp } from "../abi/abi.ts";
import { systemdGroup, systemdGroups } from "../abi/groups.ts";
import { InputError } from "../errors.ts";
import { type Action, encodeAction, letsThrough } from "../profile/action.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { errnoName } from "../profile/errno.ts";
import { defaultActionOf, ruleActionOf } from "../profile/resolve.ts";

/** systemd's names of ABIs (systemd.exec(5), SystemCallArchitectures=). */
export const ARCHITECTURES: Readonly<Partial<Record<AbiName, string>>> = {
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

/** The answer to each name; of rules without conditions the first one counts, as for libseccomp. */
function answersOf(document: ProfileDocument): Map<string, Action> {
  const fallback = encodeAction(defaultActionOf(document));
  const answers = new Map<string, Action>();
  for (const rule of document.syscalls ?? []) {
    const action = ruleActionOf(rule);
    if (encodeAction(action) === fallback) continue;
    if ((rule.args ?? []).length > 0) lost(`conditions on arguments of ${rule.names[0]}`);
    if (!["allow", "errno", "kill-process"].includes(action.kind)) {
      lost(`${rule.action} for ${rule.names.join(", ")}`);
    }
    for (const name of rule.names) if (!answers.has(name)) answers.set(name, action);
  }
  return answers;
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

function answerName(action: Action): string {
  if (action.kind !== "errno") return "kill";
  return errnoName(action.errno).replace("errno ", "");
}

/** Words for names with an answer of their own, `mount:EPERM`, the same answers beside each other. */
function deniedWords(answers: ReadonlyMap<string, Action>): string[] {
  const byAnswer = new Map<string, Set<string>>();
  for (const [name, action] of answers) {
    const answer = answerName(action);
    byAnswer.set(answer, (byAnswer.get(answer) ?? new Set()).add(name));
  }
  return [...byAnswer]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([answer, names]) => listWords(names).map(word => `${word}:${answer}`));
}

function architectureLine(document: ProfileDocument): string {
  const names = (document.architectures ?? []).map(name => {
    const abi = abiByScmp(name);
    return (abi === undefined ? undefined : ARCHITECTURES[abi.name]) ?? lost(`the architecture ${name}`);
  });
  return `SystemCallArchitectures=${names.length === 0 ? "native" : names.join(" ")}`;
}

/**
 * A plain profile as settings of a systemd service: a list of what is allowed, or, when the default allows, of what is
 * denied, with answers of their own as `NAME:ERRNO`.
 * @throws InputError for conditions on arguments, and for answers other than allowing, ERRNO and KILL_PROCESS
 */
export function printSystemd(document: ProfileDocument): string {
  const fallback = defaultActionOf(document);
  const answers = answersOf(document);
  const architectures = architectureLine(document);
  if (fallback.kind === "allow") {
    if (answers.size === 0) lost("a profile that denies nothing");
    const lines = wrapped(deniedWords(answers), "SystemCallFilter=~");
    return `${["[Service]", architectures, ...lines].join("\n")}\n`;
  }
  if (fallback.kind !== "errno" && fallback.kind !== "kill-process") {
    lost(`${document.defaultAction} as the default`);
  }
  const allowed = new Set([...answers].flatMap(([name, action]) => (letsThrough(action) ? [name] : [])));
  if (allowed.size === 0) lost("a profile that allows nothing");
  const denied = new Map([...answers].filter(([, action]) => !letsThrough(action)));
  const taken = unwanted(allowed).filter(name => !denied.has(name));
  return `${[
    "[Service]",
    architectures,
    ...wrapped(listWords(allowed)),
    ...wrapped(taken, "SystemCallFilter=~"),
    ...wrapped(deniedWords(denied), "SystemCallFilter=~"),
    ...(fallback.kind === "errno" ? [`SystemCallErrorNumber=${answerName(fallback)}`] : []),
  ].join("\n")}\n`;
}
