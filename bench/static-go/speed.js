// Times of whole processes: ours, zaz's reader of Go programs, `go tool objdump`, GNU objdump.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { ratio, small, times } from "../part.js";
import { build, goEnvironment, goOf, out, root, run, table, timed } from "./tools.js";

/** A process that does nothing but analyse one file from nothing, without a cache. */
function ownCommand() {
  const script = path.join(out, "analyze.mjs");
  mkdirSync(out, { recursive: true });
  const options =
    '{ root: "/", hints: { dlopen: [], resolve: new Map() }, assumeExec: [], phases: false, tool: "bench" }';
  const text = `import { analyzeFile } from ${JSON.stringify(path.join(root, "dist/static/analyze.js"))};\n`;
  writeFileSync(script, `${text}analyzeFile(process.argv[2], ${options});\n`);
  return [process.execPath, [script]];
}

function best(command, args, rounds = 3) {
  const runs = Array.from({ length: small ? 1 : rounds }, () => timed(command, args));
  return runs.sort((a, b) => a.processor - b.processor)[0];
}

function dockerd() {
  const folder = path.join(out, "debian");
  const file = path.join(folder, "root/usr/sbin/dockerd");
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  run("apt-get", ["download", "docker.io"], { cwd: folder });
  run("sh", ["-c", "for p in docker.io_*.deb; do dpkg-deb -x $p root; done"], { cwd: folder });
  return file;
}

const show = ({ wall, processor, megabytes }) => [
  wall.toFixed(2),
  processor.toFixed(2),
  megabytes.toFixed(0),
];

/** Large programs in Go. */
const INSTALLED = ["/usr/sbin/dockerd", "/usr/bin/dockerd"];

/** zaz's own reader of Go programs, github.com/pjbgf/gosystract, built by this machine's Go; undefined where that fails. */
function zaz() {
  const file = path.join(out, "bin", "zaz");
  const options = {
    cwd: path.join(import.meta.dirname, "zaz"),
    env: { ...goEnvironment(), GOCACHE: path.join(out, "cache", "local") },
  };
  try {
    run("go", ["build", "-o", file, "."], options);
    return file;
  } catch (error) {
    console.log(`zaz is not measured: ${error.message}`);
    return undefined;
  }
}

/** Releases whose `go tool objdump`, which zaz reads the text of, is measured. */
const OBJDUMPS = ["1.17.13", "1.20.14", "1.24.13", "local"];

const built = name => import(path.join(root, "dist", "static", name));

/** Every file that an analysis reads for a program. */
async function filesOf(file) {
  const { ProgramAnalysis } = await built("program.js");
  const { ModuleStore } = await built("load/modules.js");
  const { TargetRoot } = await built("load/root.js");
  const hints = { dlopen: [], resolve: new Map() };
  const { image, plugins } = new ProgramAnalysis(new TargetRoot("/"), file, hints, new ModuleStore());
  return [...image.modules, ...plugins.converters].map(module => module.path);
}

/** How much faster, by the clock and by the processor. */
const faster = (other, ours) =>
  `${times(other.wall, ours.wall)} (processor: ${times(other.processor, ours.processor)})`;

/** With `installed`, only what is on this machine: no other release of Go, and dockerd only where it is. */
export async function main([scope]) {
  const installed = scope === "installed";
  const [command, args] = ownCommand();
  const web = build(existsSync(goOf("1.19").command) ? "1.19" : "local", "web");
  const server = best(command, args.concat(web));
  const reader = zaz();
  // Newer releases build their objdump when it is first asked for.
  const theirNames = reader === undefined ? [] : run(reader, [web]).trim().split("\n");
  const theirs = reader === undefined ? undefined : best(reader, [web], 1);
  const print = table(["what", "seconds", "of processor", "MB"]);
  print(["web server in Go: ours", ...show(server)]);
  for (const release of installed ? ["local"] : OBJDUMPS) {
    const dump = best(goOf(release).command, ["tool", "objdump", web]);
    print([`  go tool objdump alone, ${release}`, ...show(dump)]);
  }
  if (theirs !== undefined) {
    print([`  zaz's reader, which finds ${theirNames.length} syscalls`, ...show(theirs)]);
    ratio("reading a web server in Go", `${faster(theirs, server)} the speed of zaz`);
  }
  const large = installed ? INSTALLED.find(file => existsSync(file)) : dockerd();
  if (large === undefined || small) return true;
  const rounds = installed ? 1 : 3;
  const own = best(command, args.concat(large), rounds);
  const gnu = best("objdump", ["-d", large], rounds);
  const files = await filesOf(large);
  const all = best("objdump", ["-d", ...files], rounds);
  print([`${large}, with all libraries: ours`, ...show(own)]);
  print(["  objdump -d of it alone", ...show(gnu)]);
  print([`  objdump -d of the same ${files.length} files`, ...show(all)]);
  ratio(
    `reading ${path.basename(large)}`,
    `${faster(gnu, own)} the speed of objdump -d of it alone, ${faster(all, own)} of the same files`,
  );
  return own.megabytes < 1200;
}
