import assert from "node:assert/strict";
import { test } from "node:test";
import { importsOf } from "../../../src/static/scripts/imports.ts";

const short = (text: string): string[] =>
  importsOf(text).map(({ module, names, inside, isOutermost }) =>
    [module, names?.join("+") ?? "-", inside ?? "-", isOutermost ? "outermost" : "inner"].join(" "),
  );

test("plain imports, several on a line, renamed", () => {
  assert.deepEqual(short("import a.b as c, d  # e\nimport f; import g"), [
    "a.b - - outermost",
    "d - - outermost",
    "f - - outermost",
    "g - - outermost",
  ]);
});

test("names over several lines, relative ones, all of them", () => {
  assert.deepEqual(
    short("from ..a.b import (\n    c as d,  # comment)\n    e,\n)\nfrom . import \\\n  f\nfrom g import *"),
    ["..a.b c+e - outermost", ". f - outermost", "g * - outermost"],
  );
});

test("what a function imports is told apart, after it no more", () => {
  const text =
    "class A:\n    async def f(self):\n        import a\n        def g():\n            import b\n        import c\n    import d\nif x:\n\timport e\ndef h(): import i\nimport j\n";
  assert.deepEqual(short(text), [
    "a - f inner",
    "b - g inner",
    "c - f inner",
    "d - - inner",
    "e - - inner",
    "i - h inner",
    "j - - outermost",
  ]);
});

test("an import that may fail is not outermost", () => {
  assert.deepEqual(short("try: import a\nexcept ImportError:\n    a = None"), ["a - - inner"]);
});

test("texts in three quotes hold no imports", () => {
  assert.deepEqual(short("\"\"\"\nimport a\n\"\"\"\nx = '''\nfrom b import c\n''' \nimport d"), [
    "d - - outermost",
  ]);
});

test("a statement that never ends ends", () => {
  const text = `from a import (\n${"b,\n".repeat(100_000)}`;
  const started = performance.now();
  assert.equal(importsOf(text)[0]?.module, "a");
  assert.ok(performance.now() - started < 2000);
});
