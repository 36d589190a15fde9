import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { printEvidence } from "../../evidence/codec.ts";
import { packagedFile } from "../../packaged.ts";
import { printProfile } from "../../profile/print.ts";
import { defaultActionOf } from "../../profile/resolve.ts";
import { TOOL } from "../../version.ts";
import { callMatrix } from "./calls.ts";
import { gatherFacts, type ReportFacts, type ReportInput } from "./facts.ts";
import { clipped, type Content, html, Markup } from "./markup.ts";
import { levelOf } from "./plots.ts";
import { callPaths, gaps, growth, phases, runsTable, surface, verification } from "./sections.ts";
import { findings, reachable } from "./advice.ts";
import { describeAnswer } from "./words.ts";
import { plural } from "../../plural.ts";

/** Evidence that is larger than this, compressed and in base64, is named by its hash instead of being held. */
const LARGEST_EVIDENCE = 900_000;

function hash(text: string, encoding: "base64" | "hex"): string {
  return createHash("sha256").update(text).digest(encoding);
}

function packed(text: string): string {
  return gzipSync(text, { level: 9 }).toString("base64");
}

interface Section {
  readonly id: string;
  /** In the bar at the top. */
  readonly short: string;
  readonly title: string;
  readonly body: Markup;
}

function sections(facts: ReportFacts): readonly Section[] {
  return [
    { id: "surface", short: "Attack surface", title: "Attack surface", body: surface(facts) },
    { id: "calls", short: "Calls", title: "What is allowed, and why", body: callMatrix(facts) },
    { id: "reachable", short: "Reachable", title: "Reachable, but never seen", body: reachable(facts) },
    { id: "phases", short: "Phases", title: "Phases", body: phases(facts) },
    { id: "growth", short: "Completeness", title: "How complete it is", body: growth(facts) },
    { id: "verification", short: "Proof", title: "How it was proved", body: verification(facts) },
    { id: "lint", short: "Lint", title: "What a linter says of the profile", body: findings(facts) },
    { id: "gaps", short: "Gaps", title: "What is not known", body: gaps(facts) },
    { id: "paths", short: "Call paths", title: "Call paths", body: callPaths(facts) },
    { id: "runs", short: "Runs", title: "Runs", body: runsTable(facts) },
  ];
}

function percent(p: number): string {
  return p < 0.095 ? `${(p * 100).toFixed(1)} %` : `${Math.round(p * 100)} %`;
}

function tile(to: string, figure: Content, text: Content, style = ""): Markup {
  return html`<li class="${style}"><a href="#${to}"><b>${figure}</b><span>${text}</span></a></li>`;
}

function tiles(facts: ReportFacts): Markup {
  const { everyCall, completeness, calls } = facts;
  const allowed = everyCall.filter(({ verdict }) => verdict !== "denied");
  const docker = everyCall.filter(call => call.docker !== "denied").length;
  const high = allowed.filter(call => levelOf(call) === "high").length;
  const unexplained = calls.filter(
    ({ verdict, observations, otherReasons }) =>
      verdict !== "denied" && observations.length === 0 && otherReasons.length === 0,
  ).length;
  const refused = calls.filter(({ verdict, onlyReachable }) => verdict === "denied" && !onlyReachable).length;
  const atMost = completeness.unseenProbabilityAtMost;
  return html`<ul class="tiles">
${tile("calls", html`${allowed.length}<small> of ${everyCall.length}</small>`, "system calls allowed")}
${docker > 0 && tile("surface", docker, "allowed by Docker’s default profile")}
${tile("surface", high, high === 1 ? "high-risk call allowed" : "high-risk calls allowed", high > 0 ? "warn" : "good")}
${tile("growth", atMost === undefined ? "?" : html`<small>at most </small>${percent(atMost)}`, atMost === undefined ? "chance that the next run needs another call: repeat it to know" : `chance that the next run needs another call, after ${plural(completeness.runs, "run")}`)}
${unexplained > 0 && tile("calls", unexplained, "allowed without any evidence", "warn")}
${refused > 0 && tile("calls", refused, "seen, but not allowed", "warn")}
</ul>`;
}

