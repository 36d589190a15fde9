// node bench/merge.js: `seccraft merge` of 1,000 files with 100 rules each, conditions among them, as a whole process;
// run `npm test` before, for .build/.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { syscallsOf } from "../.build/src/abi/syscalls.js";
import { Random } from "../.build/test/support/random.js";

const ROUNDS = 5;
const random = new Random(1);
const names = syscallsOf("x86_64").map(call => call.name);
const condition = () => ({
  index: random.below(3),
  value: random.below(64),
  op: random.pick(["SCMP_CMP_EQ", "SCMP_CMP_EQ", "SCMP_CMP_LT"]),
});
const rule = () => ({
  names: [random.pick(names)],
  action: "SCMP_ACT_ALLOW",
  ...(random.chance(0.2) ? { args: [condition()] } : {}),
});
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
try {
  const files = Array.from({ length: 1000 }, (_, index) => {
    const file = path.join(folder, `${index}.json`);
    const syscalls = Array.from({ length: 100 }, rule);
    writeFileSync(
      file,
      JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", architectures: ["SCMP_ARCH_X86_64"], syscalls }),
    );
    return file;
  });
  const seconds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const ran = spawnSync(process.execPath, ["bin/seccraft.js", "merge", ...files], { encoding: "utf8" });
    if (ran.status !== 0) throw new Error(ran.stderr);
    seconds.push((performance.now() - started) / 1000);
  }
  seconds.sort((a, b) => a - b);
  console.log(`least ${seconds[0].toFixed(2)} s, median ${seconds[Math.floor(ROUNDS / 2)].toFixed(2)} s`);
} finally {
  rmSync(folder, { recursive: true });
}
