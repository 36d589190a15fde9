import assert from "node:assert/strict";
import { test } from "node:test";
import type { AbiName } from "../../src/abi/abi.ts";
import { InputError } from "../../src/errors.ts";
import { type Action, compareActions, encodeAction, letsThrough } from "../../src/profile/action.ts";
import {
  difference,
  findCall,
  inequality,
  intersection,
  subsetCounterexample,
  union,
} from "../../src/profile/algebra.ts";
import type { Host, ProfileDocument } from "../../src/profile/document.ts";
import { FunctionStore } from "../../src/profile/function-store.ts";
import { functionFor, functionsOf, type ProfileFunctions } from "../../src/profile/functions.ts";
import { printProfile } from "../../src/profile/print.ts";
import { type Profile, resolveProfile } from "../../src/profile/resolve.ts";
import { verdict } from "../../src/profile/verdict.ts";
import { writeProfile } from "../../src/profile/write.ts";
import { Random } from "../support/random.ts";
import { randomCall, randomProfile, type ProfileShape } from "../support/random-profiles.ts";

const HOST: Host = { abi: "x86_64", capabilities: [], kernel: "6.1" };
const ABIS: readonly AbiName[] = ["x86_64", "i386", "x32", "aarch64"];
const SHAPE: ProfileShape = {
  rules: 3,
  conditions: 2,
  names: ["socket", "ioctl"],
  architectures: ["SCMP_ARCH_X86"],
};
const SMALL: ProfileShape = { ...SHAPE, rules: 2, names: ["ioctl"] };
const CASES = 10_000;

interface Sample {
  readonly document: ProfileDocument;
  readonly profile: Profile;
  readonly functions: ProfileFunctions;
}

