// Times of whole processes: ours, `go tool objdump` with a walk over its text, GNU objdump.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { ratio, small, times } from "../part.js";
import { build, goOf, out, root, run, table, timed } from "./tools.js";

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

/** Releases whose `go tool objdump` is measured; zaz's time of 8.7 s is not told with one. */
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
  const walk = best(process.execPath, [path.join(import.meta.dirname, "zaz.js"), web]);
  const print = table(["what", "seconds", "of processor", "MB"]);
  print(["web server in Go: ours", ...show(server)]);
  for (const release of installed ? ["local"] : OBJDUMPS) {
    const dump = best(goOf(release).command, ["tool", "objdump", web]);
    print([`  go tool objdump alone, ${release}`, ...show(dump)]);
  }
  print(["  go tool objdump and a walk over its text", ...show(walk)]);
  ratio("reading a web server in Go", `${faster(walk, server)} the speed of zaz's method`);
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
