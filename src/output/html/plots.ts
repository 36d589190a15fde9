import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { groups } from "../../abi/groups.ts";
import type { Phase, Run } from "../../evidence/model.ts";
import { type CallFacts, nameOf, type ReportFacts, type RunFacts } from "./facts.ts";
import { Markup } from "./markup.ts";
import { GROUP_LABELS, PHASES } from "./words.ts";

/** What the filter does with a call and what Docker's default would do, in the order of the pictures. */
export const STATES = ["allowed", "beyond", "docker", "neither"] as const;
export type State = (typeof STATES)[number];

export const STATE_LABELS: Readonly<Record<State, string>> = {
  allowed: "this profile allows it, as Docker’s default does",
  beyond: "this profile allows it, Docker’s default does not",
  docker: "Docker’s default allows it, this profile does not",
  neither: "neither allows it",
};

export function stateOf({ verdict, docker }: Pick<CallFacts, "verdict" | "docker">): State {
  if (verdict !== "denied") return docker === "denied" ? "beyond" : "allowed";
  return docker === "denied" ? "neither" : "docker";
}

export const LEVELS = ["high", "elevated", "ordinary"] as const;
export type Level = (typeof LEVELS)[number];

export function levelOf({ risk }: Pick<CallFacts, "risk">): Level {
  return risk?.level ?? "ordinary";
}

const stateColour = (state: State): string => `var(--state-${state})`;
const phaseColour = (phase: Phase): string => `var(--phase-${phase})`;

/** The picture as SVG text whose colours and fonts are those of the page. */
function draw(options: Plot.PlotOptions, label: string): Markup {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    ...options,
    document,
    style: { background: "none" },
  }) as unknown as SvgElement;
  // The page's own style sheet says it, and its policy refuses any other.
  for (const style of svg.querySelectorAll("style")) style.remove();
  for (const attribute of ["style", "font-family", "class"]) svg.removeAttribute(attribute);
  for (const inner of svg.querySelectorAll("[aria-label],[aria-description]")) {
    inner.removeAttribute("aria-label");
    inner.removeAttribute("aria-description");
  }
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  return new Markup(svg.outerHTML);
}

/** What is used of the DOM; the compiler knows Node only. */
interface SvgElement {
  readonly outerHTML: string;
  querySelectorAll(selector: string): Iterable<SvgElement>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
}

const CELL = 19;
const PER_LINE = 40;

interface Square {
  /** `files 0`, `files 1`: a purpose with more calls than fit goes on in the next line. */
  readonly line: string;
  readonly column: number;
  readonly call: CallFacts;
}

function squares(everyCall: readonly CallFacts[]): readonly Square[] {
  return groups().flatMap(group => {
    const members = everyCall.filter(call => call.group === group);
    members.sort((a, b) => STATES.indexOf(stateOf(a)) - STATES.indexOf(stateOf(b)));
    return members.map((call, index) => ({
      line: `${GROUP_LABELS[group]} ${Math.floor(index / PER_LINE)}`,
      column: index % PER_LINE,
      call,
    }));
  });
}

/** One square a call: a row for each purpose, coloured by who allows it, high-risk calls with a dot. */
export function drawSurface({ everyCall }: ReportFacts): Markup {
  const rows = squares(everyCall);
  const lines = [...new Set(rows.map(row => row.line))];
  const columns = Array.from({ length: PER_LINE }, (_, index) => index);
  const place = { x: "column", y: "line" } as const;
  return draw(
    {
      width: 162 + PER_LINE * CELL,
      height: lines.length * CELL + 4,
      marginLeft: 158,
      marginTop: 2,
      marginBottom: 2,
      marginRight: 4,
      x: { type: "band", domain: columns, axis: null, padding: 0.16 },
      y: { domain: lines, axis: null, padding: 0.16 },
      color: { type: "identity" },
      marks: [
        Plot.cell(rows, {
          ...place,
          fill: (row: Square) => stateColour(stateOf(row.call)),
          rx: 3,
          title: (row: Square) => `${row.call.name}: ${STATE_LABELS[stateOf(row.call)]}`,
        }),
        Plot.dot(
          rows.filter(row => levelOf(row.call) === "high"),
          { ...place, r: 2.5, fill: "var(--dot)", pointerEvents: "none" },
        ),
        Plot.axisY({
          tickSize: 0,
          fontSize: 13,
          label: null,
          fill: "var(--text)",
          tickFormat: (line: string) => (line.endsWith(" 0") ? line.slice(0, -2) : ""),
        }),
      ],
    },
    "One square for each system call, a row for each purpose. The same figures are in the table below the picture.",
  );
}

