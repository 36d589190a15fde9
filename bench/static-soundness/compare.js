// What strace saw of a program, held against what the analysis finds.
import { analyzeFile } from "../../.build/src/static/analyze.js";
import { ModuleStore } from "../../.build/src/static/load/modules.js";

/** Gaps behind which more syscalls can hide; that a program can run others is none of them, runs are cut there. */
const HIDES = new Set(["unresolved-site", "unknown-dlopen", "unknown-dlsym", "unreadable"]);

/** Compares and counts. With `excuses`, a miss of a program with gaps is counted apart, and the kinds of gaps are named. */
export class Comparison {
  #store = new ModuleStore();
  #known = new Map();
  #excuses;
  total = { ran: 0, programs: 0, missed: 0, excused: 0, failed: 0, traced: 0, found: 0 };

  constructor(excuses = false) {
    this.#excuses = excuses;
  }

  /** Names and gaps of a program, by its real path. */
  analysisOf(program) {
    if (!this.#known.has(program)) {
      const hints = { dlopen: [], resolve: new Map() };
      const options = { root: "/", hints, assumeExec: [], phases: false, tool: "bench" };
      const { observations, gaps } = analyzeFile(program, options, this.#store).evidence;
      this.#known.set(program, {
        names: new Set(observations.map(o => o.syscall)),
        gaps: [...new Set(gaps.map(g => g.kind).filter(kind => HIDES.has(kind)))],
      });
      this.total.programs++;
    }
    return this.#known.get(program);
  }

  /** Prints a line for one run. */
  compare(title, program, calls) {
    const { names, gaps } = this.analysisOf(program);
    const lost = [...calls].filter(name => !names.has(name));
    const isExcused = this.#excuses && lost.length > 0 && gaps.length > 0;
    const { total } = this;
    total.ran++;
    total.traced += calls.size;
    total.found += names.size;
    if (isExcused) total.excused++;
    else if (lost.length > 0) total.missed++;
    const word = lost.length === 0 ? "sound " : isExcused ? "GAP   " : "MISSED";
    const why = isExcused ? ` (${gaps.join(", ")})` : "";
    console.log(
      `${word} ${String(calls.size).padStart(3)} of ${names.size} ${title} ${lost.join(" ")}${why}`,
    );
  }
}
