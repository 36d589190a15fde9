// node bench/soak.js [SECONDS]: recordings of /bin/true in a row, by both recorders, in one process and in processes of
// their own, SECONDS (default 300) in all; exit code 1 when descriptors, maps, cgroups, files or memory grow.
// As root; run `npm test` before, which compiles what this uses. `--one RECORDER SECONDS` is one part of it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const program = path.resolve(import.meta.dirname, "../bin/seccraft.js");
/** More recordings than these have warmed up whatever is only made once. */
const WARM_UP = 30;
/** A leak of so little a recording would not be told from noise. */
const MEMORY_BYTES_A_RECORDING = 4096;
const MEMORY_SLACK_BYTES = 24 << 20;

/** Open descriptors of this process by what they are, such as `anon_inode:bpf-map`. */
function descriptors() {
  const counts = {};
  for (const fd of readdirSync("/proc/self/fd")) {
    let what;
    try {
      what = readlinkSync(`/proc/self/fd/${fd}`).replace(/\[?\d+\]?$/, "");
    } catch {
      continue;
    }
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

function mappings() {
  return readFileSync("/proc/self/maps", "utf8")
    .split("\n")
    .filter(line => line.includes("bpf-map")).length;
}

function childProcesses() {
  return readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").filter(Boolean)
    .length;
}

function cgroupFolder() {
  const line = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .find(text => text.includes(" - cgroup2 "));
  const own = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1] ?? "/";
  return line === undefined ? undefined : path.join(line.split(" ")[4], own);
}

function cgroupsOf(pids) {
  const folder = cgroupFolder();
  const names = folder === undefined ? [] : readdirSync(folder);
  return names.filter(name => pids.has(Number(/^seccraft-(\d+)-/.exec(name)?.[1]))).length;
}

/** Every eBPF object that the kernel has, whoever holds it, by BPF_MAP_GET_NEXT_ID (12) and BPF_PROG_GET_NEXT_ID (11). */
function kernelObjects({ libc }, number, command) {
  const attributes = Buffer.alloc(144);
  let count = 0;
  while (libc().syscallPointer2(number, command, attributes, attributes.length, 0) === 0) {
    count++;
    attributes.writeUInt32LE(attributes.readUInt32LE(4), 0);
  }
  return count;
}

async function inOneProcess(recorderName, seconds) {
  const { record } = await import("../.build/test/support/recording.js");
  const { ebpfRecorder } = await import("../.build/src/record/ebpf/recorder.js");
  const { notifyRecorder } = await import("../.build/src/record/notify/recorder.js");
  const libc = await import("../.build/src/linux/libc.js");
  const { systemCallNumber } = await import("../.build/src/linux/numbers.js");
  const recorder = recorderName === "ebpf" ? ebpfRecorder : notifyRecorder;
  const pids = new Set([process.pid]);
  const count = () => {
    globalThis.gc?.();
    return {
      descriptors: descriptors(),
      mappings: mappings(),
      children: childProcesses(),
      cgroups: cgroupsOf(pids),
      files: readdirSync(tmpdir(), { recursive: true }).length,
      memory: process.memoryUsage().rss,
      maps: kernelObjects(libc, systemCallNumber("bpf"), 12),
      programs: kernelObjects(libc, systemCallNumber("bpf"), 11),
    };
  };
  for (let i = 0; i < WARM_UP; i++) await record(recorder, ["/bin/true"]);
  const before = count();
  const until = performance.now() + seconds * 1000;
  let recordings = 0;
  while (performance.now() < until) {
    const { evidence } = await record(recorder, ["/bin/true"]);
    if (!evidence.observations.some(seen => seen.syscall === "execve"))
      throw new Error("nothing was recorded");
    recordings++;
  }
  return report(`${recorderName}, one process`, recordings, before, await settled(count, before));
}

async function inManyProcesses(recorderName, seconds) {
  const libc = await import("../.build/src/linux/libc.js");
  const { systemCallNumber } = await import("../.build/src/linux/numbers.js");
  const pids = new Set();
  const count = () => ({
    descriptors: descriptors(),
    mappings: mappings(),
    children: childProcesses(),
    cgroups: cgroupsOf(pids),
    files: readdirSync(tmpdir(), { recursive: true }).length,
    maps: kernelObjects(libc, systemCallNumber("bpf"), 12),
    programs: kernelObjects(libc, systemCallNumber("bpf"), 11),
  });
  const before = count();
  const until = performance.now() + seconds * 1000;
  let recordings = 0;
  while (performance.now() < until) {
    const result = spawnSync(process.execPath, [
      program,
      "record",
      "--recorder",
      recorderName,
      "--",
      "/bin/true",
    ]);
    if (result.status !== 0) throw new Error(String(result.stderr));
    pids.add(result.pid);
    recordings++;
  }
  return report(`${recorderName}, many processes`, recordings, before, await settled(count, before));
}

/** Counts again for a while when there are more eBPF objects than before: others may use some for a moment. */
async function settled(count, before) {
  let after = count();
  for (let tries = 0; tries < 20 && (after.maps > before.maps || after.programs > before.programs); tries++) {
    await sleep(500);
    after = count();
  }
  return after;
}

/** Prints what was counted, and tells whether it has grown. */
function report(name, recordings, before, after) {
  const leaks = [];
  for (const what of new Set([...Object.keys(before.descriptors), ...Object.keys(after.descriptors)])) {
    const growth = (after.descriptors[what] ?? 0) - (before.descriptors[what] ?? 0);
    if (growth > 0) leaks.push(`${growth} descriptors ${what}`);
  }
  for (const what of ["mappings", "children", "cgroups", "files"]) {
    if (after[what] > before[what]) leaks.push(`${after[what] - before[what]} ${what}`);
  }
  // Others may load programs meanwhile; a leak of ours would be at least one a recording.
  for (const what of ["maps", "programs"]) {
    if (after[what] - before[what] >= recordings) leaks.push(`${after[what] - before[what]} eBPF ${what}`);
  }
  const grown = (after.memory ?? 0) - (before.memory ?? 0);
  if (grown > MEMORY_SLACK_BYTES + recordings * MEMORY_BYTES_A_RECORDING)
    leaks.push(`${grown} bytes of memory`);
  const memory =
    after.memory === undefined ? "" : `, memory ${mebibytes(before.memory)} → ${mebibytes(after.memory)} MiB`;
  console.log(
    `${name}: ${recordings} recordings; descriptors ${total(before)} → ${total(after)}, mappings ${before.mappings} → ${after.mappings}, cgroups ${before.cgroups} → ${after.cgroups}, eBPF maps of the machine ${before.maps} → ${after.maps}, programs ${before.programs} → ${after.programs}, temporary files ${before.files} → ${after.files}${memory}: ${leaks.length === 0 ? "✔ no leak" : `✖ ${leaks.join(", ")}`}`,
  );
  return leaks.length === 0;
}

function total(counts) {
  return Object.values(counts.descriptors).reduce((a, b) => a + b, 0);
}

function mebibytes(bytes) {
  return (bytes / (1 << 20)).toFixed(1);
}

async function one(recorder, where, seconds) {
  const clean = await (where === "one"
    ? inOneProcess(recorder, seconds)
    : inManyProcesses(recorder, seconds));
  process.exitCode = clean ? 0 : 1;
}

function all(seconds) {
  for (const recorder of ["ebpf", "notify"]) {
    for (const where of ["one", "many"]) {
      const folder = mkdtempSync(path.join(tmpdir(), "seccraft-soak-"));
      const args = ["--expose-gc", import.meta.filename, "--one", recorder, where, String(seconds / 4)];
      const { status } = spawnSync(process.execPath, args, {
        stdio: "inherit",
        env: { ...process.env, TMPDIR: folder },
      });
      rmSync(folder, { recursive: true, force: true });
      if (status !== 0) process.exitCode = 1;
    }
  }
}

if (process.argv[2] === "--one") await one(process.argv[3], process.argv[4], Number(process.argv[5]));
else all(Number(process.argv[2] ?? 300));
