// node bench/scripts-soundness.js [NAME…]: modules of CPython's test suite (Debian: libpython3.11-testsuite), each as the
// script of a program of its own, under strace. What the reading of scripts rules out must not be called, cut at exec of
// another program. Prints what was, and ends with status 1 then. Some ten minutes.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { TargetRoot } from "../dist/static/load/root.js";
import { askedFor, callsAskedByName } from "../dist/static/scripts/asked-by-name.js";
import { readScripts } from "../dist/static/scripts/scripts.js";

const SUITE = "/usr/lib/python3.11/test";
const PYTHON = "/usr/bin/python3.11";
const SECONDS = 60;
const env = { PATH: "/usr/bin:/bin", HOME: "/root", LANG: "C.UTF-8" };
const calls = callsAskedByName("python");
const wanted = process.argv.slice(2);

/** Calls in a log of `strace -f`, but for those of processes that have executed something else. */
function callsOf(log) {
  const others = new Set();
  const made = new Set();
  for (const [index, line] of log.split("\n").entries()) {
    const [, pid, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (call === "execve") {
      if (index > 0 && line.endsWith("= 0")) others.add(pid);
    } else if (call !== undefined && !others.has(pid)) made.add(call);
  }
  return made;
}

function judge(name) {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-scripts-"));
  try {
    // Under another name it is a script of its own, and not a part of the library.
    copyFileSync(path.join(SUITE, `${name}.py`), path.join(folder, `own_${name}.py`));
    const main = path.join(folder, "main.py");
    writeFileSync(
      main,
      `import unittest\nimport own_${name}\nunittest.main(own_${name}, argv=["main", "-q"])\n`,
    );
    const reading = readScripts(new TargetRoot("/"), { argv: [PYTHON, main], directory: folder, env });
    if (reading?.names === undefined) return undefined;
    const log = path.join(folder, "log");
    const trace = `trace=execve,${calls.join(",")}`;
    const command = ["strace", "-f", "-qq", "-o", log, "-e", trace, PYTHON, main];
    spawnSync("timeout", ["-k", "5", String(SECONDS), ...command], { cwd: folder, env });
    const made = callsOf(readFileSync(log, "latin1"));
    const absent = calls.filter(
      syscall => askedFor("python", reading.names, { abi: "x86_64", syscall }) === "absent",
    );
    return { made: made.size, absent: absent.length, missed: absent.filter(call => made.has(call)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const names = readdirSync(SUITE)
  .filter(file => /^test_\w+\.py$/.test(file))
  .map(file => file.slice(0, -".py".length))
  .filter(name => wanted.length === 0 || wanted.includes(name));
const total = { read: 0, unread: 0, made: 0, absent: 0, missed: 0 };
for (const name of names) {
  const result = judge(name);
  if (result === undefined) total.unread++;
  else {
    total.read++;
    total.made += result.made;
    total.absent += result.absent;
    total.missed += result.missed.length;
    if (result.missed.length > 0) console.log(`${name}: ${result.missed.join(" ")}`);
  }
}
console.log(
  `${total.read} scripts read, ${total.unread} not: ${total.absent} calls ruled out, ${total.made} made, ${total.missed} of them although ruled out`,
);
process.exitCode = total.missed > 0 ? 1 : 0;
