import type { Evidence } from "../../../src/evidence/model.ts";

/** Evidence of one log, for people to read and for diffs. */
export function render(evidence: Evidence): string {
  const lines: string[] = [];
  for (const run of evidence.runs) {
    const path = run.target.kind === "log" ? run.target.path.replace(/^.*\//, "") : "";
    lines.push(`run ${run.source} ${path} started ${run.started ?? "?"} seconds ${run.seconds ?? "?"}`);
  }
  for (const o of evidence.observations) {
    const errnos = Object.entries(o.errnos ?? {}).map(([name, count]) => ` ${name}×${count}`);
    lines.push(
      `${o.abi} ${o.syscall} (${o.number}) ×${o.count ?? "?"} at ${o.firstSeen ?? "?"} by ${o.executable ?? "?"}` +
        `${errnos.join("")}${o.reason === undefined ? "" : ` ${o.reason}`}`,
    );
  }
  for (const gap of evidence.gaps) {
    const place = gap.place?.address === undefined ? "" : ` from byte ${gap.place.address}`;
    lines.push(`gap ${gap.kind} ×${gap.count ?? "?"}${place}: ${gap.reason}`);
  }
  return `${lines.join("\n")}\n`;
}
