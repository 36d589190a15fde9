import assert from "node:assert/strict";
import { test } from "node:test";
import { ABIS } from "../../src/abi/abi.ts";
import { syscallByName, syscallsOf } from "../../src/abi/syscalls.ts";
import { newerTwinsOf, olderTwinsOf, TWINS } from "../../src/abi/twins.ts";

const names = new Set(ABIS.flatMap(({ name }) => syscallsOf(name).map(call => call.name)));

function newerNames(name: string): string[] {
  return newerTwinsOf(name)
    .map(pair => pair.newer)
    .sort();
}

test("each pair is of two known calls, once, and with a reason", () => {
  const seen = new Set<string>();
  for (const { older, newer, reason, fallback } of TWINS) {
    assert.ok(names.has(older), older);
    assert.ok(names.has(newer), newer);
    assert.notEqual(older, newer);
    assert.ok(!seen.has(`${older}/${newer}`), `${older}/${newer} twice`);
    assert.ok(!seen.has(`${newer}/${older}`), `${older}/${newer} both ways`);
    seen.add(`${older}/${newer}`);
    assert.ok(reason.length > 5);
    assert.match(fallback?.source ?? "https://", /^https:\/\//);
  }
});

test("no call is its own newer twin, however far one goes", () => {
  const state = new Map<string, "open" | "done">();
  const visit = (name: string): void => {
    assert.notEqual(state.get(name), "open", `a circle through ${name}`);
    if (state.has(name)) return;
    state.set(name, "open");
    for (const { newer } of newerTwinsOf(name)) visit(newer);
    state.set(name, "done");
  };
  for (const { older } of TWINS) visit(older);
});

test("the twins that profiles stumble over are known", () => {
  assert.deepEqual(newerNames("stat"), ["newfstatat", "stat64", "statx"]);
  assert.deepEqual(newerNames("access"), ["faccessat", "faccessat2"]);
  assert.deepEqual(newerNames("epoll_wait"), ["epoll_pwait", "epoll_pwait2"]);
  assert.deepEqual(newerNames("open"), ["openat", "openat2"]);
  assert.deepEqual(newerNames("rename"), ["renameat", "renameat2"]);
  assert.ok(olderTwinsOf("clone3").some(pair => pair.older === "clone"));
  assert.deepEqual(newerNames("getpid"), []);
});

function fallbacksFrom(name: string): string[] {
  return olderTwinsOf(name)
    .filter(pair => pair.fallback !== undefined)
    .map(pair => pair.older);
}

test("what libraries fall back from on ENOSYS is known", () => {
  assert.ok(fallbacksFrom("clone3").includes("clone"));
  assert.ok(fallbacksFrom("faccessat2").includes("faccessat"));
  assert.ok(fallbacksFrom("statx").includes("newfstatat"));
  assert.ok(fallbacksFrom("openat2").includes("openat"));
  assert.ok(fallbacksFrom("close_range").includes("close"));
  assert.ok(fallbacksFrom("fchmodat2").includes("fchmodat"));
  assert.ok(fallbacksFrom("clock_gettime64").includes("clock_gettime"));
  assert.deepEqual(fallbacksFrom("dup3"), []);
});

test("every *_time64 call has its older twin, where an ABI has both", () => {
  for (const call of syscallsOf("i386").filter(({ name }) => name.endsWith("_time64"))) {
    const [older] = olderTwinsOf(call.name);
    assert.ok(older !== undefined, call.name);
    const base = call.name.replace(/_time64$/, "");
    if (syscallByName("i386", base) !== undefined) {
      assert.ok(
        olderTwinsOf(call.name).some(pair => pair.older === base),
        call.name,
      );
    }
  }
});
