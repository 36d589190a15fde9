import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  type Arbitrary,
  assert as check,
  constantFrom,
  integer,
  letrec,
  oneof,
  property,
  tuple,
} from "fast-check";
import { decide, type Decision, outcome, test as branch } from "../../src/bpf/decision.ts";
import { optimise } from "../../src/bpf/optimise.ts";

const edge = constantFrom(0, 1, 2, 3, 4, 5, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff);
const word = constantFrom(0, 1);
const mask = constantFrom(0xffff_ffff, 0xffff_ffff, 1, 2, 3, 0x8000_0000, 0xffff_0000);

const operator = constantFrom("eq" as const, "gt" as const, "ge" as const);

const decision: Arbitrary<Decision> = letrec<{ node: Decision; branch: Decision }>(tie => ({
  node: oneof(
    { maxDepth: 6, depthSize: "max" },
    { weight: 1, arbitrary: integer({ min: 0, max: 3 }).map(outcome) },
    { weight: 5, arbitrary: tie("branch") },
  ),
  branch: tuple(word, operator, mask, edge, tie("node"), tie("node")).map(
    ([at, compare, bits, value, yes, no]) => branch(at, compare, bits, value, yes, no),
  ),
})).node;

function size(at: Decision): number {
  return at.kind === "return" ? 0 : 1 + size(at.yes) + size(at.no);
}

test("an optimised decision decides the same with no more tests", () => {
  let smaller = 0;
  check(
    property(decision, array(tuple(edge, edge), { minLength: 40, maxLength: 40 }), (plain, inputs) => {
      const better = optimise(plain);
      for (const words of inputs) assert.equal(decide(better, words), decide(plain, words));
      assert.ok(size(better) <= size(plain));
      if (size(better) < size(plain)) smaller++;
    }),
    { numRuns: 10_000 },
  );
  assert.ok(smaller > 500, `only ${smaller} got smaller`);
});

test("a test that an earlier one has decided goes", () => {
  const inner = branch(0, "gt", 0xffff_ffff, 3, outcome(1), outcome(2));
  const plain = branch(0, "eq", 0xffff_ffff, 7, inner, branch(0, "ge", 0xffff_ffff, 0x10, outcome(3), inner));
  const better = optimise(plain);
  assert.ok(better.kind === "test");
  assert.deepEqual(better.yes, outcome(1));
});