export interface LevelCount {
  readonly level: Level;
  readonly who: string;
  readonly count: number;
}

const WHO = ["this profile", "Docker’s default", "the kernel has"] as const;

const WHO_COLOURS: Readonly<Record<string, string>> = {
  [WHO[0]]: "var(--state-allowed)",
  [WHO[1]]: "var(--state-docker)",
  [WHO[2]]: "var(--state-neither)",
};

/** How many calls of each level of risk the profile, Docker's default and the kernel have. */
export function countLevels({ everyCall }: ReportFacts): readonly LevelCount[] {
  return LEVELS.flatMap(level => {
    const calls = everyCall.filter(call => levelOf(call) === level);
    const counts = [
      calls.filter(({ verdict }) => verdict !== "denied").length,
      calls.filter(({ docker }) => docker !== "denied").length,
      calls.length,
    ];
    return WHO.map((who, index) => ({ level, who, count: counts[index] ?? 0 }));
  });
}

export const LEVEL_LABELS: Readonly<Record<Level, string>> = {
  high: "high risk",
  elevated: "worth a look",
  ordinary: "everyday",
};

export function drawRisk(facts: ReportFacts): Markup {
  const rows = countLevels(facts).map(row => ({ ...row, label: LEVEL_LABELS[row.level] }));
  return draw(
    {
      width: 640,
      height: 210,
      marginLeft: 110,
      marginRight: 50,
      marginTop: 4,
      marginBottom: 4,
      x: { axis: null, domain: [0, Math.max(1, ...rows.map(row => row.count))] },
      y: { domain: [...WHO], axis: null, padding: 0.12 },
      fy: { domain: LEVELS.map(level => LEVEL_LABELS[level]), axis: null, padding: 0.2 },
      color: { type: "identity" },
      marks: [
        Plot.barX(rows, {
          x: "count",
          y: "who",
          fy: "label",
          fill: (row: LevelCount) => WHO_COLOURS[row.who],
          rx: 2,
        }),
        Plot.text(rows, {
          x: "count",
          y: "who",
          fy: "label",
          text: (row: LevelCount) => String(row.count),
          dx: 6,
          textAnchor: "start",
          fontSize: 12,
          fill: "var(--text)",
        }),
        Plot.axisFy({ anchor: "left", fontSize: 13, label: null, fill: "var(--text)" }),
      ],
    },
    rows.map(row => `${row.label}, ${row.who}: ${row.count}`).join("; "),
  );
}

const PURPOSE_MARKS: Readonly<Partial<Record<Run["purpose"], string>>> = {
  verify: "var(--run-verify)",
  enforce: "var(--run-verify)",
};

