import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { Duplex } from "node:stream";
import { launcherFile } from "../../src/engine/native/launcher.ts";
import { repository, temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";

/** What a launcher reports when its control socket stays open. */
async function reportOf(command: string, ...args: string[]): Promise<string[]> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit", "pipe"] });
  const control = child.stdio[3];
  assert.ok(control instanceof Duplex);
  let text = "";
  control.on("data", (bytes: Buffer) => {
    text += bytes.toString();
  });
  await once(child, "close");
  return text
    .replace(/^pid \d+$/m, "pid N")
    .trimEnd()
    .split("\n");
}

testWith(["linux"], "wrong options are refused before anything starts", async () => {
  for (const args of [
    [],
    ["--"],
    ["--", "/bin/true"],
    ["--nonsense", "--", "/bin/true", "true"],
    ["/bin/true"],
  ]) {
    assert.deepEqual(await reportOf(launcherFile(), ...args), ["failed options 22"], args.join(" "));
  }
  for (const size of ["7", "40000"]) {
    const args = [`--filter=${size}`, "--", "/bin/true", "true"];
    assert.deepEqual(await reportOf(launcherFile(), ...args), ["failed options 7"]);
  }
});

testWith(["linux"], "it is static, small and needs no executable stack", () => {
  const elf = readFileSync(launcherFile());
  assert.ok(elf.length < 32 * 1024, `${elf.length} bytes`);
  const headers = Number(elf.readBigUInt64LE(32));
  const types = Array.from({ length: elf.readUInt16LE(56) }, (_, i) => {
    const at = headers + i * elf.readUInt16LE(54);
    return { type: elf.readUInt32LE(at), flags: elf.readUInt32LE(at + 4) };
  });
  // elf.h: PT_INTERP 3, PT_DYNAMIC 2, PT_GNU_STACK 0x6474e551; flags: 1 execute, 2 write.
  assert.deepEqual(
    types.filter(({ type }) => type === 2 || type === 3),
    [],
  );
  assert.deepEqual(
    types.filter(({ flags }) => (flags & 3) === 3),
    [],
  );
  assert.ok(types.some(({ type }) => type === 0x6474e551));
});

testWith(
  ["linux", "program:aarch64-linux-gnu-gcc", "program:qemu-aarch64-static"],
  "the aarch64 launcher starts, reports and reaps under emulation",
  async t => {
    const folder = temporaryFolder(t);
    const build = `
      import { compileLauncher } from ${JSON.stringify(path.join(repository, "tools/launcher.js"))};
      compileLauncher("aarch64", ${JSON.stringify(folder)});`;
    const built = spawnSync(process.execPath, ["--input-type=module", "-e", build], { encoding: "utf8" });
    assert.equal(built.status, 0, built.stderr);
    const launcher = path.join(folder, "launch-aarch64");
    assert.equal(readFileSync(launcher).readUInt16LE(18), 183);
    // The emulator turns vfork into fork, so what is told through shared memory cannot be tried here.
    const run = async (...args: string[]): Promise<string[]> =>
      await reportOf("qemu-aarch64-static", launcher, ...args);
    const shell = ["--", "/bin/sh", "sh", "-c"];
    assert.deepEqual(await run("--session", "--no-new-privs", ...shell, "exit 3"), [
      "pid N",
      "running",
      "exit 3",
      "gone",
    ]);
    assert.deepEqual(await run(...shell, "kill -9 $$"), ["pid N", "running", "signal 9", "gone"]);
    assert.deepEqual(await run("--nonsense"), ["failed options 22"]);
  },
);
