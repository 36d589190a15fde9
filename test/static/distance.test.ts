import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { analyzeFile } from "../../src/static/analyze.ts";
import { testWith } from "../support/needs.ts";
import { temporaryFolder } from "../support/programs.ts";

testWith(
  ["linux", "program:gcc"],
  "what the program calls itself is near, what a library needs for its own ends is far",
  context => {
    const folder = temporaryFolder(context);
    const source = path.join(folder, "near.c");
    writeFileSync(
      source,
      '#include <syslog.h>\n#include <unistd.h>\nint main(void) { usleep(1); syslog(LOG_INFO, "x"); return fsync(1); }\n',
    );
    const program = path.join(folder, "near");
    assert.equal(spawnSync("gcc", ["-O1", "-o", program, source]).status, 0);
    const { evidence } = analyzeFile(program, {
      root: "/",
      hints: { dlopen: [], resolve: new Map() },
      assumeExec: [],
      phases: false,
      tool: "test",
    });
    const distance = (name: string): number =>
      Math.min(
        ...evidence.observations.filter(seen => seen.syscall === name).map(seen => seen.distance ?? Infinity),
      );
    assert.equal(distance("fsync"), 1);
    // usleep() only forwards to nanosleep(), and that to clock_nanosleep().
    assert.ok(distance("clock_nanosleep") <= 2);
    assert.ok(distance("connect") > 1);
    assert.equal(distance("set_tid_address"), Infinity);
  },
);
