// node bench/instructions.js [PROFILE…]: instructions executed per call on the call mix of a real nginx run, our filter
// against libseccomp's linear one and its binary tree; by default for Docker's and Podman's default and crafted profiles.
// Needs root, nginx, wrk, strace, cc, libseccomp-dev; run `npm test` before, for .build/.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { syscallByName } from "../.build/src/abi/syscalls.js";
import { interpret } from "../.build/src/bpf/interpret.js";
import { compileProgram } from "../.build/src/profile/compile.js";
import { DOCKER_CAPABILITIES } from "../.build/src/profile/document.js";
import { resolveForHost } from "../.build/src/profile/host.js";
import { readProfileFile } from "../.build/src/profile/parse.js";
import { resolveProfile } from "../.build/src/profile/resolve.js";
import { end, ratio, times } from "./part.js";
import { buildWithLibseccomp } from "../.build/test/support/libseccomp.js";

const DOCKER = "/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json";
const PODMAN = "/usr/share/containers/seccomp.json";
const X86_64 = 0xc000003e;
const X32_BIT = 0x40000000;

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** How often nginx makes each call while wrk is at it. */
async function nginxMix() {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
  try {
    const port = await freePort();
    mkdirSync(path.join(folder, "www"));
    writeFileSync(path.join(folder, "www/index.html"), "<p>hello</p>".repeat(100));
    writeFileSync(
      path.join(folder, "nginx.conf"),
      `pid ${folder}/pid; error_log ${folder}/error; daemon off; worker_processes 2; user root;
events {} http { access_log ${folder}/access; server { listen 127.0.0.1:${port}; root ${folder}/www; } }`,
    );
    const table = path.join(folder, "table");
    const args = [
      "-f",
      "-c",
      "-U",
      "name,calls",
      "-o",
      table,
      "nginx",
      "-c",
      path.join(folder, "nginx.conf"),
    ];
    const traced = spawn("strace", args, { stdio: "ignore" });
    const ended = new Promise(resolve => traced.on("exit", resolve));
    await sleep(1500);
    spawnSync("wrk", ["-t1", "-c20", "-d3s", `http://127.0.0.1:${port}/`]);
    process.kill(Number(readFileSync(path.join(folder, "pid"), "utf8")), "SIGQUIT");
    await ended;
    return [...readFileSync(table, "utf8").matchAll(/^\s*([a-z_0-9]+)\s+(\d+)\s*$/gm)]
      .filter(([, name]) => name !== "total")
      .map(([, name, calls]) => [name, Number(calls)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function average(program, mix) {
  let [steps, calls] = [0, 0];
  for (const [name, count] of mix) {
    const number = syscallByName("x86_64", name)?.number;
    if (number === undefined) continue;
    steps += count * interpret(program, { number, arch: X86_64, args: [] }).steps;
    calls += count;
  }
  return steps / calls;
}

/** What seccraft makes of the calls that were seen, and of what nginx's code can do. */
function crafted(folder, mix) {
  const seen = path.join(folder, "nginx as it was seen");
  const names = mix.map(([name]) => name).filter(name => syscallByName("x86_64", name) !== undefined);
  const rule = { names, action: "SCMP_ACT_ALLOW" };
  writeFileSync(seen, JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", syscalls: [rule] }));
  const static_ = path.join(folder, "nginx by static analysis");
  const web = path.join(folder, "template web");
  for (const args of [
    ["analyze", "-o", static_, "/usr/sbin/nginx"],
    ["template", "web", "--arch", "x86_64", "-o", web],
  ]) {
    const ran = spawnSync(process.execPath, ["bin/seccraft.js", ...args], { encoding: "utf8" });
    if (ran.status !== 0) throw new Error(ran.stderr);
  }
  return [seen, static_, web];
}

/** A table for one profile; throws when libseccomp's filter needs less for the same calls. */
function compare(file, mix) {
  const host = { abi: "x86_64", capabilities: DOCKER_CAPABILITIES, kernel: "6.1" };
  const plain = resolveForHost(readProfileFile(file), host);
  const profile = resolveProfile(plain, host, { enosysStub: false });
  const counted = new Map(
    mix.map(([name, count]) => [syscallByName("x86_64", name)?.number ?? X32_BIT, count]),
  );
  const programs = [
    ["libseccomp, linear", buildWithLibseccomp([plain], 1)[0].program],
    ["libseccomp, binary tree", buildWithLibseccomp([plain], 2)[0].program],
    ["seccraft", compileProgram(profile)],
    [
      "seccraft, frequent calls first",
      compileProgram(profile, { frequencies: new Map([["x86_64", counted]]) }),
    ],
  ];
  const results = programs.map(([name, program]) => [name, program.length, average(program, mix)]);
  for (const [name, size, steps] of results) {
    console.log(`| ${path.basename(file)} | ${name} | ${size} | ${steps.toFixed(2)} |`);
  }
  const [linear, tree, ours, counts] = results.map(([, , steps]) => steps);
  ratio(
    `instructions a call, ${path.basename(file)}`,
    `libseccomp's linear filter ${times(linear, ours)} ours, its tree ${times(tree, ours)}`,
  );
  if (Math.max(ours, counts) > Math.min(linear, tree)) throw new Error(`${file}: libseccomp needs less`);
}

const given = process.argv.slice(2).filter(word => word !== "small");
const mix = await nginxMix();
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
try {
  const files = given.length > 0 ? given : [DOCKER, PODMAN, ...crafted(folder, mix)];
  const total = mix.reduce((sum, [, count]) => sum + count, 0);
  console.log(`${total} calls of nginx, ${mix.length} different ones\n`);
  console.log("| profile | filter | instructions in the filter | executed per call |\n|---|---|---|---|");
  for (const file of files) compare(file, mix);
  end(true);
} finally {
  rmSync(folder, { recursive: true });
}
