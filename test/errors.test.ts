import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPlace, InputError } from "../src/errors.ts";

test("a place is shown with as much as is known", () => {
  assert.equal(
    formatPlace({ file: "p.json", line: 3, column: 7, field: "syscalls[0].op" }),
    "p.json:3:7: syscalls[0].op",
  );
  assert.equal(formatPlace({ file: "a.out", address: 0x401000 }), "a.out+0x401000");
  assert.equal(formatPlace({}), "");
});

test("an input error carries its place in the message", () => {
  assert.equal(
    new InputError("unknown action", { file: "p.json", line: 1 }).message,
    "p.json:1: unknown action",
  );
});
