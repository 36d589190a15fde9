import { analyzeFile } from "../../src/static/analyze.ts";
import type { Gap } from "../../src/evidence/model.ts";

/** What `/program` below a root can call, sorted, without what always comes along; and the gaps. */
export function analyzedBelow(root: string): {
  readonly found: readonly string[];
  readonly gaps: readonly Gap[];
} {
  const hints = { dlopen: [], resolve: new Map() };
  const { evidence } = analyzeFile("/program", { root, hints, assumeExec: [], phases: false, tool: "test" });
  const found = evidence.observations.flatMap(o => (o.label === undefined ? [o.syscall] : [])).sort();
  return { found, gaps: evidence.gaps };
}