function proofSentence({ evidence, runs, profileGiven }: ReportFacts): string {
  if (profileGiven) return "The profile was given; the evidence is held against it.";
  const last = runs.findLast(({ run }) => run.purpose === "verify" && run.finished);
  const enforced = evidence.runs.some(run => run.purpose === "enforce" && run.finished);
  if (enforced) return "The program was then run under the real filter, and worked.";
  if (last !== undefined && last.calls === 0)
    return "A trial run under the profile made no call that it denies.";
  return "No trial run under the profile has proved it yet.";
}

function header(facts: ReportFacts): Markup {
  const watched = facts.runs.filter(({ run }) => run.purpose === "observe").length;
  const analyzed = facts.runs.filter(({ run }) => run.source === "static").length;
  const ways = [
    watched > 0 && `watched it in ${plural(watched, "run")}`,
    analyzed > 0 && `read its code (${plural(analyzed, "file")})`,
  ].filter(way => typeof way === "string");
  const answer = describeAnswer(defaultActionOf(facts.document));
  return html`<header><p class="brand">seccraft report</p><h1>${clipped(facts.title)}</h1>
<p class="lead">${ways.length === 0 ? "" : `seccraft ${ways.join(" and ")}. `}The profile lets the program make the calls on this page; any other ${answer}. ${proofSentence(facts)}</p>
${tiles(facts)}
<details class="primer"><summary>What is this about?</summary>
<p>A program asks the Linux kernel for everything it cannot do alone (open a file, send a packet, start a process) by <dfn>system calls</dfn>. Linux has some 380 kinds; a program needs a few dozen. A <dfn>seccomp profile</dfn> is a list that the kernel holds the program to: what is on it goes through, everything else is refused. Should somebody take over the program, they get no further than the list.</p>
<p>Too short a list breaks the program, too long a one protects from little. So this page shows for each call on the list who needed it, when, and how sure that is. Every figure leads to the runs at the end of the page, and those are in the evidence that the page holds.</p></details></header>`;
}

function evidenceSection(facts: ReportFacts, evidence: string, profile: string): Markup {
  const data = packed(evidence);
  const held = data.length <= LARGEST_EVIDENCE;
  return html`<section id="evidence" aria-labelledby="h-evidence"><h2 id="h-evidence">Evidence</h2>
<p>${
    held
      ? "This page holds the evidence that it was made from, and the profile. Saved from here they are the same bytes."
      : "The evidence is too large for this page; it is the file with this hash."
  }</p>
<p class="files">${held && html`<button type="button" data-save="evidence-data" data-file="evidence.json">save evidence.json</button> `}<button type="button" data-save="profile-data" data-file="profile.json">save profile.json</button></p>
<dl class="hashes"><dt>evidence, SHA-256</dt><dd><code>${hash(evidence, "hex")}</code></dd><dt>profile, SHA-256</dt><dd><code>${hash(profile, "hex")}</code></dd><dt>made by</dt><dd>${TOOL}, from ${plural(facts.evidence.observations.length, "observation")} in ${plural(facts.evidence.runs.length, "run")}</dd></dl>
${held && html`<script type="application/gzip" id="evidence-data">${new Markup(data)}</script>`}
<script type="application/gzip" id="profile-data">${new Markup(packed(profile))}</script></section>`;
}

function policy(style: string, script: string): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${hash(style, "base64")}'`,
    `script-src 'sha256-${hash(script, "base64")}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/**
 * One HTML file that shows what a profile allows and why. It holds all that it needs: its policy forbids every
 * request. The same input gives the same bytes.
 */
export function renderReport(input: ReportInput): string {
  const facts = gatherFacts(input);
  const style = readFileSync(packagedFile("assets/report.css"), "utf8");
  const script = readFileSync(packagedFile("assets/report.js"), "utf8");
  const parts = sections(facts);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${clipped(facts.title, 80)}: seccraft report</title>
<style>${new Markup(style)}</style></head>
<body><a class="skip" href="#main">to the content</a>
<nav aria-label="Sections"><ul>${parts.map(part => html`<li><a href="#${part.id}">${part.short}</a></li>`)}<li><a href="#evidence">Evidence</a></li></ul><button type="button" id="theme" hidden>dark</button></nav>
<main id="main">${header(facts)}
${parts.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="h-${id}"><h2 id="h-${id}">${title}</h2>
${body}</section>
`,
)}${evidenceSection(facts, printEvidence(facts.evidence), printProfile(facts.document))}</main>
<script>${new Markup(script)}</script></body></html>
`;
  return page.text;
}
