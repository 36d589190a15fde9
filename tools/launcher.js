// Compiles native/launch.c, for this machine or another one. No C library goes into it.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { root, run } from "./setup.js";

const FLAGS =
  "-Os -static -no-pie -nostdlib -ffreestanding -fno-stack-protector -fno-builtin -fno-asynchronous-unwind-tables -Wall -Wextra -Werror -s".split(
    " ",
  );

const ownMachine = process.arch === "arm64" ? "aarch64" : "x86_64";

export function compileLauncher(machine, folder) {
  const compilers =
    machine === ownMachine
      ? [process.env.CC ?? "cc", "gcc", "clang"]
      : [`${machine.replace("_", "-")}-linux-gnu-gcc`];
  const compiler = compilers.find(name => spawnSync(name, ["--version"]).status === 0);
  if (compiler === undefined) {
    console.error(`no C compiler for ${machine}: install one of ${compilers.join(", ")}`);
    process.exit(1);
  }
  mkdirSync(folder, { recursive: true });
  const output = path.join(folder, `launch-${machine}`);
  run(compiler, [...FLAGS, "-o", output, path.join(root, "native/launch.c")]);
}

/** The launcher of this machine; with `prebuilt` those of every machine that there is one for. */
export function compileLaunchers(prebuilt) {
  if (process.platform !== "linux") return;
  for (const machine of prebuilt ? ["x86_64", "aarch64"] : [ownMachine]) {
    compileLauncher(machine, path.join(root, "dist/native"));
  }
}
