// Times of whole processes: ours, `go tool objdump` with a walk over its text, GNU objdump.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
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

function best(command, args, times = 3) {
  const runs = Array.from({ length: times }, () => timed(command, args));
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

export function main() {
  const [command, args] = ownCommand();
  const web = build("1.19", "web");
  const server = best(command, args.concat(web));
  const walk = best(process.execPath, [path.join(import.meta.dirname, "zaz.js"), web]);
  const dump = best(goOf("local").command, ["tool", "objdump", web]);
  const large = dockerd();
  const own = best(command, args.concat(large));
  const gnu = best("objdump", ["-d", large]);
  const print = table(["what", "seconds", "of processor", "MB"]);
  const rows = [
    ["web server (Go 1.19): ours", ...show(server)],
    ["  go tool objdump alone", ...show(dump)],
    ["  go tool objdump and a walk over its text", ...show(walk)],
    ["dockerd (75 MB, stripped, PIE), with all libraries: ours", ...show(own)],
    ["  objdump -d of dockerd alone", ...show(gnu)],
  ];
  for (const row of rows) print(row);
  console.log(`\nweb server: ${(walk.processor / server.processor).toFixed(1)} × the walk's speed`);
  console.log(`dockerd: ${(gnu.processor / own.processor).toFixed(1)} × objdump's speed`);
  return own.megabytes < 1200;
}
