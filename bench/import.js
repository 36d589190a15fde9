// node bench/import.js [RUNS]: `seccraft import` of 1 GB of syslog with 2 million seccomp records against
// `grep -c type=1326` of the same file, both from the page cache. Also packed by gzip, and a large strace log.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { end, ratio as say, small, times } from "./part.js";

const SCALE = small ? 0.01 : 1;
const RECORDS = 2_000_000 * SCALE;
const BYTES = 1_000_000_000 * SCALE;
const runs = small ? 1 : Number(process.argv[2] ?? 5);
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("SIGINT", () => process.exit(130));

/** Numbers that repeat from run to run. */
let seed = 1;
function random(below) {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed % below;
}

const PROGRAMS = [
  "/usr/sbin/nginx",
  "/usr/bin/redis-server",
  "/usr/local/bin/node",
  "/usr/bin/python3.11",
  "/app/server",
];
/** What else is in a syslog; with the rare bytes of it: `=`, `_`, `*`, `j`, capitals. */
const OTHERS = [
  n => `systemd[1]: Started session-${n}.scope - Session ${n} of User deploy.`,
  n =>
    `sshd[${n}]: Accepted publickey for deploy from 10.0.${n % 256}.7 port 50${n % 100} ssh2: ED25519 SHA256:jK3xQ_v`,
  n =>
    `kernel: [UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:12 SRC=10.1.2.${n % 256} DST=10.1.2.3 LEN=40 TTL=245 PROTO=TCP SPT=443`,
  n =>
    `CRON[${n}]: (root) CMD (test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.hourly; })`,
  n =>
    `dockerd[812]: time="2026-11-24T06:12:03Z" level=info msg="ignoring event" container=${n} module=libcontainerd topic=/tasks/delete`,
  n =>
    `kubelet[900]: I1124 06:12:03.${n % 1000} 900 kubelet_volumes.go:160] "Cleaned up orphaned pod volumes dir" podUID="${n}"`,
];

/** A record and what stands between two of them, so that the whole has the wanted size. */
function writeSyslog(file) {
  const fd = openSync(file, "w");
  let written = 0;
  let part = [];
  let partBytes = 0;
  for (let i = 0; i < RECORDS; i++) {
    const time = 1_795_000_000_000 + i * 7;
    const head = `${new Date(time).toISOString().slice(0, 23)}+00:00 node-1 `;
    const program = PROGRAMS[random(PROGRAMS.length)];
    const comm = program.slice(program.lastIndexOf("/") + 1);
    const lines = [
      `${head}kernel: [${(i / 100).toFixed(6)}] audit: type=1326 audit(${(time / 1000).toFixed(3)}:${i + 2}): auid=4294967295 uid=33 gid=33 ses=4294967295 pid=${1000 + random(30_000)} comm="${comm}" exe="${program}" sig=0 arch=c000003e syscall=${random(120)} compat=0 ip=0x7f${random(0x7fffffff).toString(16)} code=0x7ffc0000\n`,
    ];
    const due = (BYTES / RECORDS) * (i + 1);
    let length = lines[0].length;
    while (written + partBytes + length + 60 < due) {
      const line = `${head}${OTHERS[random(OTHERS.length)](random(100_000))}\n`;
      lines.push(line);
      length += line.length;
    }
    part.push(...lines);
    partBytes += length;
    if (partBytes > 1 << 22) {
      written += writeSync(fd, part.join(""));
      part = [];
      partBytes = 0;
    }
  }
  writeSync(fd, part.join(""));
  closeSync(fd);
}

/** Wall and processor time in seconds and the most memory in MB, by time(1). */
function measured(command) {
  const result = spawnSync("/usr/bin/time", ["-f", "%e %U %S %M", ...command], {
    encoding: "utf8",
    // Not /dev/null: GNU grep stops at the first match when nobody reads what it prints.
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.status !== 0)
    throw new Error(`${command.join(" ")} ended with ${result.status}: ${result.error ?? result.stderr}`);
  const [wall, user, system, kilobytes] = result.stderr.trim().split("\n").at(-1).split(" ").map(Number);
  return { wall, processor: user + system, megabytes: kilobytes / 1024 };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Runs both in turn, so that whatever else the machine does meets both. */
function compare(what, file, grep) {
  const importer = [process.execPath, "bin/seccraft.js", "import", "--format", "names", file];
  const [theirs, ours] = [[], []];
  for (let i = 0; i < runs; i++) {
    theirs.push(measured(grep));
    ours.push(measured(importer));
  }
  const [a, b] = [theirs, ours].map(all => ({
    wall: median(all.map(m => m.wall)),
    processor: median(all.map(m => m.processor)),
  }));
  const memory = Math.max(...ours.map(m => m.megabytes));
  const ratio = b.wall / a.wall;
  console.log(
    `${what.padEnd(14)} ${(statSync(file).size / 1e6).toFixed(0).padStart(5)} MB   grep ${a.wall.toFixed(2)} s   ` +
      `import ${b.wall.toFixed(2)} s   ratio ${ratio.toFixed(2)} (processor time ${(b.processor / a.processor).toFixed(2)})   ` +
      `memory ${memory.toFixed(0)} MB`,
  );
  say(`import of ${what}`, `${times(b.wall, a.wall)} grep`);
  return { ratio, memory };
}

const syslog = path.join(folder, "syslog");
console.log(
  `median of ${runs} runs in turn, from the page cache; load ${loadavg()[0].toFixed(1)} on ${cpus().length} processors`,
);
writeSyslog(syslog);
const { ratio, memory } = compare("syslog", syslog, ["grep", "-c", "type=1326", syslog]);
spawnSync("gzip", ["-1", "-k", syslog]);
compare("syslog, gzip", `${syslog}.gz`, ["zgrep", "-c", "type=1326", `${syslog}.gz`]);
rmSync(`${syslog}.gz`);
rmSync(syslog);
const trace = path.join(folder, "trace");
const call = i =>
  `${1000 + (i % 7)} 12:00:00.${String(i % 1e6).padStart(6, "0")} openat(AT_FDCWD, "/etc/file-${i % 977}", O_RDONLY|O_CLOEXEC) = ${i % 3 === 0 ? "-1 ENOENT (No such file or directory)" : i % 50}\n`;
const fd = openSync(trace, "w");
for (let i = 0; i < 1_000_000 * SCALE; i += 10_000)
  writeSync(fd, Array.from({ length: 10_000 }, (_, j) => call(i + j)).join(""));
closeSync(fd);
compare("strace -f -tt", trace, ["grep", "-c", "openat", trace]);
const ok = ratio <= 3 && memory < 150;
console.log(
  ok
    ? "within the bounds: at most 3 times grep, under 150 MB"
    : "NOT within the bounds: 3 times grep, 150 MB",
);
end(ok);
