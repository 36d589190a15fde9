import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { InputError } from "../../src/errors.ts";
import { analyzeFile } from "../../src/static/analyze.ts";
import { mutate, tablesOf } from "../support/mutate.ts";

/** Damaged copies of each seed; `bench/static-hostile.js` makes 20,000. */
const SEEDS: readonly [string, number][] = [
  ["/usr/bin/true", 120],
  ["/lib64/ld-linux-x86-64.so.2", 40],
  ["/usr/bin/ls", 120],
];

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-hostile-"));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const [seed, count] of SEEDS) {
  test(`${count} damaged copies of ${seed} end in a result or one line`, () => {
    const bytes = readFileSync(seed);
    const tables = tablesOf(bytes);
    const options = {
      root: folder,
      hints: { dlopen: [], resolve: new Map() },
      assumeExec: [],
      phases: false,
      tool: "test",
    };
    let refused = 0;
    for (let n = 0; n < count; n++) {
      writeFileSync(path.join(folder, "program"), mutate(bytes, tables, n));
      const start = performance.now();
      try {
        analyzeFile("/program", options);
      } catch (error) {
        assert.ok(error instanceof InputError, `seed ${n}: ${error instanceof Error ? error.stack : ""}`);
        assert.ok(!error.message.includes("\n"), `seed ${n}: ${error.message}`);
        refused++;
      }
      assert.ok(performance.now() - start < 5000, `seed ${n} takes ${performance.now() - start} ms`);
    }
    assert.ok(refused < count, "every copy was refused, so that nothing was analysed");
  });
}

test("a file that is cut off is refused: what is missing of its code would make no syscall", () => {
  const bytes = readFileSync("/usr/bin/ls");
  const hints = { dlopen: [], resolve: new Map<string, readonly string[]>() };
  for (const length of [5000, bytes.length >> 1]) {
    writeFileSync(path.join(folder, "cut"), bytes.subarray(0, length));
    assert.throws(
      () => analyzeFile("/cut", { root: folder, hints, assumeExec: [], phases: false, tool: "test" }),
      (error: unknown) => error instanceof InputError && /^is cut off: .* ends at \d+$/.test(error.reason),
    );
  }
});
