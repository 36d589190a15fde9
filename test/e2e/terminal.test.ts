import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe } from "node:test";
import { Playground, PROGRAM, type Ended } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { ROOT } from "../support/programs.ts";
import { Screen } from "../support/screen.ts";

const ESCAPE = String.fromCharCode(27);

const RECORD = `${process.execPath} ${PROGRAM} record`;

/** Runs a line of shell on a terminal of 80 columns, as script(1) gives one, and returns what it wrote there. */
async function scripted(
  play: Playground,
  env: Readonly<Record<string, string>>,
  line: string,
): Promise<{ screen: string; ended: Ended }> {
  const log = play.path("screen");
  const ended = await play.run(["-qec", `stty cols 80 rows 24; ${line}`, log], { command: ["script"], env });
  return { screen: readFileSync(log, "utf8"), ended };
}

async function onTerminal(
  play: Playground,
  env: Readonly<Record<string, string>>,
  target: string,
): Promise<{ screen: string; ended: Ended }> {
  const craft = `${process.execPath} ${PROGRAM} craft --no-analyze --out ${play.path("out")}`;
  return await scripted(play, env, `${craft} -- /bin/sh -c '${target}'`);
}

/** The screen whenever something is about to be erased, and at the end; how many lines had wrapped since. */
function framesOf(written: string): { text: string; wraps: number }[] {
  const screen = new Screen(80);
  const session = written.replace(/^Script started.*\n/, "").replace(/\n?Script done.*\n?$/, "");
  return session.split(new RegExp(`(?=${ESCAPE}\\[2K)`)).map(part => {
    const before = screen.wraps;
    screen.write(part);
    return { text: screen.text(), wraps: screen.wraps - before };
  });
}

