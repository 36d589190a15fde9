// node bench/held-out/run.js [--set unseen|fresh|later|newest|scripts] [--save FOLDER] [NAME…]: crafts each target with a
// small exercise and judges the profiles of all policies with a large, different workload. Prints a Markdown table. Needs
// root (eBPF) and the programs of the set. `--save` keeps the evidence and what the large workload used, `--reduced FOLDER`
// only as much of it as policies ask for (testdata/held-out). `--from FOLDER` judges today's policies by either, and runs
// nothing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { release, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { dockerDefaultAllows } from "../../dist/abi/docker-default.js";
import { craft } from "../../dist/craft/craft.js";
import { enforce, verify } from "../../dist/craft/verify.js";
import { compareText } from "../../dist/evidence/canonical.js";
import { runSession } from "../../dist/craft/session.js";
import { nativeEngine } from "../../dist/engine/native/native.js";
import { parseReady } from "../../dist/engine/ready.js";
import { openRunFolder } from "../../dist/linux/runfolder.js";
import { DEFAULT_POLICY } from "../../dist/profile/derive.js";
import { POLICY_NAMES } from "../../dist/profile/policies.js";
import { ebpfRecorder } from "../../dist/record/ebpf/recorder.js";
import { TARGETS } from "./targets.js";
import { FRESH } from "./fresh.js";
import { judgementOf, profileOf, reduced, save, saved } from "./judgement.js";
import { LATER } from "./later.js";
import { NEWEST } from "./newest.js";
import { SCRIPTS } from "./scripts.js";
import { UNSEEN } from "./unseen.js";

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    set: { type: "string", default: "held-out" },
    save: { type: "string" },
    reduced: { type: "string" },
    from: { type: "string" },
  },
});
const SETS = {
  "held-out": TARGETS,
  unseen: UNSEEN,
  fresh: FRESH,
  later: LATER,
  newest: NEWEST,
  scripts: SCRIPTS,
};
const targets = SETS[values.set];
if (targets === undefined) throw new Error(`--set ${Object.keys(SETS).join(", ")}`);

const has = program => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

function run(command, args, options) {
  const result = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"], ...options });
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
}

/** What the large workload uses depends on timing as well: it is what these runs of it used together. */
const LARGE_RUNS = 2;

/** Where the kernel takes no ports for outgoing connections, of which clients make hundreds. */
const PORTS = { from: 20_000, to: 32_000 };

function isFree(port) {
  return new Promise(resolve => {
    const server = createServer()
      .on("error", () => resolve(false))
      .listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** The first of two neighbouring free ports. */
async function freePort() {
  for (;;) {
    const port = PORTS.from + 2 * Math.floor((Math.random() * (PORTS.to - PORTS.from)) / 2);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
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

/**
 * What is denied under the profile. Newer calls that it answers with ENOSYS, for the library to take the older one, are
 * no denials, provided that the workload then passes under the real filter.
 */
async function verdictOf({ document, withheld }, prepare, seconds) {
  const { denials } = await verify(await prepare(), document, seconds);
  const calls = [...new Set(denials.map(denial => denial.syscall))].sort(compareText);
  const denied = calls.filter(call => !withheld.has(call));
  if (denied.length > 0) return `denied: ${denied.join(" ")}`;
  if (calls.length === 0) return "works";
  await enforce(await prepare(), document);
  return `works, without ${calls.join(" ")}`;
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
    const used = new Set();
    let seconds = 0;
    for (let i = 0; i < LARGE_RUNS; i++) {
      const recorded = await recordLarge((await fresh()).large, folder);
      for (const call of recorded.used) used.add(call);
      seconds = Math.max(seconds, recorded.seconds);
    }
    const rows = [];
    for (const name of POLICY_NAMES) {
      const profile = profileOf(crafted.evidence, name, target.name);
      const prepare = async () => ({ workload: (await fresh()).large, engine });
      const verdict = await verdictOf(profile, prepare, seconds).catch(error => {
        console.error(`${target.name}, ${name}: ${error.message}\n${error.output ?? ""}`);
        return `fails: ${error.message.split("\n")[0]}`;
      });
      rows.push({ policy: name, profile, verdict });
    }
    const result = { name: target.name, set: values.set, evidence: crafted.evidence, used };
    if (values.save !== undefined) save(values.save, result);
    if (values.reduced !== undefined)
      save(values.reduced, { ...result, evidence: reduced(crafted.evidence, target.name) });
    return {
      name: target.name,
      used: used.size,
      rows: rows.map(row => ({ ...row, ...judgementOf(row.profile, used) })),
    };
  } finally {
    await folder.close();
    rmSync(base, { recursive: true, force: true });
  }
}

function print({ name, used, rows }) {
  for (const row of rows)
    console.log(
      `| ${name} | ${used} | ${row.policy} | ${row.size} | ${row.ratio.toFixed(2)} | ${row.verdict} | ${row.risky.join(" ") || "none"} |`,
    );
}

function isWanted({ name }) {
  return wanted.length === 0 || wanted.some(word => name.includes(word));
}

/** Without running anything: a call that the large workload used and a profile lacks counts as denied. */
function judgeSaved(folder) {
  for (const { name, evidence, used } of saved(folder).filter(isWanted)) {
    const rows = POLICY_NAMES.map(policy => {
      const judgement = judgementOf(profileOf(evidence, policy, name), used);
      const { missing, surplus } = judgement;
      if (policy === "balanced") console.error(`${name}, ${policy}, surplus: ${surplus.join(" ")}`);
      return {
        policy,
        verdict: missing.length === 0 ? "lacks none" : `lacks: ${missing.join(" ")}`,
        ...judgement,
      };
    });
    print({ name, used: used.size, rows });
  }
}

async function judgeAll() {
  for (const target of targets.filter(isWanted)) {
    const lacking = target.needs.filter(program => !has(program));
    if (lacking.length > 0) {
      console.log(`| ${target.name} | not run: no ${lacking.join(", ")} | | | | | |`);
      process.exitCode = 1;
      continue;
    }
    try {
      print(await judge(target));
    } catch (error) {
      const reason = `${error.message.split("\n")[0]} ${(error.output ?? "").split("\n").slice(-3).join(" ")}`;
      console.log(`| ${target.name} | could not be judged: ${reason} | | | | | |`);
      process.exitCode = 1;
    }
  }
}

console.log(
  `Linux ${release()}, Node ${process.version}; Docker's default allows ${dockerDefaultAllows("x86_64").size} syscalls.\n`,
);
console.log(
  "| target | large workload uses | policy | allows | × used | under the large workload | high-risk surplus |\n|---|---|---|---|---|---|---|",
);
await (values.from === undefined ? judgeAll() : judgeSaved(values.from));