/** Known calls after each run, with what repeating without end is estimated to show. */
export function drawGrowth({ repetitions: runs, completeness }: ReportFacts): Markup {
  const last = runs.at(-1);
  const total = completeness.estimatedTotal;
  const shown = runs.findLast(({ run }) => run.purpose === "observe")?.known ?? 0;
  const highest = Math.max(1, last?.known ?? 0, total === undefined ? 0 : Math.min(total.high, shown * 1.6));
  const ticks = runs.length <= 20 ? runs.map(run => run.ordinal) : undefined;
  const marks: Plot.Markish[] = [
    Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1 }),
    Plot.lineY(runs, {
      x: "ordinal",
      y: "known",
      curve: "step-after",
      stroke: "var(--accent)",
      strokeWidth: 2,
    }),
    Plot.dot(runs, {
      x: "ordinal",
      y: "known",
      r: 5,
      fill: (run: RunFacts) => PURPOSE_MARKS[run.run.purpose] ?? "var(--accent)",
      stroke: "var(--card)",
      strokeWidth: 1.5,
      title: (run: RunFacts) => `run ${run.ordinal}: ${run.calls} calls, ${run.fresh.length} of them new`,
    }),
    Plot.text(
      runs.filter(run => run.fresh.length > 0),
      {
        x: "ordinal",
        y: "known",
        text: (run: RunFacts) => `+${run.fresh.length}`,
        dy: -13,
        fontSize: 12,
        fontWeight: 600,
        fill: "var(--text)",
      },
    ),
    Plot.ruleY([0], { stroke: "var(--line-strong)" }),
  ];
  if (total !== undefined && total.estimate > shown) {
    marks.unshift(
      Plot.rectY([total], {
        x1: 0.7,
        x2: runs.length + 0.3,
        y1: "low",
        y2: Math.min(total.high, highest),
        fill: "var(--accent)",
        fillOpacity: 0.1,
      }),
      Plot.ruleY([total.estimate], { stroke: "var(--accent)", strokeDasharray: "5 4" }),
    );
  }
  return draw(
    {
      width: 640,
      height: 250,
      marginLeft: 44,
      marginBottom: 38,
      marginTop: 24,
      x: { domain: [0.7, runs.length + 0.3], label: null },
      y: { domain: [0, highest * 1.1], label: null },
      color: { type: "identity" },
      marks: [
        ...marks,
        Plot.axisX({
          ...(ticks === undefined ? { ticks: 6 } : { ticks }),
          tickFormat: (value: number) => (Number.isInteger(value) ? `run ${value}` : ""),
          fontSize: 12,
          label: null,
          tickSize: 0,
          fill: "var(--muted)",
        }),
        Plot.axisY({ ticks: 5, tickSize: 0, fontSize: 12, label: null, fill: "var(--muted)" }),
      ],
    },
    `Calls known after each run: ${runs.map(run => run.known).join(", ")}.`,
  );
}

interface Sight {
  readonly name: string;
  /** Seconds after the first call. */
  readonly at: number;
  readonly phase: Phase;
  readonly order: number;
}

/** When each call was first made in one run, in order; empty when the run has no times. */
export function firstSights({ evidence }: ReportFacts, run: Run): readonly Sight[] {
  const first = new Map<string, { at: number; phase: Phase }>();
  for (const observation of evidence.observations) {
    const { firstSeen, phase } = observation;
    if (observation.run !== run.id || firstSeen === undefined || phase === undefined) continue;
    const name = nameOf(observation);
    const known = first.get(name);
    if (known === undefined || firstSeen < known.at) first.set(name, { at: firstSeen, phase });
  }
  const start = Math.min(...[...first.values()].map(({ at }) => at));
  return [...first]
    .sort(([a, x], [b, y]) => x.at - y.at || (a < b ? -1 : 1))
    .map(([name, { at, phase }], index) => ({ name, at: at - start, phase, order: index + 1 }));
}

/** One dot a call, where it was made for the first time in a run. */
export function drawFirstSights(sights: readonly Sight[]): Markup {
  const phases = PHASES.filter(phase => sights.some(sight => sight.phase === phase));
  const longest = Math.max(0.001, ...sights.map(sight => sight.at));
  return draw(
    {
      width: 640,
      height: 250,
      marginLeft: 44,
      marginBottom: 38,
      marginTop: 16,
      x: { domain: [-longest * 0.02, longest * 1.03], label: null },
      y: { domain: [0, sights.length * 1.05], label: null },
      color: { type: "identity" },
      marks: [
        Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1 }),
        Plot.dot(sights, {
          x: "at",
          y: "order",
          r: 4,
          fill: (sight: Sight) => phaseColour(sight.phase),
          title: (sight: Sight) => `${sight.name}: after ${sight.at.toFixed(3)} s, ${sight.phase}`,
        }),
        Plot.ruleY([0], { stroke: "var(--line-strong)" }),
        Plot.axisX({
          ticks: 6,
          tickFormat: (value: number) => (longest < 2 ? `${Math.round(value * 1000)} ms` : `${value} s`),
          fontSize: 12,
          label: null,
          tickSize: 0,
          fill: "var(--muted)",
        }),
        Plot.axisY({ ticks: 5, tickSize: 0, fontSize: 12, label: null, fill: "var(--muted)" }),
      ],
    },
    `Calls made for the first time in the course of one run: ${phases
      .map(phase => `${sights.filter(sight => sight.phase === phase).length} in ${phase}`)
      .join(", ")}.`,
  );
}
