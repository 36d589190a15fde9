import { riskOf } from "../abi/risk.ts";
import type { Printable } from "../json/print.ts";
import { decodeAction } from "../profile/action.ts";
import type { Change, ChangeKind, ProfileDiff } from "../profile/diff.ts";
import { showAction } from "./calls.ts";
import { markdownCell } from "./markdown.ts";
import { describeFunction } from "./words.ts";

const SIGNS: Readonly<Record<ChangeKind, string>> = {
  added: "+",
  removed: "-",
  widened: ">",
  narrowed: "<",
  shifted: "~",
  answer: "=",
};

function change(diff: ProfileDiff, each: Change): string {
  const [abi] = each.abis;
  const words = (id: number): string =>
    abi === undefined ? "" : describeFunction(diff.store, id, abi, each.name);
  switch (each.kind) {
    case "added":
      return words(each.after) === "always" ? "" : words(each.after);
    case "removed":
      return words(each.before) === "always" ? "" : `was allowed ${words(each.before)}`;
    case "answer":
      return "denied as before, with another answer";
    default:
      return `allowed ${words(each.after)}, was ${words(each.before)}`;
  }
}

function riskText(name: string): string {
  const risk = riskOf(name);
  return risk === undefined ? "" : `${risk.level} risk: ${risk.why}`;
}

function summary(diff: ProfileDiff): string {
  const count = (kind: ChangeKind): number => diff.changes.filter(each => each.kind === kind).length;
  const parts = (["added", "removed", "widened", "narrowed", "shifted", "answer"] as const)
    .map(kind => [count(kind), kind] as const)
    .filter(([number]) => number > 0)
    .map(([number, kind]) => `${number} ${kind === "answer" ? "answered otherwise" : kind}`);
  return parts.length === 0 ? "no call changed" : parts.join(", ");
}

function fallbackLines(diff: ProfileDiff): string[] {
  return diff.fallbacks.map(
    ({ abi, before, after }) =>
      `everything else on ${abi}: ${showAction(decodeAction(before))} became ${showAction(decodeAction(after))}`,
  );
}

function byGroup(diff: ProfileDiff): Map<string, Change[]> {
  const groups = new Map<string, Change[]>();
  for (const each of diff.changes) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  return groups;
}

function onAbis(each: Change, native: string): string {
  return each.abis.length === 1 && each.abis[0] === native ? "" : ` (${each.abis.join(", ")})`;
}

/** A diff for a terminal: one line a call, grouped by what the calls are for. */
export function printDiff(diff: ProfileDiff, native: string): string {
  const groups = [...byGroup(diff)].map(([group, changes]) => {
    const lines = changes.map(each => {
      const risk = each.kind === "added" || each.kind === "widened" ? riskText(each.name) : "";
      const details = [change(diff, each), risk].filter(text => text !== "").join("; ");
      return `  ${SIGNS[each.kind]} ${each.name}${onAbis(each, native)}${details === "" ? "" : `: ${details}`}\n`;
    });
    return `${group}\n${lines.join("")}`;
  });
  const fallbacks = fallbackLines(diff).map(line => `${line}\n`);
  return `${groups.join("")}${fallbacks.join("")}${summary(diff)}\n`;
}

/** A diff as Markdown, for a pull request. */
export function printDiffMarkdown(diff: ProfileDiff, native: string): string {
  const rows = diff.changes.map(each => {
    const cells = [
      each.kind,
      `\`${each.name}\`${onAbis(each, native)}`,
      each.group,
      change(diff, each),
      riskText(each.name),
    ];
    return `| ${cells.map(markdownCell).join(" | ")} |\n`;
  });
  const table =
    rows.length === 0
      ? ""
      : `\n| change | call | for | arguments | risk |\n|---|---|---|---|---|\n${rows.join("")}`;
  const fallbacks = fallbackLines(diff).map(line => `\n- ${line}`);
  return `**Seccomp profile: ${summary(diff)}**\n${table}${fallbacks.join("")}${fallbacks.length === 0 ? "" : "\n"}`;
}

export function printableDiff(diff: ProfileDiff): Printable {
  return {
    seccraft: "diff/1",
    changes: diff.changes.map(each => {
      const abi = each.abis[0] ?? "x86_64";
      const risk = riskOf(each.name);
      return {
        kind: each.kind,
        syscall: each.name,
        group: each.group,
        abis: each.abis,
        before: describeFunction(diff.store, each.before, abi, each.name),
        after: describeFunction(diff.store, each.after, abi, each.name),
        risk: risk === undefined ? null : { level: risk.level, why: risk.why, source: risk.source.url },
      };
    }),
    fallbacks: diff.fallbacks.map(({ abi, before, after }) => ({
      abi,
      before: { ...decodeAction(before) },
      after: { ...decodeAction(after) },
    })),
  };
}
