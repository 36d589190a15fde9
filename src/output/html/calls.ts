import { describeArgument } from "../../abi/arguments.ts";
import { syscallByNumber } from "../../abi/syscalls.ts";
import type { CallSite, Observation } from "../../evidence/model.ts";
import type { Reason } from "../../profile/derive.ts";
import type { CallFacts, ReportFacts } from "./facts.ts";
import { clipped, type Content, html, type Markup } from "./markup.ts";
import { LEVEL_LABELS, LEVELS, levelOf } from "./plots.ts";
import { type Column, describeAnswer, GROUP_LABELS, PHASE_MEANING, PHASES } from "./words.ts";
import { plural } from "../../plural.ts";

/** Rows of observations on the whole page, and so of each call: a page has to stay under 2 MB. */
const MOST_OBSERVATIONS = 3000;
const MOST_VALUES = 8;

/** A link to a run's row in the table of runs. */
export function runLink(facts: ReportFacts, id: string): Markup {
  const ordinal = facts.runs.find(({ run }) => run.id === id)?.ordinal;
  return html`<a href="#run-${ordinal}">run ${ordinal}</a>`;
}

export function callSite(site: CallSite): Markup {
  const where = site.address === undefined ? site.file : `${site.file}+${site.address}`;
  return site.function === undefined
    ? html`<code>${clipped(where)}</code>`
    : html`<code>${clipped(site.function)}</code> <small>${clipped(where)}</small>`;
}

export function callPath(path: readonly CallSite[]): Markup {
  return html`<ol class="path">${path.map(site => html`<li>${callSite(site)}</li>`)}</ol>`;
}

function otherReason(reason: Reason): string {
  switch (reason.kind) {
    case "essential":
      return "no program can do without it";
    case "runtime":
      return `${reason.runtime} itself may make it, after it has loaded the profile`;
    case "observed":
      return "observed";
  }
}

const MOST_MAKERS = 3;

