import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parseHTML } from "linkedom";
import { printEvidence } from "../../../src/evidence/codec.ts";
import { joinEvidence, NO_EVIDENCE } from "../../../src/evidence/join.ts";
import { why } from "../../../src/output/html/calls.ts";
import { gatherFacts } from "../../../src/output/html/facts.ts";
import { renderReport } from "../../../src/output/html/page.ts";
import { runtimeCalls } from "../../../src/profile/runtime-base.ts";
import { parseProfile } from "../../../src/profile/parse.ts";
import { hostileEvidence, serverEvidence } from "./sample.ts";

test("the same evidence gives the same bytes, whatever the order it was joined in", () => {
  const evidence = serverEvidence(3, 20, 1);
  const shuffled = {
    ...evidence,
    runs: [...evidence.runs].reverse(),
    observations: [...evidence.observations].reverse(),
  };
  assert.equal(renderReport({ evidence }), renderReport({ evidence: joinEvidence(shuffled) }));
});

test("a page without any evidence says so", () => {
  const page = renderReport({ evidence: joinEvidence() });
  assert.match(page, /No finished run of the target was observed/);
  assert.match(page, /No source of this evidence knows phases/);
});

test("the page holds the evidence and the profile that it was made from", () => {
  const evidence = serverEvidence(2, 10, 1);
  const { document } = parseHTML(renderReport({ evidence }));
  const held = gunzipSync(Buffer.from(document.querySelector("#evidence-data")?.textContent ?? "", "base64"));
  assert.equal(held.toString(), printEvidence(evidence));
  const profile = gunzipSync(
    Buffer.from(document.querySelector("#profile-data")?.textContent ?? "", "base64"),
  );
  assert.deepEqual(parseProfile(profile.toString(), "profile"), gatherFacts({ evidence }).document);
});

test("each observation of a call is in its row, with a link to its run", () => {
  const evidence = serverEvidence(2, 10, 2);
  const { document } = parseHTML(renderReport({ evidence }));
  const rows = [...document.querySelectorAll("#call-x86_64-0 .observations tbody tr")];
  assert.equal(rows.length, 4);
  const links = rows.map(row => row.querySelector("a")?.getAttribute("href"));
  assert.deepEqual(links, ["#run-1", "#run-1", "#run-2", "#run-2"]);
  for (const link of links) assert.ok(document.querySelector(link ?? ""), `${link} is on the page`);
  const opened = document.querySelector("#call-x86_64-257")?.textContent ?? "";
  assert.match(opened, /not allowed reachable in server, but never seen/);
  assert.match(
    document.querySelector("#reachable")?.textContent ?? "",
    /can reach 1 call which no run has made/,
  );
  assert.match(opened, /fopen/);
});

test("the history of the proof tells the run under the real filter from those that only watched", () => {
  const evidence = serverEvidence(1, 10, 1);
  const [first] = evidence.runs;
  assert.ok(first);
  const enforced = { ...first, id: "enforced", source: "filter", purpose: "enforce", seconds: 2.5 } as const;
  const page = renderReport({
    evidence: joinEvidence(evidence, { ...NO_EVIDENCE, runs: [enforced] }),
  });
  const { document } = parseHTML(page);
  const trials = [...document.querySelectorAll("#verification .trials li")];
  assert.deepEqual(
    trials.map(li => [li.className, li.querySelector("b")?.textContent]),
    [
      ["failed", "1 call denied"],
      ["passed", "Works under the real filter"],
    ],
  );
  assert.match(trials[1]?.textContent ?? "", /run \d+, enforcement, 2\.5 s/);
  const row = document.querySelector(trials[1]?.querySelector("a")?.getAttribute("href") ?? "");
  assert.match(row?.textContent ?? "", /enforced/);
  assert.match(
    document.querySelector("header")?.textContent ?? "",
    /then run under the real filter, and worked/,
  );
});

test("more than a few targets are named by their programs", () => {
  const evidence = serverEvidence(1, 2, 1);
  const [first] = evidence.runs;
  assert.ok(first);
  const runs = [1, 2, 3, 4, 5].map(index => ({
    ...first,
    id: `r${index}`,
    target: { kind: "command", argv: [`/opt/p${index % 3}`, String(index)] } as const,
  }));
  assert.equal(
    gatherFacts({ evidence: joinEvidence({ ...NO_EVIDENCE, runs }) }).title,
    "5 targets: p0, p1, p2",
  );
});

