import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { Playground } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { makeRoot } from "../support/rootfs.ts";
import { eventually } from "../support/target.ts";

/** What a run could leave besides what a playground sees: its networks, and its cgroups in every hierarchy. */
function machineTraces(pid: number): string[] {
  // As nextNetwork() of the engine names them.
  const names = Array.from({ length: 8 }, (_, n) => `sc${((pid * 61 + n) % (1 << 20)).toString(36)}`);
  const links = spawnSync("ip", ["-o", "link"], { encoding: "utf8" }).stdout;
  const cgroups = readdirSync("/sys/fs/cgroup", { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(entry =>
      readdirSync(path.join("/sys/fs/cgroup", entry.name)).map(name => `${entry.name}/${name}`),
    );
  return [
    ...names.filter(name => links.includes(` ${name}@`)),
    ...cgroups.filter(name => name.includes(`/seccraft-${pid}-`)),
  ];
}

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  testWith(
    ["root", "program:runc", "program:ip"],
    `craft --image by runc: nothing is left after ${signal}`,
    async context => {
      const playground = new Playground(context);
      const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
      const out = playground.path("out");
      const started = playground.start([
        "craft",
        "--no-analyze",
        "--out",
        out,
        "--image",
        `${root}/`,
        "--ready",
        "delay:50ms",
        "--exercise",
        `touch ${playground.path("exercised")}; sleep 60`,
        "--",
        "/bin/busybox",
        "sleep",
        "77",
      ]);
      await eventually(
        `it is exercised: ${started.stderr()}`,
        () => existsSync(playground.path("exercised")),
        20_000,
      );
      // Else it would not be seen that they are gone.
      assert.ok(machineTraces(started.pid).length >= 2, machineTraces(started.pid).join(" "));
      process.kill(started.pid, signal);
      const ended = await started.ended;
      if (signal !== "SIGKILL") assert.equal(ended.code, 130, ended.stderr);
      await eventually("the container ends", () => playground.processes().length === 0, 5000);
      if (signal === "SIGKILL") {
        const next = await playground.run(["craft", "--no-analyze", "--", "true"]);
        assert.equal(next.code, 0, next.stderr);
        assert.match(next.stderr, /cleaned up after a run that was killed/);
      }
      await eventually(
        "its network and cgroups are gone",
        () => machineTraces(started.pid).length === 0,
        5000,
      );
      await playground.clean();
    },
  );
}

testWith(
  ["root", "program:runc", "program:ip"],
  "craft --image by runc: nothing is left of one that fails",
  async context => {
    const playground = new Playground(context);
    const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
    const started = playground.start([
      "craft",
      "--no-analyze",
      "--image",
      `${root}/`,
      "--",
      "/bin/busybox",
      "false",
    ]);
    const ended = await started.ended;
    assert.equal(ended.code, 1, ended.stderr);
    assert.deepEqual(machineTraces(started.pid), []);
    await playground.clean();
  },
);
