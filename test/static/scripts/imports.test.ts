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

test("hostile texts are read in time", () => {
  const started = performance.now();
  assert.equal(importsOf(`from a import (\n${"b,\n".repeat(300_000)}`)[0]?.module, "a");
  importsOf(`import x${" :".repeat(1_000_000)} import`);
  importsOf("import (\n".repeat(500_000));
  importsOf(Array.from({ length: 5000 }, (_, i) => `${" ".repeat(i)}def f():`).join("\n"));
  assert.ok(performance.now() - started < 10_000, String(performance.now() - started));
});
