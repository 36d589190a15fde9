// npm run bench: the benchmarks that hold seccraft against what else there is, one after the other, with the machine and
// the versions, and the ratios at the end; less than ten minutes on two processors. What is not installed is named.
//   node bench/all.js --list           the parts, and what each needs
//   node bench/all.js [small] PART…    only these; small: a moment each, to see that they work
// As root for all of it. Without `small` it builds everything first.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { installNodePackages, run as build } from "../tools/setup.js";
import { OCI_HOOK } from "./hook.js";
import { MARK, MISSED } from "./part.js";

const root = path.resolve(import.meta.dirname, "..");
const MOST_SECONDS = 570;
/** How long a part may take to end after it was told to. */
const GRACE_MS = 3000;

const version = (command, ...args) => {
  const { stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return error === undefined ? (stdout || stderr).split("\n")[0].trim() : undefined;
};

const hook = existsSync(OCI_HOOK);
/** Others' tools, and what is done without them. */
const OTHERS = {
  strace: version("strace", "--version"),
  objdump: version("objdump", "--version"),
  go: version("go", "version"),
  libseccomp: version("pkg-config", "--modversion", "libseccomp"),
  runc: version("runc", "--version"),
  "oci-seccomp-bpf-hook": hook ? (version(OCI_HOOK, "--version") ?? "of unknown version") : undefined,
  grep: version("grep", "--version"),
};
const PROGRAMS = ["cc", "nginx", "wrk", "busybox", "time"];

const PARTS = [
  {
    name: "recording",
    title: "Recording, against strace",
    args: ["bench/overhead.js", "3"],
    needs: ["strace", "cc"],
    asRoot: true,
    seconds: 120,
  },
  {
    name: "hook",
    title: "Recording containers as their hook, against oci-seccomp-bpf-hook",
    args: ["bench/hook.js"],
    needs: ["runc", "busybox"],
    asRoot: true,
    seconds: 60,
  },
  {
    name: "go",
    title: "Reading Go programs, against zaz and objdump -d",
    args: ["bench/static-go.js", "speed", "installed"],
    needs: ["go", "objdump", "time"],
    seconds: 150,
  },
  {
    name: "elf",
    title: "Reading other programs, against objdump -d",
    args: [
      "bench/static-speed.js",
      "--runs",
      "2",
      "/usr/bin/true",
      "/usr/sbin/nginx",
      "/usr/bin/redis-server",
      "/usr/bin/curl",
    ],
    small: ["bench/static-speed.js", "--runs", "1", "/usr/bin/true"],
    needs: ["objdump", "time"],
    seconds: 200,
  },
  {
    name: "filters",
    title: "Filters, against libseccomp's",
    args: ["bench/instructions.js"],
    needs: ["libseccomp", "strace", "cc", "nginx", "wrk"],
    asRoot: true,
    seconds: 60,
  },
  {
    name: "logs",
    title: "Reading logs, against grep",
    args: ["bench/import.js", "2"],
    needs: ["grep", "time"],
    seconds: 120,
  },
];

function has(name) {
  return PROGRAMS.includes(name)
    ? spawnSync("sh", ["-c", `command -v ${name}`]).status === 0
    : OTHERS[name] !== undefined;
}

function missing({ needs, asRoot }) {
  const lacking = needs.filter(name => !has(name));
  return asRoot === true && process.getuid?.() !== 0 ? [...lacking, "root"] : lacking;
}

/** Everything that a part leaves: its mounts and files, wherever it was stopped. */
function sweep(folder) {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map(line => line.split(" ")[4])
    .filter(mount => mount?.startsWith(`${folder}/`));
  for (const mount of mounts.reverse()) spawnSync("umount", [mount]);
  rmSync(folder, { recursive: true, force: true });
}

/** Ends the part that runs now. */
let stop = () => undefined;
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => {
    interrupted = true;
    stop();
  });

/**
 * Runs one part in a process group and a temporary folder of its own, with its output on ours.
 * @returns how it ended, and the ratios that it printed
 */
