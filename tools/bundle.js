// Joins the modules that tsc wrote into a few files, in dist/bundle/: Node takes a millisecond to load each. What a command
// needs is loaded with it alone; packages stay where npm puts them.
import { readdirSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { root } from "./setup.js";

/** The command line, the library, and whatever runs on a thread of its own: `NAME-worker.ts`. */
function entries(folder) {
  const workers = readdirSync(folder, { recursive: true }).filter(name => name.endsWith("-worker.js"));
  return ["cli/main.js", "index.js", ...workers].map(name => path.join(folder, name));
}

export async function bundle() {
  await build({
    entryPoints: entries(path.join(root, "dist")),
    // One folder for all: a thread's file is beside whatever starts it.
    entryNames: "[name]",
    chunkNames: "part-[hash]",
    outdir: path.join(root, "dist/bundle"),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    logLevel: "warning",
    absWorkingDir: root,
  });
}
