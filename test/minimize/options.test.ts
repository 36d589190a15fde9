import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { readJournal } from "../../src/minimize/journal.ts";
import { Playground, PROGRAM } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";

const ESCAPE = String.fromCharCode(27);

interface Report {
  readonly complete: boolean;
  readonly allowed: readonly string[];
  readonly findings: readonly { readonly unit: string; readonly class: string }[];
}

function classes(stdout: string, kind: string): string[] {
  const { findings } = JSON.parse(stdout) as Report;
  return findings.filter(found => found.class === kind).map(({ unit }) => unit);
}

testWith(["root"], "--budget, --keep and --start on the command line", async context => {
  const play = new Playground(context);
  const json = ["--json", "--success", "output"];
  const short = await play.run(["minimize", ...json, "--budget", "5", "--jobs", "1", "--", "echo", "hi"]);
  assert.equal(short.code, 0, short.stderr);
  assert.equal((JSON.parse(short.stdout) as Report).complete, false);
  assert.ok(classes(short.stdout, "undecided").length > 0);
  // Five to search, three to enforce the result.
  assert.equal(readJournal(play.path("seccraft-minimize")).runs.length, 5 + 3);
  // Away from a terminal: a line a run, and nothing that moves.
  assert.equal(short.stderr.match(/^run \d+: /gm)?.length, 5 + 3);
  assert.ok(!short.stderr.includes(ESCAPE));
  assert.match(short.stderr, /the budget is spent: what is undecided stays allowed/);

  const timed = ["--budget", "1ms", "--journal", "timed"];
  const hasty = await play.run(["minimize", ...json, ...timed, "--", "echo", "hi"]);
  assert.equal(hasty.code, 0, hasty.stderr);
  assert.equal((JSON.parse(hasty.stdout) as Report).complete, false);

  const evidence = play.path("evidence.json");
  const recorded = await play.run(["record", "--evidence", evidence, "--", "echo", "hi"]);
  assert.equal(recorded.code, 0, recorded.stderr);
  const started = ["--start", evidence, "--keep", "brk,munmap", "--keep", "close", "--journal", "started"];
  const within = await play.run(["minimize", ...json, ...started, "--", "echo", "hi"]);
  assert.equal(within.code, 0, within.stderr);
  const seen = (JSON.parse(readFileSync(evidence, "utf8")) as { observations: { syscall: string }[] })
    .observations;
  const names = new Set(seen.map(({ syscall }) => syscall));
  const kept = classes(within.stdout, "kept");
  for (const name of ["brk", "munmap", "close"]) assert.ok(kept.includes(name), name);
  for (const { trial } of readJournal(play.path("started")).runs)
    for (const name of trial.allowed ?? [])
      assert.ok(names.has(name) || /^(exit|exit_group|restart_syscall|rt_sigreturn)$/.test(name), name);
  await play.clean();
});

testWith(
  ["root", "program:script"],
  "on a terminal: the picture, a line a group, in 80 columns",
  async context => {
    const play = new Playground(context);
    const line = `stty cols 80 rows 24; ${process.execPath} ${PROGRAM} minimize --jobs 1 -o p.json -- sleep 0.15`;
    const ended = await play.run(["-qec", line, play.path("screen")], {
      command: ["script"],
      env: { TERM: "xterm", NO_COLOR: "" },
    });
    assert.equal(ended.code, 0, ended.stderr);
    const screen = readFileSync(play.path("screen"), "utf8");
    const lines = screen.replaceAll(new RegExp(`${ESCAPE}\\[[0-9;?]*[A-Za-z]`, "g"), "").split(/[\r\n]+/);
    assert.ok(
      lines.some(text => /^● searching: \d+ runs done, about \d+ to go \(\d+ s\), \d+ undecided/.test(text)),
    );
    const groups = lines.filter(text => /^ {2}[a-z-]+ +[■·▒□]+$/.test(text));
    assert.ok(groups.some(text => text.includes("▒")) && groups.some(text => text.includes("·")));
    for (const text of groups) assert.ok(text.length < 80, text);
    await play.clean();
  },
);

testWith(["root"], "options that make no sense are refused in a line", async context => {
  const play = new Playground(context);
  writeFileSync(play.path("broken.json"), "{");
  writeFileSync(play.path("other.json"), '{"hello": 1}');
  for (const [wrong, message] of [
    [["--budget", "0"], /--budget/],
    [["--budget", "soon"], /--budget/],
    [["--keep", "read,,write"], /separated by commas/],
    [["--start", "broken.json"], /broken\.json/],
    [["--start", "other.json"], /other\.json/],
    [["--deny", "ENOENT"], /must be one of EPERM, ENOSYS, kill/],
    [["--repeat", "0"], /from 1 to 20/],
    [["--success", "exercise"], /needs an --exercise/],
    [["--success", "http://127.0.0.1:1/"], /needs --ready/],
    [["--exercise", "true"], /--exercise needs --ready/],
  ] as const) {
    const ended = await play.run(["minimize", ...wrong, "--", "true"]);
    assert.equal(ended.code, 2, `${wrong.join(" ")}: ${ended.stderr}`);
    assert.match(ended.stderr, message);
    assert.ok(!ended.stderr.includes("    at "), ended.stderr);
  }
  await play.clean();
});
