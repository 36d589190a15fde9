import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { describe } from "node:test";
import { Playground, PROGRAM, type Ended } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";

const ESCAPE = String.fromCharCode(27);

/** Runs `craft` on a terminal of 80 columns, as script(1) gives one, and returns what it wrote there. */
async function onTerminal(
  play: Playground,
  env: Readonly<Record<string, string>>,
  target: string,
): Promise<{ screen: string; ended: Ended }> {
  const log = play.path("screen");
  const line = `stty cols 80 rows 24; ${process.execPath} ${PROGRAM} craft --no-analyze --out ${play.path("out")} -- /bin/sh -c '${target}'`;
  const ended = await play.run(["-qec", line, log], { command: ["script"], env });
  return { screen: readFileSync(log, "utf8"), ended };
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
    "the live view never fills a line, and is gone at the end",
    async context => {
      const play = new Playground(context);
      const { screen } = await onTerminal(
        play,
        { NO_COLOR: "", TERM: "xterm" },
        "ls -l / > /dev/null; sleep 0.6",
      );
      const plain = screen.replaceAll(new RegExp(`${ESCAPE}\\[[0-9;?]*[A-Za-z]`, "g"), "");
      assert.match(plain, /● recording \d/);
      for (const line of plain.split(/[\r\n]+/)) {
        if (line.startsWith("●") || line.startsWith("  ")) assert.ok(line.length < 100, line);
      }
      // Every step ends on one line that stays.
      assert.equal(plain.split("\n").filter(line => line.includes("✔")).length, 3);
      assert.match(plain, /allows \d+ of \d+ syscalls/);
    },
  );
});
