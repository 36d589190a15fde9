import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { testWith } from "../support/needs.ts";
import { ROOT } from "../support/programs.ts";
import { eventually } from "../support/target.ts";

const ALL = path.join(ROOT, "bench/all.js");
const NEEDS = ["root", "program:strace", "program:cc", "program:objdump", "program:time"] as const;

/** Without our name in its path: what is mounted below is no leftover of a run. */
function ownFolder(context: { after(body: () => void): void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-test-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

testWith(["linux"], "the benchmarks list their parts with what each needs", () => {
  const { status, stdout } = spawnSync(process.execPath, [ALL, "--list"], { encoding: "utf8" });
  assert.equal(status, 0);
  const named = [...stdout.matchAll(/^([a-z]+) +\S.*\n +node (\S+)/gm)];
  assert.deepEqual(
    named.map(match => match[1]),
    ["recording", "hook", "go", "elf", "filters", "logs"],
  );
  const wrong = spawnSync(process.execPath, [ALL, "nonsense"], { encoding: "utf8" });
  assert.equal(wrong.status, 2);
});

testWith(NEEDS, "the benchmarks work on small inputs, and repeat their ratios at the end", context => {
  const folder = ownFolder(context);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [ALL, "small", "recording", "hook", "elf", "logs"],
    { encoding: "utf8", env: { ...process.env, TMPDIR: folder }, timeout: 120_000 },
  );
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /^seccraft \S+, Linux \S+, Node v\S+, \d+ × .*, load/);
  const ratios = stdout.slice(stdout.indexOf("## Ratios"));
  for (const what of [
    /^recording by eBPF: [\d.]+ × bare$/m,
    /^recording by notify: strace -f -c needs [\d.]+ × the time$/m,
    /^container with our hook: [\d.]+ ×|^hook: skipped, needs /m,
    /^oci-seccomp-bpf-hook: |^hook: skipped, needs /m,
    /^reading \/usr\/bin\/true: [\d.]+ × the speed of objdump/m,
    /^import of syslog: \S+ × grep$/m,
    /^in all \d+ s/m,
  ])
    assert.match(ratios, what);
  assert.deepEqual(readdirSync(folder), []);
});

testWith(NEEDS, "^C ends the benchmarks at once and leaves nothing", async context => {
  const folder = ownFolder(context);
  const child = spawn(process.execPath, [ALL, "small", "elf"], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise(resolve => child.once("exit", resolve));
  // By now it has mounted its copy of the file system and is at work.
  await eventually("the table", () => output.includes("| program |"), 20_000);
  child.kill("SIGINT");
  assert.equal(await ended, 130);
  assert.deepEqual(readdirSync(folder), []);
  assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(folder));
});
