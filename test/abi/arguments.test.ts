import assert from "node:assert/strict";
import { test } from "node:test";
import { RECORDED_ARGUMENTS } from "../../src/abi/arguments.ts";
import { syscallByName } from "../../src/abi/syscalls.ts";

test("each recorded argument is one that its call has, and none is a pointer or a descriptor", () => {
  for (const [name, indexes] of Object.entries(RECORDED_ARGUMENTS)) {
    const call = syscallByName("x86_64", name) ?? syscallByName("i386", name);
    assert.ok(call?.args !== undefined, `${name} is no syscall of x86_64 or i386`);
    assert.deepEqual(
      [...indexes].sort((a, b) => a - b),
      indexes,
      name,
    );
    for (const index of indexes) {
      const argument = call.args[index];
      assert.ok(argument !== undefined, `${name} has no argument ${index}`);
      assert.doesNotMatch(
        argument,
        /fd$|addr$|buf|len$|size|^(file|path)?name$|path|ptr$/,
        `${name} ${index}`,
      );
    }
  }
});
