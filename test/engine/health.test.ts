import assert from "node:assert/strict";
import { test } from "node:test";
import { healthCommand, untilHealthy } from "../../src/engine/health.ts";
import { InterruptedError, TargetError } from "../../src/errors.ts";

test("the command of a health check is read as images carry it", () => {
  assert.deepEqual(healthCommand(["CMD", "curl", "-f", "x"]), ["curl", "-f", "x"]);
  assert.deepEqual(healthCommand(["CMD-SHELL", "curl x || exit 1"]), ["/bin/sh", "-c", "curl x || exit 1"]);
  for (const none of [undefined, [], ["NONE"], ["CMD"], ["CMD-SHELL"], ["OTHER", "x"]])
    assert.equal(healthCommand(none), undefined, String(none));
});

test("a health check is waited for until it succeeds, the time is up, or the caller leaves", async () => {
  let looks = 0;
  await untilHealthy({ timeoutMs: 10_000 }, () => Promise.resolve({ healthy: ++looks === 3, output: "" }));
  assert.equal(looks, 3);
  const failing = { healthy: false, output: "no route" };
  await assert.rejects(
    untilHealthy({ timeoutMs: 20 }, () => Promise.resolve(failing)),
    (error: unknown) => error instanceof TargetError && error.output === "no route",
  );
  await assert.rejects(
    untilHealthy({ timeoutMs: 10_000, signal: AbortSignal.abort() }, () => Promise.resolve(undefined)),
    InterruptedError,
  );
});
