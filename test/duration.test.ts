import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration } from "../src/duration.ts";
import { UsageError } from "../src/errors.ts";

test("durations are read in milliseconds", () => {
  const cases: [string, number][] = [
    ["500ms", 500],
    ["0s", 0],
    ["3s", 3000],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["2h", 7_200_000],
    ["0.4ms", 0],
  ];
  for (const [text, milliseconds] of cases) assert.equal(parseDuration(text, "--timeout"), milliseconds);
});

test("anything else is refused, with the option's name", () => {
  for (const text of ["", "3", "s", "-1s", "1e3s", "3 s", "3S", " 3s", "3s\n", ".5s", "1,5s", "NaNs", "3d"]) {
    assert.throws(
      () => parseDuration(text, "--timeout"),
      error => error instanceof UsageError && error.message.startsWith("--timeout: "),
      text,
    );
  }
  assert.throws(() => parseDuration("600h", "--timeout"), /longer than 24 days/);
});

test("durations are written short", () => {
  const written = [0, 5, 999, 1000, 1500, 61_000, 120_000, 5_400_000].map(formatDuration);
  assert.deepEqual(written, ["0ms", "5ms", "999ms", "1s", "1.5s", "61s", "2m", "90m"]);
});
