// node bench/short-lived.js [TIMES]: a container that lives 5 ms, started by runc a hundred times, each with a recording
// of its own from the moment on at which its filter is loaded: whether any of its calls is ever missed. Needs root, runc,
// gcc and strace, and the tests compiled: npm test -- short-lived
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { straceNames } from "../.build/test/support/recording.js";
import { recordShortLived } from "../.build/test/support/short-lived.js";

const times = Number(process.argv[2] ?? 100);
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
try {
  const started = performance.now();
  const { recorded, argv } = await recordShortLived(folder, times);
  const seconds = (performance.now() - started) / 1000;
  const calls = [...straceNames(folder, argv)]
    .filter(name => name !== "execve")
    .sort((a, b) => (a < b ? -1 : 1));
  const complete = recorded.filter(seen => seen.map(line => line.split(" ")[0]).join() === calls.join());
  const kinds = new Set(recorded.map(seen => seen.join()));
  console.log(
    `${complete.length} of ${times} recorded completely, ${calls.length} calls each as strace sees them; ` +
      `${kinds.size} different counts; ${((seconds / times) * 1000).toFixed(0)} ms a container with its recording`,
  );
  process.exitCode = complete.length === times ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
