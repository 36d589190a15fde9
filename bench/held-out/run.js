// node bench/held-out/run.js [--set unseen|fresh] [--save FOLDER] [NAME…]: crafts each target with a small exercise and judges the profiles of all policies with
// a large, different workload. Prints a Markdown table. Needs root (eBPF) and the Debian packages of test/debian-packages.txt.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { release, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { riskOf } from "../../dist/abi/risk.js";
import { dockerDefaultAllows } from "../../dist/abi/docker-default.js";
import { craft } from "../../dist/craft/craft.js";
import { verify } from "../../dist/craft/verify.js";
import { runSession } from "../../dist/craft/session.js";
import { nativeEngine } from "../../dist/engine/native/native.js";
import { parseReady } from "../../dist/engine/ready.js";
import { openRunFolder } from "../../dist/linux/runfolder.js";
import { DEFAULT_POLICY, deriveProfile } from "../../dist/profile/derive.js";
import { acceptedBy, POLICY_NAMES } from "../../dist/profile/policies.js";
import { ebpfRecorder } from "../../dist/record/ebpf/recorder.js";
import { TARGETS } from "./targets.js";
import { FRESH } from "./fresh.js";
import { UNSEEN } from "./unseen.js";

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { set: { type: "string", default: "held-out" }, save: { type: "string" } },
});
const { save } = values;
const targets = { "held-out": TARGETS, unseen: UNSEEN, fresh: FRESH }[values.set];
if (targets === undefined) throw new Error("--set held-out, unseen or fresh");

const has = program => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

function run(command, args, options) {
  const result = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"], ...options });
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
}

/** Two neighbouring free ports. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .on("error", reject)
      .listen(0, "127.0.0.1", () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });
}

function workloads(target, folder, port) {
  const plan = target.prepare(folder, port);
  const common = {
    timeoutMs: 60_000,
    expectedExit: 0,
    ...(plan.directory === undefined ? {} : { directory: plan.directory }),
    ready: plan.ready === undefined ? { kind: "exit" } : parseReady(plan.ready),
  };
  return {
    small: { ...common, argv: plan.argv, exercises: plan.small ?? [] },
    large: { ...common, argv: plan.largeArgv ?? plan.argv, exercises: plan.large ?? [] },
  };
}

async function recordLarge(workload, folder) {
  const recording = await ebpfRecorder.open({
    scope: { kind: "launch" },
    target: { kind: "command", argv: workload.argv },
    purpose: "observe",
    phase: "startup",
    folder,
  });
  try {
    const session = await runSession(nativeEngine(), workload, recording.needs, {
      onStart: running => recording.attach(running),
      onPhase: phase => recording.setPhase(phase),
    });
    return {
      used: new Set((await recording.finish()).observations.map(o => o.syscall)),
      seconds: session.seconds,
    };
  } finally {
    await recording.abandon();
  }
}

async function judge(target) {
  const base = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
  const { folder, cleaned } = await openRunFolder();
  for (const line of cleaned) console.error(line);
  try {
    spawnSync("chmod", ["755", base]);
    target.build?.(base, run);
    // Each run gets a folder of its own, so that one does not find what another left.
    let runs = 0;
    const fresh = async () => {
      const own = path.join(base, `run${runs++}`);
      spawnSync("mkdir", ["-m", "755", own]);
      if (target.build !== undefined) spawnSync("cp", [path.join(base, "server"), own]);
      return workloads(target, own, await freePort());
    };
    const engine = nativeEngine();
    const { small } = await fresh();
    const crafted = await craft({
      workload: small,
      runs: 2,
      engine,
      recorder: ebpfRecorder,
      policy: DEFAULT_POLICY,
      accept: "observed",
      analyze: true,
      folder,
    });
    const { used, seconds } = await recordLarge((await fresh()).large, folder);
    if (save !== undefined) {
      mkdirSync(save, { recursive: true });
      const file = path.join(save, `${target.name.replaceAll(/\W+/g, "-")}.json`);
      writeFileSync(
        file,
        JSON.stringify({
          name: target.name,
          workload: values.set,
          evidence: crafted.evidence,
          used: [...used].sort(),
        }),
      );
    }
    const rows = [];
    for (const name of POLICY_NAMES) {
      const { document, provenance } = deriveProfile(
        acceptedBy(crafted.evidence, name, target.name),
        DEFAULT_POLICY,
      );
      let verdict;
      let denied = [];
      try {
        const verified = await verify({ workload: (await fresh()).large, engine }, document, seconds);
        denied = [...new Set(verified.denials.map(d => d.syscall))].sort();
        verdict = denied.length === 0 ? "works" : "denies";
      } catch (error) {
        verdict = `fails: ${error.message.split("\n")[0]}`;
        console.error(`${target.name}, ${name}: ${error.message}\n${error.output ?? ""}`);
      }
      const surplus = [...provenance.keys()].filter(call => !used.has(call));
      const risky = surplus.filter(call => riskOf(call)?.level === "high");
      rows.push({
        policy: name,
        size: provenance.size,
        verdict,
        denied,
        ratio: provenance.size / used.size,
        risky,
        missing: [...used].filter(call => !provenance.has(call)).sort(),
      });
    }
    return { name: target.name, used: used.size, rows };
  } finally {
    await folder.close();
    rmSync(base, { recursive: true, force: true });
  }
}

console.log(
  `Linux ${release()}, Node ${process.version}; Docker's default allows ${dockerDefaultAllows("x86_64").size} syscalls.\n`,
);
console.log(
  "| target | large workload uses | policy | allows | × used | under the large workload | high-risk surplus |\n|---|---|---|---|---|---|---|",
);
let broken = 0;
for (const target of targets.filter(t => wanted.length === 0 || wanted.some(word => t.name.includes(word)))) {
  const lacking = target.needs.filter(program => !has(program));
  if (lacking.length > 0) {
    console.log(`| ${target.name} | not run: no ${lacking.join(", ")} | | | | | |`);
    broken++;
    continue;
  }
  const judged = await judge(target).catch(error => error);
  if (judged instanceof Error) {
    console.log(
      `| ${target.name} | could not be judged: ${judged.message.split("\n")[0]} ${(judged.output ?? "").split("\n").slice(-3).join(" ")} | | | | | |`,
    );
    broken++;
    continue;
  }
  const { name, used, rows } = judged;
  for (const row of rows) {
    const verdict = row.verdict === "denies" ? `denied: ${row.denied.join(" ")}` : row.verdict;
    console.log(
      `| ${name} | ${used} | ${row.policy} | ${row.size} | ${row.ratio.toFixed(2)} | ${verdict} | ${row.risky.join(" ") || "none"} |`,
    );
  }
}
process.exitCode = broken > 0 ? 1 : 0;
