import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import type { Need } from "./needs.ts";
import { ROOT } from "./programs.ts";
import { makeRoot } from "./rootfs.ts";

const NPM = "/usr/lib/node_modules/npm";

/** What the base of our own image is made of. */
export const OWN_IMAGE_NEEDS: readonly Need[] = ["program:npm", `file:${NPM}/package.json`];

/** Node, npm and a shell of this machine, with what `npm ci` will ask for, since a build has no network here. */
export function nodeRoot(folder: string): string {
  const root = makeRoot(path.join(folder, "base"), {
    programs: [process.execPath, "/bin/sh"],
    files: [NPM],
    libraries: [path.join(ROOT, "node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node")],
    texts: { "usr/bin/npm": `#!/bin/sh\nexec ${process.execPath} ${NPM}/bin/npm-cli.js "$@"\n` },
  });
  const project = path.join(folder, "project");
  mkdirSync(project);
  for (const name of ["package.json", "package-lock.json", ".npmrc"])
    copyFileSync(path.join(ROOT, name), path.join(project, name));
  const args = ["ci", "--omit=dev", "--ignore-scripts", "--cache", path.join(root, "root/.npm")];
  const filled = spawnSync("npm", args, { cwd: project, encoding: "utf8", timeout: 240_000 });
  assert.equal(filled.status, 0, filled.stderr);
  return root;
}

/**
 * What the documented command gives the container of our own image; the same without `--privileged` where we lack a
 * capability ourselves.
 */
export function privileges(): string[] {
  const bounding = /^CapBnd:\t(?<caps>[0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1"));
  const last = Number(readFileSync("/proc/sys/kernel/cap_last_cap", "latin1"));
  if (BigInt(`0x${bounding?.groups?.["caps"] ?? "0"}`) === (1n << BigInt(last + 1)) - 1n)
    return ["--privileged", "--pid", "host"];
  // SYS_ADMIN is what eBPF needed before it had capabilities of its own, which Docker 20.10 does not know.
  const capabilities = ["SYS_ADMIN", "SYS_PTRACE"];
  return [
    ...capabilities.flatMap(name => ["--cap-add", name]),
    "--security-opt",
    "seccomp=unconfined",
    "--pid",
    "host",
  ];
}