void describe("terminal", { concurrency: 3 }, () => {
  testWith(["linux"], "no colour and no animation when it is none", async context => {
    const play = new Playground(context);
    const ended = await play.run(["craft", "--no-analyze", "--", "sleep", "0.3"], { env: { NO_COLOR: "" } });
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal((ended.stderr + ended.stdout).includes(ESCAPE), false);
    assert.match(ended.stderr, /^recording …$/m);
  });

  testWith(["linux", "program:script"], "NO_COLOR is heeded on a terminal", async context => {
    const play = new Playground(context);
    const { screen, ended } = await onTerminal(play, { NO_COLOR: "1", TERM: "xterm" }, "sleep 0.3");
    assert.equal(ended.code, 0, screen);
    assert.doesNotMatch(screen, new RegExp(`${ESCAPE}\\[[0-9;]*m`));
  });

  testWith(["linux", "program:script"], "TERM=dumb gets plain lines", async context => {
    const play = new Playground(context);
    const { screen } = await onTerminal(play, { NO_COLOR: "1", TERM: "dumb" }, "sleep 0.3");
    assert.equal(screen.includes(ESCAPE), false, JSON.stringify(screen));
  });

  testWith(
    ["linux", "program:script"],
    "the live view of craft: phase, calls and their rate, denials; no line wraps, nothing of it stays",
    async context => {
      const play = new Playground(context);
      // Called only once a profile is there.
      const again = `[ -e ${play.path("again")} ] && mkdir ${play.path("made")}; echo > ${play.path("again")}`;
      writeFileSync(
        play.path("job"),
        `${again}\ntimeout 1.2 sh -c "while :; do : < /dev/null; done"\ntrue\n`,
      );
      const { screen } = await onTerminal(play, { NO_COLOR: "", TERM: "xterm" }, `. ${play.path("job")}`);
      const frames = framesOf(screen);
      const shown = frames.map(({ text }) => text).join("\n");
      assert.match(
        shown,
        /^● recording \d+\.\d s\n {2}startup\n {2}\d+ syscalls, [\d,]+ calls, [\d,]+ a second\n {2}latest: \w/m,
      );
      const rates = [...shown.matchAll(/calls, ([\d,]+) a second/g)].map(match =>
        Number(match[1]?.replaceAll(",", "")),
      );
      assert.ok(Math.max(...rates) > 1000, `calls a second: ${rates.join(" ")}`);
      assert.match(
        shown,
        /^● verifying under the profile, round 1 .*\n {2}startup\n {2}\d+ denied: .*\bmkdir\b/m,
      );
      // The summary as well as the view.
      assert.deepEqual(
        frames.filter(({ wraps }) => wraps > 0),
        [],
      );
      const last = frames.at(-1)?.text ?? "";
      assert.doesNotMatch(last, /●|a second$|latest:/m);
      assert.match(last, /^✔ recording: \d+ syscalls/);
      assert.match(last, /allows \d+ of \d+ syscalls/);
    },
  );

  testWith(
    ["linux", "program:script"],
    "the live view of record: exercises cut to the width, the output of the target above it",
    async context => {
      const play = new Playground(context);
      const target = 'echo ready; while :; do echo "a line"; sleep 0.2; done';
      const exercise = `sleep 0.7; : 漢字 ${"very long ".repeat(20)}`;
      const line = `${RECORD} -o ${play.path("profile.json")} --ready log:ready --exercise "${exercise}" -- /bin/sh -c '${target}'`;
      const { screen, ended } = await scripted(play, { NO_COLOR: "", TERM: "xterm" }, line);
      assert.equal(ended.code, 0, screen);
      const frames = framesOf(screen);
      assert.deepEqual(
        frames.filter(({ wraps }) => wraps > 0),
        [],
      );
      const shown = frames.map(({ text }) => text).join("\n");
      assert.match(shown, /^● recording .*\n {2}serving, exercise 1: sleep 0.7; : 漢字 very long .*…$/m);
      assert.match(
        frames.at(-1)?.text ?? "",
        /^ready\n(a line\n){3,}✔ recording: \d+ syscalls, [\d,]+ calls \(/,
      );
    },
  );

  testWith(
    ["linux", "program:script"],
    "what people read fits 80 columns: only words that are longer stick out",
    async context => {
      const play = new Playground(context);
      const [pass, fail] = ["pass", "fail"].map(name => `${ROOT}/testdata/lint/high-risk-call/${name}.json`);
      const recorded = await play.run(["record", "--json", "-o", play.path("e.json"), "--", "ls", "-l", "/"]);
      assert.equal(recorded.code, 0, recorded.stderr);
      const lines = [
        `explain ${fail}`,
        `explain ${play.path("e.json")} openat`,
        `diff ${pass} ${fail}`,
        `lint --score ${fail} ${ROOT}/testdata/lint/clone-flags-on-s390/fail.json`,
        "lint --rules",
        `check --profile ${pass} --evidence ${play.path("e.json")}`,
        `subset ${fail} ${pass}`,
        "simulate nope.json read",
        "template",
        "template web",
        "doctor",
        "complain status",
        `import --format table ${play.path("e.json")}`,
        "analyze --explain openat /bin/true",
        "analyze --format table /bin/true",
        `port ${pass} --to aarch64`,
        "help json",
      ];
      const session = lines.map(line => `${process.execPath} ${PROGRAM} ${line}`).join("; ");
      const { screen } = await scripted(play, { TERM: "xterm", NO_COLOR: "1" }, `${session}; true`);
      const printed = screen.replace(/^Script started.*\n/, "").replaceAll("\r", "");
      assert.ok(printed.split("\n").length > 300, printed);
      const wide = printed
        .split("\n")
        .filter(line => line.length > 80 && !/^ *\S+$/.test(line) && !line.startsWith("Script done"));
      assert.deepEqual(wide, []);
    },
  );

  testWith(["linux"], "record tells two plain lines when its messages go to no terminal", async context => {
    const play = new Playground(context);
    const record = async (ready: string): Promise<Ended> => {
      const target = ["/bin/sh", "-c", "echo ready; sleep 1000"];
      return await play.run(["record", "-o", play.path("profile.json"), "--ready", ready, "--", ...target]);
    };
    const timed = await record("delay:300ms");
    assert.match(timed.stderr, /^recording …\n✔ recording: \d+ syscalls, [\d,]+ calls \(\d+\.\d s\)\n$/);
    assert.equal(timed.stdout, "ready\n", "what it prints stays where it was");
    const logged = await record("log:ready");
    assert.match(logged.stderr, /^recording …\nready\n✔ recording: .*\n$/);
  });
});
