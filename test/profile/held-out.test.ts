import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { riskOf } from "../../src/abi/risk.ts";
import { parseEvidence } from "../../src/evidence/codec.ts";
import { DEFAULT_POLICY, deriveProfile, type Derivation } from "../../src/profile/derive.ts";
import { acceptedBy, type PolicyName } from "../../src/profile/policies.ts";
import { ROOT } from "../support/programs.ts";

/** What `bench/held-out/run.js --reduced testdata/held-out` kept: docs/policies.md has the figures. */
const FOLDER = path.join(ROOT, "testdata/held-out");
/** Programs of the table of co-use that a target is not to be judged by, besides itself. */
const SAME_INTERPRETER = ["python3 worker"];
const LIMIT = 1.4;
interface Saved {
  readonly name: string;
  readonly profile: (policy: PolicyName) => Derivation;
  readonly used: ReadonlySet<string>;
}

async function saved(file: string): Promise<Saved> {
  const text = readFileSync(path.join(FOLDER, file), "utf8");
  const { name, evidence, used } = JSON.parse(text) as { name: string; evidence: unknown; used: string[] };
  const parsed = await parseEvidence(JSON.stringify(evidence), file);
  const profile = (policy: PolicyName): Derivation =>
    deriveProfile(acceptedBy(parsed, policy, [name, ...SAME_INTERPRETER]), DEFAULT_POLICY);
  return { name, profile, used: new Set(used) };
}

const FILES = readdirSync(FOLDER).sort();

test("ten targets are kept", () => {
  assert.equal(FILES.length, 10);
});

for (const file of FILES) {
  test(`${file}: balanced lacks nothing of a larger workload, is at most 1.4 times as large, without surplus risk`, async () => {
    const { profile, used } = await saved(file);
    const { provenance, withheld } = profile("balanced");
    const missing = [...used].filter(call => !provenance.has(call) && !withheld.has(call));
    assert.deepEqual(missing, []);
    assert.ok(provenance.size <= LIMIT * used.size, `${provenance.size} for ${used.size}`);
    const surplus = [...provenance.keys()].filter(call => !used.has(call));
    assert.deepEqual(
      surplus.filter(call => riskOf(call)?.level === "high"),
      [],
    );
  });
}

test("observed alone breaks most of them, so that the workloads do differ", async () => {
  const all = await Promise.all(FILES.map(saved));
  const broken = all.filter(({ profile, used }) => {
    const { provenance } = profile("observed");
    return [...used].some(call => !provenance.has(call));
  });
  assert.ok(broken.length >= 7, broken.map(({ name }) => name).join(", "));
});
