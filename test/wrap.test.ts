import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { columnsOf, wrap } from "../src/wrap.ts";

test("long lines are broken at blanks, and what follows is indented", () => {
  assert.equal(wrap("one two three four", 10), "one two\n  three\n  four");
  assert.equal(wrap("  one two three", 12), "  one two\n    three");
  assert.equal(wrap("one two 25 %", 10), "one two\n  25 %");
  assert.equal(wrap("short\n\nlines\n", 10), "short\n\nlines\n");
});

test("what follows stands below the last column of text on the left", () => {
  assert.equal(
    wrap("web-go      servers written in Go", 24),
    "web-go      servers\n            written in\n            Go",
  );
});

test("colours take no columns, and what may be wide is taken to be", () => {
  const red = "\u001b[31mred\u001b[39m";
  assert.equal(columnsOf(red), 3);
  assert.equal(wrap(`${red} ${red}`, 7), `${red} ${red}`);
  assert.equal(columnsOf("漢字"), 4);
  assert.equal(columnsOf("→ … ×"), 5);
});

function words(of: string): string[] {
  return of.split(/\s+/).filter(word => word !== "");
}

test("whatever the text and the width, every word stays and only longer ones stick out", () => {
  const text = fc.array(fc.stringMatching(/^[a-z ]{0,60}$/), { maxLength: 5 }).map(lines => lines.join("\n"));
  fc.assert(
    fc.property(text, fc.integer({ min: 20, max: 100 }), (given, columns) => {
      const wrapped = wrap(given, columns);
      assert.deepEqual(words(wrapped), words(given));
      for (const line of wrapped.split("\n"))
        assert.ok(line.length <= columns || words(line).length <= 1, JSON.stringify([line, columns]));
      assert.equal(wrap(given, 1000), given);
    }),
  );
});
