import type { Observation } from "../evidence/model.ts";
import type { Printable } from "../json/print.ts";
import type { Uncovered } from "../profile/coverage.ts";
import { describeReasons } from "../profile/provenance.ts";
import { showAction } from "./calls.ts";
import { markdownCell } from "./markdown.ts";

/** The shortest call path that evidence has, or who made the call. */
function whence(observations: readonly Observation[]): string {
  const paths = observations.flatMap(seen => (seen.path === undefined ? [] : [seen.path]));
  const [shortest] = [...paths].sort((a, b) => a.length - b.length);
  if (shortest !== undefined)
    return shortest.map(step => step.function ?? step.address ?? step.file).join(" → ");
  return describeReasons(observations.map(observation => ({ kind: "observed", observation })));
}

function answer(call: Uncovered): string {
  return `${call.certain ? "" : "perhaps "}${call.actions.map(showAction).join(" or ")}`;
}

/** What a profile does not cover, for a terminal. */
export function printUncovered(calls: readonly Uncovered[], profile: string): string {
  if (calls.length === 0) return `${profile} covers everything\n`;
  return calls
    .map(call => `${call.name} (${call.abi}): ${answer(call)}; ${whence(call.observations)}\n`)
    .join("");
}

/** The same as Markdown, for the summary of a CI job. */
export function printUncoveredMarkdown(calls: readonly Uncovered[], profile: string): string {
  if (calls.length === 0) return `**Seccomp:** \`${profile}\` covers everything.\n`;
  const rows = calls.map(
    call =>
      `| \`${call.name}\` | ${call.abi} | ${markdownCell(answer(call))} | ${markdownCell(whence(call.observations))} |\n`,
  );
  return `**Seccomp:** \`${profile}\` stops ${calls.length} ${calls.length === 1 ? "call" : "calls"}.\n\n| call | ABI | answer | where from |\n|---|---|---|---|\n${rows.join("")}`;
}

export function printableUncovered(calls: readonly Uncovered[]): Printable {
  return {
    seccraft: "check/1",
    covered: calls.length === 0,
    uncovered: calls.map(call => ({
      abi: call.abi,
      syscall: call.name,
      number: call.number,
      certain: call.certain,
      actions: call.actions.map(action => ({ ...action })),
      whence: whence(call.observations),
    })),
  };
}
