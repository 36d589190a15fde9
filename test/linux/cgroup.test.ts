import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { InputError } from "../../src/errors.ts";
import {
  cgroupOfProcess,
  cgroupProcesses,
  createCgroup,
  killCgroup,
  openCgroup,
  removeCgroup,
  removeCgroupByName,
} from "../../src/linux/cgroup.ts";
import { testWith } from "../support/needs.ts";
import { launchShell } from "../support/target.ts";

testWith(
  ["linux", "root"],
  "a cgroup is made below ours, announced first, described and removed",
  async () => {
    const announced: string[] = [];
    const cgroup = createCgroup(name => announced.push(name));
    assert.deepEqual(announced, [cgroup.name]);
    assert.equal(path.posix.dirname(cgroup.name), cgroupOfProcess("self"));
    assert.equal(cgroup.id, statSync(cgroup.path, { bigint: true }).ino);
    assert.equal(cgroup.level, cgroup.name.split("/").length - 1);
    assert.deepEqual(openCgroup(cgroup.path), cgroup);
    assert.deepEqual(openCgroup(cgroup.name), cgroup);
    const second = createCgroup(() => undefined);
    assert.notEqual(second.name, cgroup.name);
    await removeCgroup(second.path);
    assert.equal(await removeCgroupByName(cgroup.name), true);
    assert.equal(existsSync(cgroup.path), false);
    assert.equal(await removeCgroupByName(cgroup.name), false);
  },
);

testWith(
  ["linux", "root"],
  "processes of a cgroup and of those below it are found, killed and removed",
  async () => {
    const cgroup = createCgroup(() => undefined);
    const below = path.join(cgroup.path, "below", "deeper");
    mkdirSync(below, { recursive: true });
    const running = await launchShell(`sleep 1000 & echo $! > ${below}/cgroup.procs; wait`, {
      cgroup: cgroup.path,
    });
    while (readFileSync(`${below}/cgroup.procs`, "utf8") === "") await new Promise(setImmediate);
    const processes = cgroupProcesses(cgroup.path);
    assert.equal(processes.length, 2);
    assert.ok(processes.includes(running.pid));
    killCgroup(cgroup.path);
    assert.deepEqual(await running.exited, { code: null, signal: "SIGKILL" });
    await running.gone;
    await removeCgroup(cgroup.path);
    assert.equal(existsSync(cgroup.path), false);
  },
);

testWith(["linux", "root"], "removing a cgroup kills what still runs in it", async () => {
  const cgroup = createCgroup(() => undefined);
  const running = await launchShell("sleep 1000", { cgroup: cgroup.path });
  await removeCgroup(cgroup.path);
  assert.equal(existsSync(cgroup.path), false);
  await running.gone;
});

testWith(["linux"], "what is no cgroup is refused", () => {
  for (const wrong of ["/tmp", "/no/such/cgroup", "../nothing", "relative"]) {
    assert.throws(() => openCgroup(wrong), InputError, wrong);
  }
});

testWith(
  ["linux", "root", "program:unshare"],
  "where v2 is mounted nowhere it is mounted for us alone",
  async () => {
    const modules = new URL("../../src/", import.meta.url);
    const script = `
    import { createCgroup, removeCgroupByName } from "${modules.href}linux/cgroup.js";
    import { nativeEngine } from "${modules.href}engine/native/native.js";
    const cgroup = createCgroup(() => undefined);
    const running = await nativeEngine().start({
      argv: ["grep", "0::", "/proc/self/cgroup"], stdin: "null", output: "capture",
      noNewPrivileges: false, ownSession: true, cgroup: cgroup.path,
    });
    await running.gone;
    console.log(JSON.stringify([cgroup.path, cgroup.name, cgroup.level, running.outputTail()]));
    console.log(await removeCgroupByName(cgroup.name));`;
    const child = spawn(
      "unshare",
      [
        "--mount",
        "sh",
        "-c",
        'umount -a -t cgroup2; exec "$0" --input-type=module -e "$1"',
        process.execPath,
        script,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let text = "";
    child.stdout.on("data", (bytes: Buffer) => {
      text += bytes.toString();
    });
    assert.deepEqual(await once(child, "close"), [0, null]);
    const [line = "", removed] = text.trimEnd().split("\n");
    const [folder, name, level, seen] = JSON.parse(line) as [string, string, number, string];
    assert.match(folder, /^\/proc\/\d+\/fd\/\d+\/.*seccraft-/);
    assert.equal(seen, `0::${name}\n`);
    assert.equal(level, name.split("/").length - 1);
    assert.equal(removed, "true");
    assert.equal(spawnSync("ls", [folder]).status, 2);
  },
);