/** `nginx, curl and 2 more`: the programs and libraries that observations name. */
function makers(observations: readonly Observation[], { ofRuntime }: ReportFacts): string | undefined {
  const names = [
    ...new Set(observations.flatMap(({ executable }) => executable?.split("/").at(-1) ?? [])),
  ].sort();
  if (names.length === 0) {
    if (observations.some(ofRuntime)) return "the container runtime";
    return observations.some(({ label }) => label === "container-runtime")
      ? "what started the program"
      : undefined;
  }
  const shown = names.slice(0, MOST_MAKERS).map(name => clipped(name, 40));
  const more = names.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** One sentence: why the call is allowed, or why it is not. */
export function why(call: CallFacts, facts: ReportFacts): string {
  const reasons = new Set<string>();
  for (const column of facts.columns) {
    const runs = call.runs.get(column.id);
    if (runs === undefined) continue;
    const seen = call.observations.filter(({ run }) => runs.has(run));
    reasons.add(column.why(makers(seen, facts)));
  }
  // What was seen needs no list that expects it.
  const others = call.observations.some(facts.ofRuntime)
    ? call.otherReasons.filter(({ kind }) => kind !== "runtime")
    : call.otherReasons;
  for (const reason of others) reasons.add(otherReason(reason));
  const text = [...reasons].join("; ");
  if (call.verdict === "denied" && call.onlyReachable) return `${text}, but never seen`;
  if (call.verdict === "denied")
    return `${call.answer === undefined ? "denied" : describeAnswer(call.answer)}; yet ${text}`;
  if (text === "") return "the profile allows it, but nothing in the evidence asks for it";
  return text;
}

function resultText({ errnos }: Observation): string {
  if (errnos === undefined) return "not seen";
  const failures = Object.entries(errnos);
  if (failures.length === 0) return "all went well";
  return failures.map(([name, count]) => `${name} ${count}×`).join(", ");
}

function argumentLines(seen: Observation): Markup[] {
  const names = syscallByNumber(seen.abi, seen.number)?.args;
  return (seen.arguments ?? []).map(({ index, values, complete }) => {
    const texts = values
      .slice(0, MOST_VALUES)
      .map(value => clipped(describeArgument(seen.abi, seen.syscall, index, BigInt(value)), 80));
    const more = values.length > MOST_VALUES || !complete ? ", …" : "";
    return html`<div><b>${names?.[index] ?? `argument ${index}`}</b> ${texts.join(", ")}${more}</div>`;
  });
}

function observationRow(seen: Observation, facts: ReportFacts): Markup {
  const entered = seen.entry === undefined ? undefined : "entered by exec";
  const notes = [seen.label, entered, seen.reason?.replaceAll("-", " ")]
    .filter(note => note !== undefined)
    .join(", ");
  return html`<tr><td>${runLink(facts, seen.run)}</td><td>${seen.phase}</td><td><code>${clipped(seen.executable ?? "")}</code> ${notes}</td><td class="n">${seen.count}</td><td class="n">${seen.firstSeen?.toFixed(3)}</td><td>${clipped(resultText(seen))}</td><td>${argumentLines(seen)}${seen.path && callPath(seen.path)}</td></tr>
`;
}

function detail(call: CallFacts, facts: ReportFacts): Markup {
  const { risk } = call;
  const order = new Map(facts.runs.map(({ run, ordinal }) => [run.id, ordinal]));
  const observations = [...call.observations].sort(
    (a, b) => (order.get(a.run) ?? 0) - (order.get(b.run) ?? 0),
  );
  const shown = observations.slice(0, Math.max(4, Math.floor(MOST_OBSERVATIONS / facts.calls.length)));
  const left = observations.length - shown.length;
  return html`${
    risk &&
    html`<p><b>${risk.level === "high" ? "High risk" : "Worth a look"}:</b> ${risk.why} <a href="${risk.source.url}" rel="noreferrer">${risk.source.name}</a></p>`
  }${
    call.verdict === "some" &&
    html`<p>The profile allows it with some arguments only; otherwise it ${call.answer && describeAnswer(call.answer)}.</p>`
  }${
    observations.length > 0 &&
    html`<table class="observations"><caption class="hush">What was seen of ${call.name}</caption><thead><tr><th scope="col">run</th><th scope="col">phase</th><th scope="col">made by</th><th scope="col" class="n">times</th><th scope="col" class="n">first, s</th><th scope="col">results</th><th scope="col">arguments, path</th></tr></thead><tbody>
${shown.map(seen => observationRow(seen, facts))}</tbody></table>`
  }${left > 0 && html`<p>${left} more are in the evidence.</p>`}${
    observations.length === 0 && html`<p>${why(call, facts)}.</p>`
  }`;
}

function mark(call: CallFacts, column: Column, facts: ReportFacts): Markup {
  const runs = call.runs.get(column.id)?.size ?? 0;
  const of = facts.runs.filter(({ run }) => `${run.purpose}-${run.source}` === column.id).length;
  if (runs === 0) return html`<td class="mark"><span class="hush">no</span></td>`;
  return html`<td class="mark"><span class="on" title="${column.meaning}: ${runs} of ${plural(of, "run")}">${runs}<span class="of">/${of}</span></span></td>`;
}

function phaseMarks(call: CallFacts, phases: readonly string[]): Markup {
  return html`<td class="phases" data-sort="${call.phases.map(phase => phases.indexOf(phase)).join("")}">${call.phases.map(
    phase => html`<span class="phase ${phase}" title="${PHASE_MEANING[phase]}">${phase}</span> `,
  )}</td>`;
}

function stateIn({
  verdict,
  onlyReachable,
  observations,
}: CallFacts): "seen" | "unseen" | "denied" | "reachable" {
  if (verdict === "denied") return onlyReachable ? "reachable" : "denied";
  return observations.length === 0 || onlyReachable ? "unseen" : "seen";
}

function stateChip(state: ReturnType<typeof stateIn>): Markup | false {
  if (state !== "denied" && state !== "reachable") return false;
  return html`<span class="risk ${state === "denied" ? "high" : "left"}">not allowed</span> `;
}

function callRows(call: CallFacts, facts: ReportFacts, width: number): Markup {
  const level = levelOf(call);
  const id = `${call.abi}-${call.number}`;
  const reason = why(call, facts);
  const state = stateIn(call);
  const search = [call.name, reason, ...new Set(call.observations.map(seen => seen.executable ?? ""))].join(
    " ",
  );
  return html`<tbody id="call-${id}" data-name="${call.name}" data-text="${clipped(search.toLowerCase(), 1000)}" data-group="${call.group}" data-risk="${level}" data-phases="${call.phases.join(" ")}" data-columns="${[...call.runs.keys()].join(" ")}" data-state="${state}" data-docker="${call.docker}">
<tr><th scope="row" data-sort="${call.name}"><button type="button" class="open" aria-expanded="false" aria-controls="detail-${id}"><code>${call.name}</code></button>${call.abi === facts.abi ? "" : html` <small>${call.abi}</small>`}</th><td class="why">${stateChip(state)}${reason}</td><td data-sort="${LEVELS.indexOf(level)}"><span class="risk ${level}">${LEVEL_LABELS[level]}</span></td><td data-sort="${call.group}">${call.group && GROUP_LABELS[call.group]}</td>${facts.columns.map(column => mark(call, column, facts))}${phaseMarks(call, PHASES)}<td class="n" data-sort="${call.count}">${call.count === 0 ? "" : call.count.toLocaleString("en")}</td></tr>
<tr class="detail" id="detail-${id}"><td colspan="${width}">${detail(call, facts)}</td></tr></tbody>
`;
}

function choice(id: string, label: string, options: readonly (readonly [string, string])[]): Markup {
  return html`<label for="${id}">${label}</label><select id="${id}"><option value="">all</option>${options.map(
    ([value, text]) => html`<option value="${value}">${text}</option>`,
  )}</select>`;
}

function filters(facts: ReportFacts): Markup {
  const present = new Set(facts.calls.flatMap(({ group }) => group ?? []));
  const phases = new Set(facts.calls.flatMap(call => call.phases));
  const states: (readonly [string, string])[] = [
    ["seen", "allowed and seen"],
    ["unseen", "allowed, never seen"],
    ["denied", "seen, not allowed"],
    ["reachable", "reachable, not allowed"],
  ];
  return html`<form class="filters" role="search" aria-label="Filter the calls">
<span><label for="f-text">search</label><input id="f-text" type="search" placeholder="name, program, reason" autocomplete="off" spellcheck="false"></span>
<span>${choice(
    "f-group",
    "purpose",
    [...present].sort().map(group => [group, GROUP_LABELS[group]] as const),
  )}</span>
<span>${choice(
    "f-risk",
    "risk",
    LEVELS.map(level => [level, LEVEL_LABELS[level]] as const),
  )}</span>
<span>${choice(
    "f-phase",
    "phase",
    PHASES.filter(phase => phases.has(phase)).map(phase => [phase, phase] as const),
  )}</span>
<span>${choice(
    "f-column",
    "source",
    facts.columns.map(column => [column.id, column.label] as const),
  )}</span>
<span>${choice("f-state", "state", states)}</span>
<button type="reset">clear</button>
<output id="f-count" for="f-text f-group f-risk f-phase f-column f-state">${facts.calls.length} of ${facts.calls.length}</output>
</form>`;
}

function heading(text: string, kind: "text" | "number", extra: Content = ""): Markup {
  return html`<th scope="col" data-kind="${kind}"${extra}><button type="button" class="sort">${text}</button></th>`;
}

/** The matrix of calls and sources, with everything that was seen of a call behind its name. */
export function callMatrix(facts: ReportFacts): Markup {
  const width = facts.columns.length + 6;
  const example =
    facts.columns.length === 0 ? "" : " 2/3 in the column of a source: two of its three runs know the call.";
  return html`<p>Every call that is allowed, was seen or can be reached, and who says so.${example} Behind its name is everything that was seen of it.</p>
${filters(facts)}
<div class="scroll" tabindex="0" role="region" aria-label="Calls and why they are allowed"><table class="calls" id="calls-table">
<caption class="hush">Calls, and the sources that know them</caption>
<thead><tr>${heading("system call", "text", html` aria-sort="ascending"`)}<th scope="col">why</th>${heading("risk", "number")}${heading("purpose", "text")}${facts.columns.map(
    column => html`<th scope="col" class="mark" title="${column.meaning}">${column.label}</th>`,
  )}${heading("phases", "text", html` class="phases"`)}${heading("times", "number", html` class="n"`)}</tr></thead>
${facts.calls.map(call => callRows(call, facts, width))}</table></div>`;
}
