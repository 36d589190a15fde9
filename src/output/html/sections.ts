import { riskOf } from "../../abi/risk.ts";
import { groups } from "../../abi/groups.ts";
import type { Evidence, Gap, Observation } from "../../evidence/model.ts";
import { callPath, callSite, runLink } from "./calls.ts";
import { type CallFacts, nameOf, type ReportFacts } from "./facts.ts";
import { clipped, type Content, html, type Markup } from "./markup.ts";
import {
  countLevels,
  drawFirstSights,
  drawGrowth,
  drawRisk,
  drawSurface,
  firstSights,
  LEVEL_LABELS,
  LEVELS,
  levelOf,
  STATE_LABELS,
  stateOf,
  STATES,
} from "./plots.ts";
import { describeRun, GAP_LABELS, GROUP_LABELS, PHASE_MEANING, PHASES } from "./words.ts";
import { plural } from "../../plural.ts";

const MOST_PATHS = 300;
const MOST_GAPS = 500;

/** The names, each a link to its row in the matrix. */
export function names(facts: ReportFacts, list: readonly string[]): Markup {
  const rows = new Map(facts.calls.map(call => [call.name, `${call.abi}-${call.number}`]));
  return html`${list.map((name, index) => {
    const row = rows.get(name);
    const text = html`<code>${name}</code>`;
    const linked = row === undefined ? text : html`<a class="call" href="#call-${row}">${text}</a>`;
    return html`${index > 0 && " "}${linked}`;
  })}`;
}

export function table(
  caption: string,
  head: readonly Content[],
  rows: readonly (readonly Content[])[],
): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption class="hush">${caption}</caption><thead><tr>${head.map(
    cell => html`<th scope="col">${cell}</th>`,
  )}</tr></thead><tbody>
${rows.map(
  row => html`<tr>${row.map(cell => html`<td>${cell}</td>`)}</tr>
`,
)}</tbody></table></div>`;
}

function behind(title: string, content: Markup): Markup {
  return html`<details><summary>${title}</summary>${content}</details>`;
}

function key(items: readonly (readonly [string, string])[]): Markup {
  return html`<ul class="key">${items.map(([style, text]) => html`<li><i class="${style}"></i>${text}</li>`)}</ul>`;
}

export function surface(facts: ReportFacts): Markup {
  const { everyCall } = facts;
  const count = (keep: (call: CallFacts) => boolean): number => everyCall.filter(keep).length;
  const beyond = everyCall.filter(call => stateOf(call) === "beyond").map(({ name }) => name);
  const given = count(({ docker }) => docker !== "denied");
  const taken = count(call => stateOf(call) === "docker");
  const rows = groups()
    .map(group => {
      const members = everyCall.filter(call => call.group === group);
      return [
        GROUP_LABELS[group],
        ...STATES.map(state => members.filter(call => stateOf(call) === state).length),
        members.length,
      ];
    })
    .filter(row => row.at(-1) !== 0);
  return html`<p>Each square is one system call of Linux on ${facts.abi}. ${
    given === 0
      ? "Docker does not run on this kind of machine, so there is nothing to compare with."
      : html`Docker’s default profile, which a container gets when nobody asks for another, allows ${given} of them; this profile takes ${taken} of those away${
          beyond.length === 0
            ? " and adds none."
            : html` and adds ${beyond.length} that Docker’s default denies: ${names(facts, beyond)}.`
        }`
  }</p>
<figure>${key([...STATES.map(state => [`state ${state}`, STATE_LABELS[state]] as const), ["state dotted", "high risk: should not be there without a reason"]])}
<div class="scroll picture" tabindex="0" role="region" aria-label="Picture of the attack surface">${drawSurface(facts)}</div></figure>
${behind(
  "The same in numbers",
  table(
    "Calls by purpose",
    ["purpose", "this profile", "this profile only", "Docker’s default only", "neither", "in all"],
    rows,
  ),
)}
<h3>By risk</h3>
<figure>${key([
    ["state allowed", "allowed by this profile"],
    ["state docker", "allowed by Docker’s default"],
    ["state neither", "in the kernel"],
  ])}<div class="picture">${drawRisk(facts)}</div></figure>
${riskList(facts)}
${behind(
  "The same in numbers",
  table(
    "Calls by risk",
    ["risk", "this profile", "Docker’s default", "the kernel has"],
    LEVELS.map(level => [
      LEVEL_LABELS[level],
      ...countLevels(facts)
        .filter(row => row.level === level)
        .map(row => row.count),
    ]),
  ),
)}`;
}

function riskList(facts: ReportFacts): Markup {
  const risky = facts.calls.filter(call => call.verdict !== "denied" && levelOf(call) !== "ordinary");
  if (risky.length === 0)
    return html`<p>None of the calls that this profile allows is known as a tool of attackers.</p>`;
  risky.sort((a, b) => LEVELS.indexOf(levelOf(a)) - LEVELS.indexOf(levelOf(b)));
  return html`<p>Allowed, and worth a reviewer’s look:</p>
