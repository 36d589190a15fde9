import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { importLogs } from "../../../src/record/logs/import.ts";
import { testWith } from "../../support/needs.ts";

/** Puts a record into the ring buffer as the kernel writes it; root may. */
function logged(comm: string, number: number): void {
  writeFileSync(
    "/dev/kmsg",
    `<5>audit: type=1326 audit(1790000000.000:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm="${comm}" exe="/a" sig=0 arch=c000003e syscall=${number} compat=0 ip=0x1 code=0x7ffc0000\n`,
  );
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

testWith(
  ["linux", "root", "file:/dev/kmsg"],
  "the kernel's ring buffer is read to its newest record",
  async () => {
    const comm = `t${process.pid}`;
    logged(comm, 0);
    logged(comm, 1);
    logged(comm, 0);
    const evidence = await importLogs(["/dev/kmsg"], nothing(), {
      filter: { comms: new Set([comm]) },
      machine: "x86_64",
      tool: "test",
    });
    assert.deepEqual(
      evidence.observations.map(o => [o.syscall, o.count]),
      [
        ["read", 2],
        ["write", 1],
      ],
    );
  },
);

testWith(
  ["linux", "root", "file:/dev/kmsg"],
  "import --follow /dev/kmsg tells calls as the kernel logs them",
  async () => {
    const comm = `f${process.pid}`;
    logged(comm, 0);
    const child = spawn(process.execPath, [
      "bin/seccraft.js",
      "import",
      "--follow",
      "--comm",
      comm,
      "/dev/kmsg",
    ]);
    try {
      let output = "";
      child.stdout.on("data", chunk => {
        output += String(chunk);
      });
      for (let i = 0; i < 100 && !output.includes("read\t"); i++) await sleep(100);
      logged(comm, 257);
      logged(comm, 0);
      for (let i = 0; i < 100 && !output.includes("openat\t"); i++) await sleep(100);
      assert.equal(output, "read\tx86_64\t/a\nopenat\tx86_64\t/a\n");
      const ended = new Promise(resolve => child.on("exit", resolve));
      child.kill("SIGINT");
      assert.equal(await ended, 0);
    } finally {
      child.kill("SIGKILL");
    }
  },
);
