// node bench/overhead.js [ROUNDS]: what watching costs, bare and watched runs by turns; run `npm run build` before.
// As root, with dd(1), strace(1) and cc(1). Each time is dd's own, so that starting is not part of it; medians are shown.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { end, ratio, small, times } from "./part.js";

const program = path.resolve(import.meta.dirname, "../bin/seccraft.js");
const rounds = small ? 1 : Number(process.argv[2] ?? 5);
const limits = { ebpf: 1.6, notifyMicroseconds: 15, strace: 5, startup: 2 };

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Seconds that dd says it took, of a command that ends in dd. */
function dd(command, count) {
  const [file, ...before] = command;
  const args = [...before, "dd", "if=/dev/zero", "of=/dev/null", "bs=1", `count=${count}`].filter(
    arg => arg !== "",
  );
  const result = spawnSync(file === "" ? "dd" : file, file === "" ? args.slice(1) : args, {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  const seconds = /copied, ([\d.e-]+) s/.exec(result.stderr)?.[1];
  if (result.status !== 0 || seconds === undefined) throw new Error(`${command.join(" ")}: ${result.stderr}`);
  return Number(seconds);
}

function seconds(args) {
  const started = performance.now();
  spawnSync(process.execPath, args, { stdio: "ignore" });
  return (performance.now() - started) / 1000;
}

/** Runs every case once a round, by turns, so that a busy machine is as busy for all of them. */
function byTurns(cases, times) {
  const results = Object.fromEntries(Object.keys(cases).map(name => [name, []]));
  for (let round = 0; round < times; round++) {
    for (const [name, measure] of Object.entries(cases)) results[name].push(measure());
  }
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, median(values)]));
}

function record(recorder) {
  return [process.execPath, program, "record", "--recorder", recorder, "-o", "/dev/null", "--"];
}

/** The same supervisor in C, doing nothing but answer: what is left is the kernel's. */
const work = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
const floor = path.join(work, "notify-floor");
const source = path.join(import.meta.dirname, "notify-floor.c");
if (spawnSync("cc", ["-O2", "-o", floor, source], { stdio: "inherit" }).status !== 0)
  throw new Error("cc could not build bench/notify-floor.c");

const COUNT = small ? { ebpf: 10_000, notify: 1000 } : { ebpf: 1_000_000, notify: 100_000 };
const fast = byTurns(
  { bare: () => dd([""], COUNT.ebpf), ebpf: () => dd(record("ebpf"), COUNT.ebpf) },
  rounds,
);
const slow = byTurns(
  {
    bare: () => dd([""], COUNT.notify),
    notify: () => dd(record("notify"), COUNT.notify),
    floor: () => dd([floor], COUNT.notify),
    strace: () => dd(["strace", "-f", "-c", "-o", "/dev/null"], COUNT.notify),
  },
  Math.max(1, Math.ceil(rounds / 2)),
);
const start = byTurns(
  {
    bare: () => seconds(["-e", "0"]),
    version: () => seconds([program, "--version"]),
    help: () => seconds([program, "--help"]),
  },
  small ? 1 : rounds * 4 + 1,
);

/** dd makes two calls for each byte. */
const perCall = time => (time / (2 * COUNT.notify)) * 1e6;
const rows = [
  [`dd, ${(2 * COUNT.ebpf).toLocaleString("en-US")} calls, bare`, `${fast.bare.toFixed(3)} s`, "", ""],
  [
    "  recorded by eBPF",
    `${fast.ebpf.toFixed(3)} s`,
    `${(fast.ebpf / fast.bare).toFixed(2)} × bare`,
    `≤ ${limits.ebpf} ×`,
    fast.ebpf / fast.bare <= limits.ebpf,
  ],
  [`dd, ${(2 * COUNT.notify).toLocaleString("en-US")} calls, bare`, `${slow.bare.toFixed(3)} s`, "", ""],
  [
    "  recorded by notify",
    `${slow.notify.toFixed(3)} s`,
    `${perCall(slow.notify).toFixed(1)} µs a call`,
    `≤ ${limits.notifyMicroseconds} µs`,
    perCall(slow.notify) <= limits.notifyMicroseconds,
  ],
  ["  least possible, in C", `${slow.floor.toFixed(3)} s`, `${perCall(slow.floor).toFixed(1)} µs a call`, ""],
  [
    "  strace -f -c",
    `${slow.strace.toFixed(3)} s`,
    `${perCall(slow.strace).toFixed(1)} µs a call, ${(slow.strace / slow.notify).toFixed(1)} × notify, ${(slow.strace / slow.floor).toFixed(1)} × least `,
    `≥ ${limits.strace} ×`,
    slow.strace / slow.notify >= limits.strace,
  ],
  ["node -e 0", `${start.bare.toFixed(3)} s`, "", ""],
  [
    "  seccraft --version",
    `${start.version.toFixed(3)} s`,
    `${(start.version / start.bare).toFixed(2)} × node`,
    `≤ ${limits.startup} ×`,
    start.version / start.bare <= limits.startup,
  ],
  [
    "  seccraft --help",
    `${start.help.toFixed(3)} s`,
    `${(start.help / start.bare).toFixed(2)} × node`,
    `≤ ${limits.startup} ×`,
    start.help / start.bare <= limits.startup,
  ],
];

const strace = spawnSync("strace", ["--version"], { encoding: "utf8" }).stdout.split("\n")[0];
const load = readFileSync("/proc/loadavg", "utf8").split(" ")[0];
console.log(
  `Linux ${release()}, Node ${process.version}, ${strace}, ${cpus().length} × ${cpus()[0]?.model}, load ${load}, ${rounds} rounds`,
);
for (const [name, time, ratio, limit, holds] of rows) {
  const verdict = holds === undefined ? "" : `${limit} ${holds ? "✔" : "✖"}`;
  console.log(`${name.padEnd(28)}${time.padStart(10)}  ${ratio.padEnd(40)}${verdict}`);
}
ratio("recording by eBPF", `${times(fast.ebpf, fast.bare)} bare`);
ratio("recording by notify", `strace -f -c needs ${times(slow.strace, slow.notify)} the time`);
ratio("seccraft --version", `${times(start.version, start.bare)} node -e 0`);
end(rows.every(row => row[4] !== false));
