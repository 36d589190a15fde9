import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as check, boolean, double, nat, property, record, type Arbitrary } from "fast-check";
import { boundOf, countRuns, simulatedTarget } from "../../bench/minimize/simulate.ts";
import { blockSize, learnedOdds, splitOf } from "../../src/minimize/odds.ts";
import { Search, type Answer, type Candidate } from "../../src/minimize/search.ts";

/** A target that works when of each of its needs one call is allowed; denied calls are seen up to where it fails. */
interface Needy {
  readonly candidates: readonly Candidate[];
  readonly needs: readonly (readonly string[])[];
}

const needy: Arbitrary<Needy> = record({
  priors: array(double({ min: 0.001, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 40 }),
  needs: array(array(nat(39), { minLength: 1, maxLength: 3 }), { maxLength: 12 }),
}).map(({ priors, needs }) => ({
  candidates: priors.map((prior, index) => ({ name: `c${index}`, prior })),
  needs: needs.map(need => need.map(index => `c${index % priors.length}`)),
}));

function answer({ needs }: Needy, allowed: readonly string[], watched: boolean): Answer {
  const permitted = new Set(allowed);
  const called: string[] = [];
  for (const need of needs) {
    const found = need.findIndex(name => permitted.has(name));
    called.push(...need.slice(0, found < 0 ? need.length : found));
    if (found < 0) return { works: false, called: watched ? called : undefined };
  }
  return { works: true };
}

function oneByOne(target: Needy): string[] {
  let allowed = target.candidates.map(({ name }) => name);
  for (const { name } of target.candidates) {
    const less = allowed.filter(other => other !== name);
    if (answer(target, less, false).works) allowed = less;
  }
  return allowed;
}

for (const watched of [true, false]) {
  test(`finds what removing one by one finds, ${watched ? "watched" : "unwatched"}`, () => {
    check(
      property(needy, target => {
        const search = new Search(target.candidates);
        let asked = 0;
        for (let question = search.next(); question !== undefined; question = search.next()) {
          asked++;
          assert.ok(asked <= 4 * target.candidates.length + 20, "it comes to an end");
          search.take(answer(target, question.allowed, watched));
        }
        assert.deepEqual([...search.required].sort(), oneByOne(target).sort());
        assert.equal(search.required.length + search.removed.length, target.candidates.length);
      }),
      { numRuns: 500 },
    );
  });
}

test("a copy goes its own way, and the same answers lead to the same questions", () => {
  check(
    property(needy, array(boolean(), { maxLength: 20 }), (target, answers) => {
      const [one, other] = [new Search(target.candidates), new Search(target.candidates)];
      for (const works of answers) {
        assert.deepEqual(one.next(), other.next());
        if (one.next() === undefined) return;
        const copy = one.copy();
        copy.take(copy.guess());
        const said: Answer = works ? { works } : { works, called: undefined };
        one.take(said);
        other.take(said);
      }
    }),
  );
});

for (const [n, ks] of [
  [60, [1, 2, 3, 5, 10, 20, 30, 45, 60]],
  [360, [1, 2, 5, 10, 20, 40, 90, 180]],
] as const) {
  test(`runs for ${n} candidates stay within 1.5 times the bound`, () => {
    for (const k of ks) {
      for (const watched of [true, false]) {
        const seeds = n === 60 ? 40 : 5;
        let most = 0;
        for (let seed = 0; seed < seeds; seed++) {
          const target = simulatedTarget(n, k, 0.02, seed);
          const { runs, required } = countRuns(target, watched);
          assert.deepEqual(new Set(required), target.required);
          most = Math.max(most, runs);
        }
        const limit = 1.5 * boundOf(n, k);
        assert.ok(most <= limit, `n ${n}, k ${k}, watched ${watched}: ${most} > ${limit}`);
      }
    }
  });
}

test("groups are large where little is required and single where much is", () => {
  assert.equal(blockSize(Array.from({ length: 50 }, () => 0.9)), 1);
  assert.equal(blockSize(Array.from({ length: 50 }, () => 0.0001)), 50);
  const size = blockSize(Array.from({ length: 50 }, () => 0.1));
  assert.ok(size > 2 && size < 20, String(size));
});

test("what was decided shifts the odds of the rest", () => {
  const rest = [{ prior: 0.5 }];
  const [none = 0] = learnedOdds(rest, []);
  assert.ok(Math.abs(none - 0.5) < 1e-9);
  const required = Array.from({ length: 10 }, () => ({ prior: 0.5, required: true }));
  const [more = 0] = learnedOdds(rest, required);
  const [less = 0] = learnedOdds(
    rest,
    required.map(({ prior }) => ({ prior, required: false })),
  );
  assert.ok(more > 0.8 && less < 0.2, `${more} ${less}`);
  assert.equal(splitOf([0.99, 0.01, 0.01]), 1);
});
