import { describeExit, type Exit } from "../engine/engine.ts";
import type { SuccessSpec } from "./success.ts";

/** What could be seen of one run. */
export interface Behaviour {
  /** Why the run went wrong by itself: not ready, an exercise failed, too slow to end. */
  readonly failure: string | undefined;
  readonly exit: Exit | undefined;
  readonly seconds: number;
  /** The end of what it printed, both streams in order. */
  readonly output: string;
  /** What it appended to watched files, by path. */
  readonly appended: Readonly<Record<string, string>>;
  /** Status by URL; 0 when there was no answer. */
  readonly statuses: Readonly<Record<string, number>>;
  /** It did not end after SIGTERM. */
  readonly killed: boolean;
  /** Descendants were still there when it had ended. */
  readonly leftBehind: boolean;
}

/** What untouched runs do; others are compared with that. */
export interface Baseline {
  readonly runs: readonly Behaviour[];
  readonly slowest: number;
  readonly errorLines: ReadonlySet<string>;
}

export interface Judgement {
  /** Why it is no success; undefined when it is one. */
  readonly reason: string | undefined;
  /** What was different from the untouched runs, whether it matters or not. */
  readonly differences: readonly string[];
}

const ERROR =
  /\b(?:errors?|errno|fail(?:ed|s|ure)?|denied|not permitted|not implemented|cannot|can't|could ?n[o']t|unable|panic|fatal|abort(?:ed)?|assert(?:ion)?|warn(?:ing)?|unsupported|segmentation fault|traceback|exception)\b/i;
/** Slower by this much, in times and in seconds, is worth mentioning. */
const NOTABLY_SLOWER = { factor: 2, seconds: 0.2 };
const LONGEST_QUOTE = 160;

/** A line without what changes from run to run. */
function steadyLine(line: string): string {
  return line
    .replace(/0x[0-9a-f]+/gi, "#")
    .replace(/\d+/g, "#")
    .trim();
}

function errorLinesOf(run: Behaviour): string[] {
  return [run.output, ...Object.values(run.appended)].flatMap(text =>
    text.split("\n").filter(line => ERROR.test(line)),
  );
}

export function baselineOf(runs: readonly Behaviour[]): Baseline {
  return {
    runs,
    slowest: Math.max(0, ...runs.map(run => run.seconds)),
    errorLines: new Set(runs.flatMap(errorLinesOf).map(steadyLine)),
  };
}

/**
 * Judges a run by what the untouched ones did.
 * @param expectedExit of a target that ends by itself; others must end as the untouched ones
 */
export function judgeRun(
  run: Behaviour,
  baseline: Baseline,
  specs: readonly SuccessSpec[],
  expectedExit: number | undefined,
): Judgement {
  const differences = differencesOf(run, baseline);
  const reasons = [
    run.failure,
    endReason(run, baseline, expectedExit),
    ...specs.map(spec => specReason(spec, run, baseline)),
  ];
  return { reason: reasons.find(reason => reason !== undefined), differences };
}

function endReason(run: Behaviour, baseline: Baseline, expectedExit: number | undefined): string | undefined {
  const { exit } = run;
  if (exit === undefined) return run.failure;
  if (expectedExit !== undefined && (exit.signal !== null || exit.code !== expectedExit))
    return `it ended with ${describeExit(exit)}`;
  if (baseline.runs.length === 0) return undefined;
  if (run.killed && !baseline.runs.some(known => known.killed)) return "it did not end after SIGTERM";
  const ends = baseline.runs.flatMap(known => (known.exit === undefined ? [] : [describeExit(known.exit)]));
  // A killed target's exit says nothing.
  if (!run.killed && ends.length > 0 && !ends.includes(describeExit(exit)))
    return `it ended with ${describeExit(exit)} instead of ${ends[0]}`;
  return undefined;
}

function specReason(spec: SuccessSpec, run: Behaviour, baseline: Baseline): string | undefined {
  switch (spec.kind) {
    case "output":
      return outputReason(run, baseline, spec.but);
    case "match":
      return spec.pattern.test(run.output) ? undefined : `no output matches ${spec.pattern.source}`;
    case "errors": {
      const text = spec.file === undefined ? run.output : (run.appended[spec.file] ?? "");
      const line = newErrorLines({ ...run, output: text, appended: {} }, baseline)[0];
      return line === undefined ? undefined : `a new error line: ${quote(line)}`;
    }
    case "http": {
      const expected = baseline.runs.map(known => known.statuses[spec.url] ?? 0);
      const status = run.statuses[spec.url] ?? 0;
      if (expected.length === 0 ? status !== 0 : expected.includes(status)) return undefined;
      return `${spec.url} ${status === 0 ? "was not answered" : `was answered with ${status}`}`;
    }
    case "time": {
      const limit = baseline.slowest * spec.factor;
      if (baseline.runs.length === 0 || run.seconds <= limit) return undefined;
      return `it took ${run.seconds.toFixed(2)} s, more than ${limit.toFixed(2)} s`;
    }
  }
}

function outputReason(run: Behaviour, baseline: Baseline, but: RegExp | undefined): string | undefined {
  const steady = (text: string): string => (but === undefined ? text : text.replace(but, ""));
  const mine = steady(run.output);
  const [first] = baseline.runs;
  if (first === undefined || baseline.runs.some(known => steady(known.output) === mine)) return undefined;
  return `its output is different: ${firstDifference(steady(first.output), mine)}`;
}

function firstDifference(expected: string, found: string): string {
  const [a, b] = [expected.split("\n"), found.split("\n")];
  const at = b.findIndex((line, index) => line !== a[index]);
  if (at < 0 || at >= b.length) return `${quote(a[b.length] ?? "")} is missing`;
  return `${quote(b[at] ?? "")} where ${at < a.length ? quote(a[at] ?? "") : "nothing"} was`;
}

function newErrorLines(run: Behaviour, baseline: Baseline): string[] {
  return errorLinesOf(run).filter(line => !baseline.errorLines.has(steadyLine(line)));
}

function differencesOf(run: Behaviour, baseline: Baseline): string[] {
  if (baseline.runs.length === 0) return [];
  const differences = [...new Set(newErrorLines(run, baseline).map(quote))].slice(0, 5);
  const words = (behaviour: Behaviour): string => behaviour.output.split("\n").map(steadyLine).join("\n");
  const mine = words(run);
  if (differences.length === 0 && !baseline.runs.some(known => words(known) === mine))
    differences.push("its output is different");
  const { factor, seconds } = NOTABLY_SLOWER;
  if (run.seconds > baseline.slowest * factor && run.seconds > baseline.slowest + seconds)
    differences.push(`slower: ${run.seconds.toFixed(2)} s instead of ${baseline.slowest.toFixed(2)} s`);
  // A busy machine may be late to tell, so this is no failure.
  if (run.leftBehind && !baseline.runs.some(known => known.leftBehind))
    differences.push("it left processes behind");
  return differences;
}

function quote(line: string): string {
  const text = line.trim();
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}
