// npm run bench: the benchmarks that compare seccraft with what else there is, one after the other, with the machine and
// the versions; about five minutes. What is not installed is named. For the whole of it: as root, after `npm test`.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import path from "node:path";
import process from "node:process";

const root = path.resolve(import.meta.dirname, "..");
const MOST_SECONDS = 180;

const version = (command, ...args) => {
  const { stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return error === undefined ? (stdout || stderr).split("\n")[0].trim() : undefined;
};

const zaz = version("zaz", "--version");
/** Others' tools, and what is done without them. */
const OTHERS = {
  strace: version("strace", "--version"),
  objdump: version("objdump", "--version"),
  go: version("go", "version"),
  libseccomp: version("pkg-config", "--modversion", "libseccomp"),
  zaz: zaz ?? "not installed; its method is measured: bench/static-go/zaz.js",
  "oci-seccomp-bpf-hook": existsSync("/usr/libexec/oci/hooks.d/oci-seccomp-bpf-hook")
    ? version("/usr/libexec/oci/hooks.d/oci-seccomp-bpf-hook", "--version")
    : undefined,
};

const PARTS = [
  { title: "Recording, against strace", args: ["bench/overhead.js", "3"], needs: ["strace"], asRoot: true },
  {
    title: "Reading Go programs, against `go tool objdump` with zaz's method and objdump",
    args: ["bench/static-go.js", "speed"],
    needs: ["go", "objdump"],
  },
  {
    title: "Reading other programs, against objdump -d",
    args: ["bench/static-precision.js"],
    needs: ["objdump"],
  },
  {
    title: "Filters, against libseccomp's",
    args: ["bench/instructions.js"],
    needs: ["libseccomp", "strace"],
    asRoot: true,
  },
  { title: "Reading logs, against grep", args: ["bench/import.js"], needs: [] },
];

/** Runs one part with its output on ours; returns why it did not work. */
function run(args) {
  return new Promise(resolve => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    const timer = setTimeout(() => child.kill("SIGTERM"), MOST_SECONDS * 1000);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve(
        code === 0
          ? undefined
          : signal === null
            ? `ended with exit code ${code}`
            : `took more than ${MOST_SECONDS} s`,
      );
    });
  });
}

const { version: own } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
console.log(
  `seccraft ${own}, Linux ${release()}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}, ${(totalmem() / 2 ** 30).toFixed(1)} GiB, load ${loadavg()[0]?.toFixed(1)}`,
);
for (const [name, found] of Object.entries(OTHERS)) console.log(`${name}: ${found ?? "not installed"}`);
const started = performance.now();
let failed = 0;
for (const { title, args, needs, asRoot } of PARTS) {
  console.log(`\n## ${title}\n\n\`node ${args.join(" ")}\`\n`);
  const missing = needs.filter(name => OTHERS[name] === undefined);
  if (asRoot === true && process.getuid?.() !== 0) missing.push("root");
  if (missing.length > 0) {
    console.log(`not run: needs ${missing.join(", ")}`);
    continue;
  }
  const before = performance.now();
  const problem = await run(args);
  if (problem !== undefined) failed++;
  console.log(`\n(${problem ?? "done"}, ${((performance.now() - before) / 1000).toFixed(0)} s)`);
}
if (OTHERS["oci-seccomp-bpf-hook"] === undefined)
  console.log(
    "\noci-seccomp-bpf-hook: not compared, because it is not installed; it compiles its program by BCC at each start",
  );
console.log(`\nin all ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = failed > 0 ? 1 : 0;
