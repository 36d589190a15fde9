import assert from "node:assert/strict";
import { chmodSync, mkdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { filtersOf } from "../../src/craft/filters.ts";
import { runSession } from "../../src/craft/session.ts";
import { needsNoNewPrivileges } from "../../src/craft/verify.ts";
import { nativeEngine } from "../../src/engine/native/native.ts";
import type { ProfileDocument } from "../../src/profile/document.ts";
import { watchDenials, type DenialWatch } from "../../src/record/notify/recorder.ts";
import { templateDocument } from "../../src/template/document.ts";
import { TEMPLATES } from "../../src/template/templates.ts";
import { freePort } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { temporaryFolder } from "../support/programs.ts";
import { PROOFS, type Proof } from "./workloads.ts";

/** Runs a program at its work under a profile; gives the calls that the profile stopped, those told ENOSYS aside. */
async function denialsUnder(
  document: ProfileDocument,
  workload: ReturnType<Proof["prepare"]>,
): Promise<string[]> {
  const filters = filtersOf(document);
  let watch: DenialWatch | undefined;
  try {
    await runSession(
      nativeEngine(),
      { timeoutMs: 30_000, expectedExit: 0, ...workload },
      { filter: filters.reported, noNewPrivileges: needsNoNewPrivileges() },
      {
        onStart: running => {
          watch = watchDenials(running, {
            program: filters.enforced.program,
            learn: false,
            phase: "startup",
            onDenial: () => undefined,
          });
          return watch.ready;
        },
      },
    );
  } finally {
    await watch?.stop();
  }
  const denials = watch?.denials.filter(denial => denial.action !== "ENOSYS") ?? [];
  return denials.map(denial => `${denial.command ?? "?"}: ${denial.syscall}(${denial.args.join(", ")})`);
}

for (const proof of PROOFS) {
  testWith(
    ["linux", ...proof.needs],
    `${proof.program} works under its templates`,
    async context => {
      const folder = temporaryFolder(context);
      chmodSync(folder, 0o755);
      for (const template of TEMPLATES.filter(({ proven }) => proven.includes(proof.program))) {
        const inside = path.join(folder, template.name);
        mkdirSync(inside);
        const workload = proof.prepare(inside, await freePort());
        assert.deepEqual(
          await denialsUnder(templateDocument(template, "x86_64"), workload),
          [],
          template.name,
        );
      }
    },
    { timeout: 90_000 },
  );
}

test("every template has a program that it is proven with", () => {
  for (const template of TEMPLATES) assert.ok(template.proven.length > 0, template.name);
});

testWith(["linux", "program:curl"], "what a template leaves out is stopped", async context => {
  const proof = PROOFS.find(({ program }) => program === "curl and ls");
  const batch = TEMPLATES.find(({ name }) => name === "batch");
  assert.ok(proof !== undefined && batch !== undefined);
  const denials = await denialsUnder(
    templateDocument(batch, "x86_64"),
    proof.prepare(temporaryFolder(context), await freePort()),
  );
  assert.ok(
    denials.some(denial => denial.startsWith("curl: socket(2,")),
    denials.join("\n"),
  );
});
