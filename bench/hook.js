// node bench/hook.js: what recording a container as its OCI hook adds to its start and end, against
// oci-seccomp-bpf-hook where that is installed and works. As root, with runc and a static busybox.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { end, ratio, small, times } from "./part.js";

/** Where Debian and Fedora put it. */
export const OCI_HOOK = "/usr/libexec/oci/hooks.d/oci-seccomp-bpf-hook";
const ROUNDS = small ? 1 : 10;

let containers = 0;

/** An OCI bundle of busybox that runs `true`, with a hook or none. */
function makeBundle(folder, hook) {
  const name = `seccraft-bench-${process.pid}-${containers++}`;
  const bundle = path.join(folder, name);
  mkdirSync(path.join(bundle, "root/bin"), { recursive: true });
  const busybox = spawnSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).stdout.trim();
  copyFileSync(busybox, path.join(bundle, "root/bin/busybox"));
  spawnSync("runc", ["spec"], { cwd: bundle });
  const file = path.join(bundle, "config.json");
  const config = JSON.parse(readFileSync(file, "utf8"));
  Object.assign(config.process, { terminal: false, args: ["/bin/busybox", "true"] });
  Object.assign(config.linux, { cgroupsPath: `/${name}` });
  config.root = { path: "root" };
  const output = path.join(bundle, "profile.json");
  config.annotations = { "io.containers.trace-syscall": `of:${output}` };
  if (hook !== undefined) config.hooks = { prestart: [hook] };
  writeFileSync(file, JSON.stringify(config));
  return {
    name,
    bundle,
    output,
    run: ["--root", path.join(bundle, "state"), "run", "--bundle", bundle, name],
  };
}

function waitFor(file) {
  const end = performance.now() + 10_000;
  while (!existsSync(file)) {
    if (performance.now() > end) throw new Error("no profile was written");
    spawnSync("sleep", ["0.005"]);
  }
}

/** Milliseconds from the start of a container until its profile is there; without a hook, until its end. */
function measure(folder, hook) {
  const { output, run } = makeBundle(folder, hook);
  const started = performance.now();
  const { status, stderr } = spawnSync("runc", run, { encoding: "utf8", timeout: 30_000 });
  if (status !== 0) throw new Error(stderr);
  if (hook !== undefined) waitFor(output);
  return performance.now() - started;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function main() {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const program = path.resolve(import.meta.dirname, "../bin/seccraft.js");
  const cases = {
    "no hook": undefined,
    seccraft: { path: process.execPath, args: ["node", program, "hook"], env: [`TMPDIR=${folder}`] },
    ...(existsSync(OCI_HOOK)
      ? { "oci-seccomp-bpf-hook": { path: OCI_HOOK, args: [path.basename(OCI_HOOK), "-s"] } }
      : {}),
  };
  const results = Object.fromEntries(Object.keys(cases).map(name => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, hook] of Object.entries(cases)) {
      try {
        results[name]?.push(measure(folder, hook));
      } catch (error) {
        if (name !== "oci-seccomp-bpf-hook") throw error;
        // It compiles its program against the kernel's headers, which a machine may lack.
        console.log(`oci-seccomp-bpf-hook does not work here: ${error.message.trim().split("\n").at(-1)}`);
        delete results[name];
      }
    }
  console.log(`a container of busybox true, from its start until the profile is written; ${ROUNDS} rounds\n`);
  for (const [name, all] of Object.entries(results))
    console.log(`${name.padEnd(24)}${median(all).toFixed(0)} ms`);
  const [bare, own, other] = ["no hook", "seccraft", "oci-seccomp-bpf-hook"].map(
    name => results[name] && median(results[name]),
  );
  ratio("container with our hook", `${times(own, bare)} one without`);
  ratio(
    "oci-seccomp-bpf-hook",
    other === undefined
      ? "not compared: not installed, or not working here"
      : `${times(other, own)} the time of ours`,
  );
  end(true);
}

if (path.resolve(process.argv[1] ?? "") === import.meta.filename) main();