test("a given profile is held against the evidence", () => {
  const profile = parseProfile(
    JSON.stringify({
      defaultAction: "SCMP_ACT_ERRNO",
      architectures: ["SCMP_ARCH_X86_64"],
      syscalls: [
        { names: ["read", "ptrace"], action: "SCMP_ACT_ALLOW" },
        {
          names: ["personality"],
          action: "SCMP_ACT_ALLOW",
          args: [{ index: 0, value: 0, op: "SCMP_CMP_EQ" }],
        },
      ],
    }),
    "given",
  );
  const evidence = serverEvidence(1, 2, 1);
  const facts = gatherFacts({ evidence, profile });
  const verdicts = Object.fromEntries(facts.calls.map(call => [call.name, call.verdict]));
  assert.deepEqual(verdicts, {
    bpf: "denied",
    openat: "denied",
    personality: "some",
    ptrace: "allowed",
    read: "allowed",
    write: "denied",
  });
  const { document } = parseHTML(renderReport({ evidence, profile }));
  assert.match(
    document.querySelector("#call-x86_64-101")?.textContent ?? "",
    /nothing in the evidence asks for it/,
  );
  assert.match(
    document.querySelector("#call-x86_64-1")?.textContent ?? "",
    /not allowed fails with EPERM; yet made by program-0/,
  );
  assert.match(document.querySelector(".tiles")?.textContent ?? "", /2allowed without any evidence/);
  assert.match(document.querySelector(".tiles")?.textContent ?? "", /2seen, but not allowed/);
});

test("the container runtime's own calls are told as its own", () => {
  const { runs, observations, gaps } = serverEvidence(1, 20, 1);
  const image = { kind: "image", name: "web:1" } as const;
  const known = observations.find(({ syscall }) => syscall === "read");
  assert.ok(known !== undefined);
  const evidence = joinEvidence({
    ...NO_EVIDENCE,
    runs: [
      ...runs.map(run => (run.source === "static" ? run : { ...run, target: image })),
      { id: "measured", source: "ebpf", purpose: "analyze", target: image, tool: "seccraft", finished: true },
    ],
    gaps,
    observations: [
      ...observations,
      ...["execve", "chdir"].map((syscall, index) => ({
        run: "measured",
        abi: known.abi,
        number: index === 0 ? 59 : 80,
        syscall,
        phase: "runtime" as const,
        label: "container-runtime" as const,
      })),
    ],
  });
  const derived = gatherFacts({ evidence }).document;
  for (const profile of [undefined, derived]) {
    const { document } = parseHTML(renderReport({ evidence, ...(profile && { profile }) }));
    const row = (number: number): string =>
      document.querySelector(`#call-x86_64-${number} .why`)?.textContent ?? "";
    assert.doesNotMatch(document.querySelector(".tiles")?.textContent ?? "", /without any evidence/);
    assert.equal(row(80), "made by the container runtime");
    assert.equal(row(437), "runc itself may make it, after it has loaded the profile");
    assert.match(document.querySelector("#calls-table thead")?.textContent ?? "", /container runtime/);
    assert.match(document.querySelector(".lead")?.textContent ?? "", /read its code \(1 file\)/);
  }
  const command = { kind: "command", argv: ["web"] } as const;
  const direct = gatherFacts({
    evidence: { ...evidence, runs: evidence.runs.map(run => ({ ...run, target: command })) },
  });
  const execve = direct.calls.find(({ name }) => name === "execve");
  assert.ok(execve !== undefined);
  assert.equal(why(execve, direct), "made by what started the program");
  const crun = { ...derived, syscalls: [{ names: runtimeCalls("crun"), action: "SCMP_ACT_ALLOW" as const }] };
  const { calls } = gatherFacts({ evidence: serverEvidence(1, 1, 1), profile: crun });
  assert.deepEqual(calls.find(({ name }) => name === "pivot_root")?.otherReasons, [
    { kind: "runtime", runtime: "crun" },
  ]);
});

test("figures agree with what they count", () => {
  const evidence = serverEvidence(3, 40, 1);
  const facts = gatherFacts({ evidence });
  const allowed = facts.everyCall.filter(({ verdict }) => verdict !== "denied");
  assert.deepEqual(
    allowed.map(({ name }) => name),
    [...facts.derivation.provenance.keys()].filter(name => allowed.some(call => call.name === name)),
  );
  assert.equal(
    facts.repetitions.at(-1)?.known,
    new Set(evidence.observations.filter(o => o.path === undefined).map(o => o.number)).size,
  );
  assert.deepEqual(
    facts.repetitions.map(({ ordinal }) => ordinal),
    [1, 2, 3, 4],
  );
  assert.deepEqual(facts.repetitions.at(-1)?.fresh, ["bpf"]);
});

test("no text of a target becomes markup", () => {
  const page = renderReport({ evidence: hostileEvidence() });
  const { document } = parseHTML(page);
  assert.equal(document.querySelectorAll("script").length, 3);
  assert.equal(document.querySelectorAll("img").length, 0);
  assert.equal(document.querySelectorAll("[onerror]").length, 0);
  assert.equal(document.querySelectorAll("[style]").length, 0);
  // oxlint-disable-next-line no-control-regex -- that is what must not be there
  assert.ok(!/[\u0000\u202e]/.test(page), "what turns text around or ends it");
});

test("large evidence is named by its hash and cut in the rows; the page stays under 2 MB", () => {
  const page = renderReport({ evidence: serverEvidence(60, 300, 6) });
  assert.ok(Buffer.byteLength(page) < 2_000_000, `${Buffer.byteLength(page)} bytes`);
  assert.match(page, /more are in the evidence/);
});