function runPart(args, seconds) {
  // No name of ours: tests that look for mounts that a run of seccraft has left would find ours.
  const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
  const ratios = [];
  return new Promise(resolve => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
      env: { ...process.env, TMPDIR: folder },
    });
    const group = child.pid;
    const tell = signal => {
      if (group === undefined) return;
      try {
        process.kill(-group, signal);
      } catch {
        // It has ended.
      }
    };
    let late = false;
    stop = () => {
      tell("SIGTERM");
      setTimeout(() => tell("SIGKILL"), GRACE_MS).unref();
    };
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, seconds * 1000);
    createInterface({ input: child.stdout }).on("line", line => {
      console.log(line);
      if (line.startsWith(MARK)) ratios.push(line.slice(MARK.length));
    });
    child.on("close", code => {
      clearTimeout(timer);
      tell("SIGKILL");
      stop = () => undefined;
      sweep(folder);
      const problem = late
        ? `stopped after ${seconds.toFixed(0)} s`
        : interrupted
          ? "interrupted"
          : `failed with exit code ${code}`;
      resolve({
        ratios,
        problem: code === 0 || code === MISSED ? undefined : problem,
        missed: code === MISSED,
      });
    });
  });
}

function list() {
  for (const part of PARTS) {
    const lacking = missing(part);
    const note = lacking.length === 0 ? "" : `  (not here: ${lacking.join(", ")})`;
    console.log(`${part.name.padEnd(10)} ${part.title}\n${" ".repeat(11)}node ${part.args.join(" ")}${note}`);
  }
}

async function runAll(parts, isSmall) {
  const { version: own } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  console.log(
    `seccraft ${own}, Linux ${release()}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}, ${(totalmem() / 2 ** 30).toFixed(1)} GiB, load ${loadavg()[0]?.toFixed(1)}`,
  );
  for (const [name, found] of Object.entries(OTHERS)) console.log(`${name}: ${found ?? "not installed"}`);
  console.log("zaz: its reader of Go programs, built by bench/static-go/speed.js");
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const summary = [];
  let failed = 0;
  for (const part of parts) {
    if (interrupted) break;
    const args = isSmall ? [...(part.small ?? part.args), "small"] : part.args;
    console.log(`\n## ${part.title}\n\n\`node ${args.join(" ")}\`\n`);
    const lacking = missing(part);
    const left = MOST_SECONDS - elapsed();
    if (lacking.length > 0 || left < 5) {
      const reason = lacking.length > 0 ? `needs ${lacking.join(", ")}` : "there is no time left";
      console.log(`skipped: ${reason}`);
      summary.push(`${part.name}: skipped, ${reason}`);
      continue;
    }
    const before = elapsed();
    const { ratios, problem, missed } = await runPart(args, Math.min(part.seconds, left));
    if (problem !== undefined) failed++;
    const how = problem ?? (missed ? "done, a figure above is missed" : "done");
    console.log(`\n(${how}, ${(elapsed() - before).toFixed(0)} s)`);
    summary.push(...ratios, ...(problem === undefined ? [] : [`${part.name}: ${problem}`]));
  }
  if (interrupted) return 130;
  console.log(`\n## Ratios\n`);
  for (const line of summary) console.log(line);
  console.log(`\nin all ${elapsed().toFixed(0)} s; load at the end ${loadavg()[0]?.toFixed(1)}`);
  return failed > 0 ? 1 : 0;
}

const words = process.argv.slice(2);
const isSmall = words.includes("small");
const chosen = words.filter(word => word !== "small" && word !== "--list");
const unknown = chosen.find(name => !PARTS.some(part => part.name === name));
if (unknown !== undefined) {
  console.error(`no part is called ${unknown}; there are ${PARTS.map(part => part.name).join(", ")}`);
  process.exitCode = 2;
} else if (words.includes("--list")) list();
else {
  if (!isSmall) {
    installNodePackages();
    console.log("• building");
    build(process.execPath, ["tools/build.js"]);
    build("node_modules/.bin/tsc", ["-p", "tsconfig.test.json"]);
  }
  const parts = chosen.length === 0 ? PARTS : PARTS.filter(part => chosen.includes(part.name));
  process.exitCode = await runAll(parts, isSmall);
}