<dl class="risks">${risky.map(
    call =>
      html`<dt>${names(facts, [call.name])} <span class="risk ${levelOf(call)}">${LEVEL_LABELS[levelOf(call)]}</span></dt><dd>${riskOf(call.name)?.why}</dd>`,
  )}</dl>`;
}

export function phases(facts: ReportFacts): Markup {
  const byPhase = new Map(
    PHASES.map(phase => [phase, facts.calls.filter(call => call.phases.includes(phase))] as const),
  );
  const present = PHASES.filter(phase => (byPhase.get(phase)?.length ?? 0) > 0);
  if (present.length === 0) return html`<p>No source of this evidence knows phases.</p>`;
  const startupOnly = facts.calls
    .filter(
      call =>
        call.phases.length > 0 && call.phases.every(phase => phase === "startup" || phase === "runtime"),
    )
    .map(({ name }) => name);
  const watched = facts.runs.find(
    ({ run }) => run.purpose === "observe" && firstSights(facts, run).length > 0,
  );
  return html`${table(
    "Calls by phase",
    ["phase", "what it is", "calls", "in this phase only"],
    present.map(phase => {
      const calls = byPhase.get(phase) ?? [];
      const only = calls.filter(call => call.phases.length === 1).map(({ name }) => name);
      return [
        html`<span class="phase ${phase}">${phase}</span>`,
        PHASE_MEANING[phase],
        calls.length,
        names(facts, only),
      ];
    }),
  )}
${
  present.includes("serving") && startupOnly.length > 0
    ? html`<p>${plural(startupOnly.length, "call")} ${startupOnly.length === 1 ? "was" : "were"} made only before the program was ready. A program that tightens its own filter once it serves could give ${startupOnly.length === 1 ? "it" : "them"} up.</p>`
    : ""
}
${
  watched === undefined
    ? ""
    : html`<h3>When each call was first made</h3><p>One dot for each call of ${runLink(facts, watched.run.id)}, where it was made for the first time, counted from its first call of all.</p>
<figure>${key(PHASES.filter(phase => firstSights(facts, watched.run).some(sight => sight.phase === phase)).map(phase => [`dot ${phase}`, phase] as const))}<div class="picture">${drawFirstSights(firstSights(facts, watched.run))}</div></figure>
${behind(
  "The same in numbers",
  table(
    "First sights",
    ["call", "after, s", "phase"],
    firstSights(facts, watched.run).map(sight => [
      names(facts, [sight.name]),
      sight.at.toFixed(3),
      sight.phase,
    ]),
  ),
)}`
}`;
}

export function growth(facts: ReportFacts): Markup {
  const { completeness } = facts;
  const runs = facts.repetitions;
  const total = completeness.estimatedTotal;
  return html`<p>${completeness.explanation}</p>
${
  runs.length < 2
    ? ""
    : html`<figure>${key([
        ["dot accent", "recording"],
        ["dot verify", "verification"],
        ...(total !== undefined && total.estimate > completeness.known
          ? [["band", "what endless repetition would show, by estimate (Chao2, 95 %)"] as const]
          : []),
      ])}<div class="picture">${drawGrowth(facts)}</div></figure>
${behind(
  "The same in numbers",
  table(
    "Calls known after each run",
    ["run", "kind", "calls", "new", "known", "which were new"],
    runs.map(run => [
      runLink(facts, run.run.id),
      describeRun(run.run),
      run.calls,
      run.fresh.length,
      run.known,
      run.fresh.length > 60 ? `${run.fresh.length} calls` : names(facts, run.fresh),
    ]),
  ),
)}`
}
<p class="quiet">An estimate speaks about repetitions of the same workload. What nobody exercised, such as a backup at night or an error path, no repetition will show.</p>`;
}

export function verification(facts: ReportFacts): Markup {
  const trials = facts.runs.filter(({ run }) => run.purpose === "verify" || run.purpose === "enforce");
  if (trials.length === 0)
    return html`<p>The evidence holds no run under the profile, so it is unproven. <code>seccraft craft</code> makes such runs; <code>seccraft run --profile FILE --explain -- COMMAND</code> tries it by hand.</p>`;
  return html`<p>A verification runs the program under the profile and notes everything that is denied. What was denied is added, until a run passes without a denial.</p>
