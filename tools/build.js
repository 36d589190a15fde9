// npm run build: TypeScript to dist/, native/launch.c to dist/native/. `--prebuilt` also cross-compiles for aarch64.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { installNodePackages, root, run } from "./setup.js";

const FLAGS =
  "-Os -static -no-pie -nostdlib -ffreestanding -fno-stack-protector -fno-builtin -fno-asynchronous-unwind-tables -Wall -Wextra -Werror -s".split(
    " ",
  );

function compileLauncher(machine, compilers) {
  const source = path.join(root, "native/launch.c");
  if (!existsSync(source)) return;
  const output = path.join(root, "dist/native", `launch-${machine}`);
  mkdirSync(path.dirname(output), { recursive: true });
  const compiler = compilers.find(name => spawnSync(name, ["--version"]).status === 0);
  if (compiler === undefined) {
    console.error(`no C compiler for ${machine}: install one of ${compilers.join(", ")}`);
    process.exit(1);
  }
  run(compiler, [...FLAGS, "-o", output, source]);
}

installNodePackages();
rmSync(path.join(root, "dist"), { recursive: true, force: true });
run("node_modules/.bin/tsc", ["-p", "tsconfig.json"]);
if (process.platform === "linux") {
  const own = process.arch === "arm64" ? "aarch64" : "x86_64";
  const prebuilt = process.argv.includes("--prebuilt");
  for (const machine of ["x86_64", "aarch64"]) {
    if (machine === own) compileLauncher(machine, [process.env.CC ?? "cc", "gcc", "clang"]);
    else if (prebuilt) compileLauncher(machine, [`${machine}-linux-gnu-gcc`]);
  }
}
