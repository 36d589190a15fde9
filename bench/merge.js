// node bench/merge.js: the union of 1,000 profiles of 100 rules each, conditions among them; run `npm test` before.
import { performance } from "node:perf_hooks";
import { syscallsOf } from "../.build/src/abi/syscalls.js";
import { union } from "../.build/src/profile/algebra.js";
import { FunctionStore } from "../.build/src/profile/function-store.js";
import { functionsOf } from "../.build/src/profile/functions.js";
import { parseProfile } from "../.build/src/profile/parse.js";
import { printProfile } from "../.build/src/profile/print.js";
import { resolveProfile } from "../.build/src/profile/resolve.js";
import { writeProfile } from "../.build/src/profile/write.js";
import { Random } from "../.build/test/support/random.js";

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
const texts = Array.from({ length: 1000 }, () =>
  JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    architectures: ["SCMP_ARCH_X86_64"],
    syscalls: Array.from({ length: 100 }, rule),
  }),
);
const started = performance.now();
const store = new FunctionStore();
const host = { abi: "x86_64", capabilities: [], kernel: "6.1" };
const functions = texts.map(text =>
  functionsOf(resolveProfile(parseProfile(text, "p.json"), host, { enosysStub: false }), store),
);
const { document } = writeProfile(functions.reduce(union));
const text = printProfile(document);
console.log(
  `${((performance.now() - started) / 1000).toFixed(2)} s, ${document.syscalls.length} rules, ${text.length} bytes`,
);
