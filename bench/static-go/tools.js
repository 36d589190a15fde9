// What the parts of the benchmark share: running commands, toolchains, analysing with the built package.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";

export const root = path.resolve(import.meta.dirname, "../..");
/** Everything that is fetched or built goes here; it is not part of the repository. */
export const out = path.join(root, "bench", "out", "static-go");

/** Runs a command to its end; throws with its error output when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

/** Seconds of processor and of the clock that a command takes, and its largest memory in MB, by GNU time. */
export function timed(command, args) {
  const log = path.join(out, "time.log");
  mkdirSync(out, { recursive: true });
  const full = ["-o", log, "-f", "%e %U %S %M", command, ...args];
  const result = spawnSync("/usr/bin/time", full, { stdio: ["ignore", "ignore", "inherit"] });
  if (result.error) throw result.error;
  const [wall, user, system, kilobytes] = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .at(-1)
    .split(" ")
    .map(Number);
  rmSync(log);
  return { wall, processor: user + system, megabytes: kilobytes / 1024, status: result.status };
}

/** The `go` of a release: the one on the PATH for `local`, Debian's for `1.19`, else one from the module proxy. */
export function goOf(release) {
  if (release === "local") return { command: "go", env: { GOTOOLCHAIN: "local" } };
  if (release === "1.19") return { command: "/usr/lib/go-1.19/bin/go", env: {} };
  const name = `toolchain@v0.0.1-go${release}.linux-amd64`;
  const folder = path.join(homedir(), "go", "pkg", "mod", "golang.org", name);
  if (!existsSync(folder)) {
    // The toolchain itself may refuse newer flags, which does not matter: it has been fetched by then.
    spawnSync("go", ["version"], { env: { ...goEnvironment(), GOTOOLCHAIN: `go${release}` }, cwd: programs });
  }
  return { command: path.join(folder, "bin", "go"), env: { GOTOOLCHAIN: "local" } };
}

export const programs = path.join(root, "testdata", "static", "go");

export function goEnvironment() {
  const { PATH, HOME, GOPROXY } = process.env;
  return { PATH, HOME, GOENV: "off", ...(GOPROXY === undefined ? {} : { GOPROXY }) };
}

/** Builds a program of testdata/static/go with a release; returns the path. */
export function build(release, program, { arch = "amd64", cgo = false, pie = false, stripped = false } = {}) {
  const { command, env } = goOf(release);
  const parts = [program, release, arch, cgo && "cgo", pie && "pie", stripped && "stripped"];
  const file = path.join(out, "bin", parts.filter(part => part !== false).join("-"));
  if (existsSync(file)) return file;
  mkdirSync(path.dirname(file), { recursive: true });
  const flags = [...(pie ? ["-buildmode=pie"] : []), ...(stripped ? ["-ldflags=-s -w"] : [])];
  run(command, ["build", "-o", file, ...flags, `./${program}`], {
    cwd: programs,
    env: {
      ...goEnvironment(),
      ...env,
      GOARCH: arch,
      CGO_ENABLED: cgo ? "1" : "0",
      GOCACHE: path.join(out, "cache", release),
    },
  });
  return file;
}

/** What the built package finds: names of syscalls, gaps, seconds. */
export async function analyze(file, { directory = "/", dlopen = [] } = {}) {
  const { analyzeFile } = await import(path.join(root, "dist", "static", "analyze.js"));
  const started = performance.now();
  const { evidence } = analyzeFile(file, {
    root: directory,
    hints: { dlopen, resolve: new Map() },
    assumeExec: [],
    phases: false,
    tool: "bench",
  });
  const names = new Set(evidence.observations.map(observation => observation.syscall));
  return { names, gaps: evidence.gaps, evidence, seconds: (performance.now() - started) / 1000 };
}

/** Names that strace saw, cut at exec of another program; the first execve is the tracer's. */
export function straceNames(log) {
  const names = new Set();
  const gone = new Set();
  let isFirst = true;
  for (const line of log.split("\n")) {
    const match = /^(\d+)\s+(?:<\.\.\. (\w+) resumed>|(\w+)\()/.exec(line);
    if (match === null) continue;
    const [, pid, resumed, started] = match;
    const name = resumed ?? started;
    const executed = name === "execve" && line.endsWith("= 0");
    if (isFirst) {
      isFirst = !executed;
      continue;
    }
    if (!gone.has(pid)) names.add(name);
    if (executed) gone.add(pid);
  }
  return names;
}

export function trace(command, args = [], options = {}) {
  const log = path.join(out, `trace-${process.pid}`);
  mkdirSync(out, { recursive: true });
  try {
    const { env, cwd, input } = options;
    spawnSync("strace", ["-f", "-qq", "-o", log, command, ...args], {
      cwd,
      input,
      env: env ?? process.env,
      timeout: 120_000,
      stdio: [input === undefined ? "ignore" : "pipe", "ignore", "ignore"],
    });
    return straceNames(readFileSync(log, "utf8"));
  } finally {
    rmSync(log, { force: true });
  }
}

export const missing = (traced, found) =>
  [...traced].filter(name => !found.has(name)).sort((a, b) => (a < b ? -1 : 1));

/** Begins a table in Markdown; the rows are printed as they come. */
export function table(head) {
  console.log(`| ${head.join(" | ")} |\n|${head.map(() => "---").join("|")}|`);
  return row => console.log(`| ${row.join(" | ")} |`);
}
