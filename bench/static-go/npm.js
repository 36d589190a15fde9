// Real programs from npm, at work under strace.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { analyze, missing, out, root, run, table, trace } from "./tools.js";

/** Fetches a package by its name and unpacks it; returns its folder. */
function packageFolder(name) {
  const folder = path.join(out, "npm", name.replace(/[@/]/g, "_"));
  const unpacked = path.join(folder, "package");
  if (existsSync(path.join(unpacked, "package.json"))) return unpacked;
  mkdirSync(unpacked, { recursive: true });
  run("npm", ["pack", "--silent", name], { cwd: folder });
  const archive = readdirSync(folder).find(entry => entry.endsWith(".tgz"));
  // Not every archive calls its folder `package`.
  run("tar", ["xzf", archive, "--strip-components=1", "-C", unpacked], { cwd: folder });
  return unpacked;
}

function workspace() {
  const folder = path.join(out, "work");
  mkdirSync(path.join(folder, "src"), { recursive: true });
  for (let i = 0; i < 50; i++) {
    writeFileSync(
      path.join(folder, "src", `part${i}.ts`),
      `export const value${i}: number = ${i};\nexport function twice${i}(n: number): number { return n * 2; }\n`,
    );
  }
  const imports = Array.from({ length: 50 }, (_, i) => `export * from "./part${i}.ts";`).join("\n");
  writeFileSync(path.join(folder, "src", "index.ts"), `${imports}\n`);
  writeFileSync(
    path.join(folder, "package.json"),
    '{ "name": "work", "packageManager": "npm@10.0.0", "workspaces": [] }',
  );
  writeFileSync(path.join(folder, "turbo.json"), '{ "tasks": { "build": {} } }');
  const compiler = { allowImportingTsExtensions: true, noEmit: true, strict: true };
  writeFileSync(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: compiler, include: ["src"] }),
  );
  return folder;
}

export async function main() {
  const cwd = workspace();
  const esbuild = path.join(packageFolder("@esbuild/linux-x64"), "bin", "esbuild");
  const tsc = path.join(root, "node_modules/@typescript/typescript-linux-x64/lib/tsc");
  const biome = path.join(root, "node_modules/@biomejs/cli-linux-x64/biome");
  const turbo = path.join(packageFolder("@turbo/linux-64"), "bin", "turbo");
  const runs = [
    [
      "esbuild (Go, stripped)",
      esbuild,
      ["src/index.ts", "--bundle", "--minify", "--sourcemap", "--outdir=dist"],
    ],
    ["esbuild --version", esbuild, ["--version"]],
    ["esbuild, from standard input", esbuild, ["--loader=ts"], "let x: number = 1"],
    ["TypeScript 7 (Go 1.26)", tsc, ["-p", "."]],
    ["TypeScript 7 --build", tsc, ["-b", "--verbose"]],
    ["turbo (Rust, static-pie)", turbo, ["--version"]],
    ["turbo run --dry", turbo, ["run", "build", "--dry"]],
    ["biome format (Rust)", biome, ["format", "src"]],
    ["biome check", biome, ["check", "--write", "src"]],
  ];
  const print = table(["program", "traced", "found", "missed", "unresolved", "seconds"]);
  let good = true;
  for (const [title, file, args, input] of runs) {
    const traced = trace(file, args, { cwd, ...(input === undefined ? {} : { input }) });
    const { names, gaps, seconds } = await analyze(file);
    const missed = missing(traced, names);
    if (missed.length > 0) good = false;
    const open = gaps.filter(gap => gap.kind === "unresolved-site").length;
    print([title, traced.size, names.size, missed.join(" ") || "none", open, seconds.toFixed(2)]);
  }
  return good;
}