<ol class="trials">${trials.map(({ run, calls }) => {
    const denied = facts.evidence.observations.filter(({ run: id }) => id === run.id);
    const passed = run.purpose === "enforce" || calls === 0;
    return html`<li class="${passed && run.finished ? "passed" : "failed"}"><b>${
      !run.finished
        ? "Broken off"
        : passed
          ? (run.purpose === "enforce" ? "Works under the real filter" : "Nothing denied")
          : plural(calls, "call") + " denied"
    }</b> <small>${runLink(facts, run.id)}, ${describeRun(run)}${run.seconds === undefined ? "" : `, ${run.seconds.toFixed(1)} s`}</small>${
      denied.length === 0 ? "" : html`<br>${names(facts, [...new Set(denied.map(nameOf))].sort())}`
    }</li>`;
  })}</ol>`;
}

export function gaps(facts: ReportFacts): Markup {
  const { gaps: list } = facts.evidence;
  if (list.length === 0)
    return html`<p>No source reported anything that it could not find out. Even so it only knows what ran, or what it was given to read.</p>`;
  const grouped = new Map<string, { gap: Gap; runs: Set<string>; count: number }>();
  for (const gap of list) {
    const same = JSON.stringify([gap.kind, gap.reason, gap.place, gap.remedy]);
    const known = grouped.get(same) ?? { gap, runs: new Set<string>(), count: 0 };
    known.runs.add(gap.run);
    known.count = Math.max(known.count, gap.count ?? 0);
    grouped.set(same, known);
  }
  const rows = [...grouped.values()]
    .slice(0, MOST_GAPS)
    .map(({ gap, runs, count }) => [
      GAP_LABELS[gap.kind],
      html`${clipped(gap.reason)}${gap.place && html`<br>${callSite(gap.place)}`}`,
      count === 0 ? "" : count,
      gap.remedy === undefined ? "" : clipped(gap.remedy),
      html`${[...runs].slice(0, 6).map(run => html`${runLink(facts, run)} `)}${runs.size > 6 ? `and ${runs.size - 6} more` : ""}`,
    ]);
  const code = new Set(facts.runs.flatMap(({ run }) => (run.source === "static" ? [run.id] : [])));
  const analysed = list.some(({ run, remedy }) => code.has(run) && remedy !== undefined);
  return html`<p>What the recordings and the analysis could not find out.${analysed ? html` The options that it names are those of <code>seccraft analyze</code>.` : ""}</p>${table("Gaps", ["kind", "what is not known", "times", "what to do", "where"], rows)}${
    grouped.size > rows.length ? html`<p>${grouped.size - rows.length} more are in the evidence.</p>` : ""
  }`;
}

export function callPaths(facts: ReportFacts): Markup {
  const withPath = facts.evidence.observations.filter(
    (seen): seen is Observation & Required<Pick<Observation, "path">> => (seen.path?.length ?? 0) > 0,
  );
  if (withPath.length === 0)
    return html`<p>No source of this evidence knows call paths; static analysis would: it shows from where in the program a call can be reached.</p>`;
  const shown = withPath.slice(0, MOST_PATHS).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return html`<p>For each call one shortest way to it, as static analysis found it.</p><p class="paper">On paper they are left out; on a screen each can be opened.</p><div class="paths">${shown.map(
    seen =>
      behind(
        `${nameOf(seen)}${seen.executable === undefined ? "" : ` in ${clipped(seen.executable)}`}`,
        callPath(seen.path),
      ),
  )}</div>${withPath.length > MOST_PATHS ? html`<p>${withPath.length - MOST_PATHS} more are in the evidence.</p>` : ""}`;
}

function environmentText({ runs }: Evidence, id: string): string {
  const environment = runs.find(run => run.id === id)?.environment;
  return [
    environment?.kernel && `Linux ${environment.kernel}`,
    environment?.machine,
    environment?.libc,
    environment?.user !== undefined && `user ${environment.user}`,
  ]
    .filter(part => typeof part === "string" && part !== "")
    .join(", ");
}

export function runsTable(facts: ReportFacts): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Runs"><table><caption class="hush">Runs</caption><thead><tr><th scope="col">run</th><th scope="col">kind</th><th scope="col">started</th><th scope="col" class="n">seconds</th><th scope="col" class="n">calls</th><th scope="col">finished</th><th scope="col">where</th><th scope="col">id in the evidence</th></tr></thead><tbody>
${facts.runs.map(
  ({ run, ordinal, calls }) =>
    html`<tr id="run-${ordinal}"><th scope="row">run ${ordinal}</th><td>${describeRun(run)}</td><td>${run.started?.replace("T", " ").replace(/\.\d+Z$/, " UTC")}</td><td class="n">${run.seconds?.toFixed(2)}</td><td class="n">${calls}</td><td>${run.finished ? "yes" : "no: there may be more"}</td><td>${clipped(environmentText(facts.evidence, run.id))}</td><td><code>${clipped(run.id, 40)}</code></td></tr>
`,
)}</tbody></table></div>`;
}