function sample(random: Random, store: FunctionStore, shape: ProfileShape = SHAPE): Sample {
  for (;;) {
    const document = randomProfile(random, shape);
    try {
      const profile = resolveProfile(document, HOST, { enosysStub: false });
      return { document, profile, functions: functionsOf(profile, store) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
}

interface Drawing {
  readonly random: Random;
  readonly store: FunctionStore;
  /** A sample of the present pool. */
  readonly draw: () => Sample;
}

const CASES_A_POOL = 100;
const POOL = 40;

/** Cases on a pool of fresh samples by the hundred: a store grows with all that it has seen. */
function* drawings(seed: number, count: number, shape: ProfileShape = SHAPE): Generator<Drawing> {
  const random = new Random(seed);
  for (let done = 0; done < count; done += CASES_A_POOL) {
    const store = new FunctionStore();
    const pool = Array.from({ length: POOL }, () => sample(random, store, shape));
    const drawing = { random, store, draw: () => random.pick(pool) };
    for (let i = 0; i < Math.min(CASES_A_POOL, count - done); i++) yield drawing;
  }
}

function same(a: ProfileFunctions, b: ProfileFunctions, what: string): void {
  const counter = inequality(a, b);
  if (counter !== undefined) assert.fail(`${what}: ${counter.name} ${counter.args.join(" ")}`);
}

function sameAction(a: Action, b: Action): boolean {
  return encodeAction(a) === encodeAction(b);
}

test("union, intersection and difference at 10,000 points are what both verdicts say", () => {
  for (const { random, store, draw } of drawings(1, CASES)) {
    const [a, b] = [draw(), draw()];
    const denial = { kind: "errno", errno: 7 } as const;
    const both = union(a.functions, b.functions);
    const common = intersection(a.functions, b.functions);
    const rest = difference(a.functions, b.functions, denial);
    for (const document of [a.document, b.document]) {
      const call = randomCall(random, document, ABIS);
      // Numbers that belong to another ABI, and the cancelled call, are not an ABI's own.
      if (call.number >= 0x4000_0000 !== (call.abi === "x32") || call.number === 0xffff_ffff) continue;
      const x = verdict(a.profile, call.abi, call.number, call.args);
      const y = verdict(b.profile, call.abi, call.number, call.args);
      const at = (f: ProfileFunctions): number =>
        store.evaluate(functionFor(f, call.abi, call.number), call.args);
      const [milder, stricter] = compareActions(x, y) >= 0 ? [x, y] : [y, x];
      const code = (action: typeof x): number =>
        store.constantValue(functionFor(encoded(store, action), "x86_64", 0)) ?? -1;
      assert.equal(at(both), code(milder));
      assert.equal(at(common), code(stricter));
      assert.equal(at(rest), code(letsThrough(x) && letsThrough(y) ? denial : x));
    }
  }
});

/** A profile that answers everything alike. */
function encoded(store: FunctionStore, action: ReturnType<typeof verdict>): ProfileFunctions {
  const all = resolveProfile({ defaultAction: "SCMP_ACT_KILL" }, HOST);
  const functions = functionsOf(all, store);
  return { ...functions, abis: new Map(), unlisted: action };
}

test("union and intersection are commutative, associative, idempotent and absorb each other, 10,000 times", () => {
  for (const { draw } of drawings(2, CASES, SMALL)) {
    const [a, b, c] = [draw().functions, draw().functions, draw().functions];
    for (const [join, meet] of [
      [union, intersection],
      [intersection, union],
    ] as const) {
      same(join(a, b), join(b, a), "commutative");
      same(join(join(a, b), c), join(a, join(b, c)), "associative");
      same(join(a, a), a, "idempotent");
      same(join(a, meet(a, b)), a, "absorption");
    }
  }
});

test("subset is right: a proof holds at samples, a counterexample is one, 10,000 times", () => {
  let proven = 0;
  for (const { random, store, draw } of drawings(3, CASES)) {
    const a = draw();
    const b = random.chance(0.5) ? draw() : a;
    const larger = random.chance(0.5) ? union(a.functions, b.functions) : b.functions;
    const counter = subsetCounterexample(a.functions, larger);
    if (counter === undefined) {
      proven++;
      const call = randomCall(random, a.document, ["x86_64", "i386"]);
      if (call.number >= 0x4000_0000) continue;
      const value = store.evaluate(functionFor(larger, call.abi, call.number), call.args);
      const lets = letsThrough(verdict(a.profile, call.abi, call.number, call.args));
      assert.ok(!lets || value >= 0x7ffc_0000);
    } else {
      const { abi, number, args, first, second } = counter;
      assert.ok(letsThrough(first) && !letsThrough(second));
      assert.ok(sameAction(verdict(a.profile, abi, number, args), first));
      assert.ok(larger !== b.functions || sameAction(verdict(b.profile, abi, number, args), second));
    }
  }
  assert.ok(proven > 1000 && proven < 9000, `${proven} proven`);
});

test("what is written means what was meant, or is refused by name", () => {
  let written = 0;
  let refused = 0;
  for (const { random, store, draw } of drawings(4, 400)) {
    const [a, b] = [draw(), draw()];
    const meant = random.chance(0.5)
      ? union(a.functions, b.functions)
      : intersection(a.functions, b.functions);
    try {
      const { document, approximated } = writeProfile(meant);
      assert.deepEqual(approximated, []);
      const read = functionsOf(resolveProfile(document, HOST, { enosysStub: false }), store);
      same({ ...read, abis: read.abis }, { ...meant, abis: meant.abis }, printProfile(document));
      written++;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      assert.match(error.message, /no rules say exactly this|default action is not the same/);
      refused++;
      for (const approximate of ["allow", "deny"] as const) {
        if (!error.message.includes("--approximate")) continue;
        const { document } = writeProfile(meant, { approximate });
        const read = functionsOf(resolveProfile(document, HOST, { enosysStub: false }), store);
        const [smaller, larger] = approximate === "allow" ? [meant, read] : [read, meant];
        assert.equal(subsetCounterexample(smaller, larger), undefined);
      }
    }
  }
  assert.ok(written > 150, `${written} written, ${refused} refused`);
});

test("a profile that is written again is the same function", () => {
  let exact = 0;
  const random = new Random(5);
  let store = new FunctionStore();
  for (let i = 0; i < 800; i++) {
    if (i % 100 === 0) store = new FunctionStore();
    const a = sample(random, store);
    try {
      const { document } = writeProfile(a.functions);
      same(functionsOf(resolveProfile(document, HOST, { enosysStub: false }), store), a.functions, "written");
      exact++;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  assert.ok(exact > 720, `${exact} exact`);
});

test("one counterexample reads as a call", () => {
  const store = new FunctionStore();
  const read = (rules: ProfileDocument["syscalls"]): ProfileFunctions =>
    functionsOf(resolveProfile({ defaultAction: "SCMP_ACT_ERRNO", syscalls: rules ?? [] }, HOST), store);
  const all = read([{ names: ["socket"], action: "SCMP_ACT_ALLOW" }]);
  const inet = read([
    { names: ["socket"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 2n, op: "SCMP_CMP_NE" }] },
  ]);
  assert.equal(subsetCounterexample(inet, all), undefined);
  const counter = subsetCounterexample(all, inet);
  assert.equal(counter?.name, "socket");
  assert.deepEqual(counter.args, [2n, 0n, 0n, 0n, 0n, 0n]);
  assert.equal(
    findCall(all, all, (x, y) => !sameAction(x, y)),
    undefined,
  );
});
