import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { InputError } from "../../../src/errors.ts";
import {
  type Block,
  eachLine,
  fileBlocks,
  MAX_LINE_BYTES,
  streamBlocks,
} from "../../../src/record/logs/blocks.ts";
import { testWith } from "../../support/needs.ts";

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-blocks-"));
after(() => rmSync(folder, { recursive: true }));

async function linesOf(
  blocks: AsyncIterable<Block>,
): Promise<{ lines: string[]; offsets: number[]; overlong: number }> {
  const lines: string[] = [];
  const offsets: number[] = [];
  let overlong = 0;
  for await (const block of blocks) {
    overlong += block.overlong;
    eachLine(block, (line, offset) => {
      lines.push(line);
      offsets.push(offset);
    });
  }
  return { lines, offsets, overlong };
}

async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const cut of [...cuts.map(c => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(start, cut);
    start = cut;
  }
}

function plainLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map(line => line.replace(/\r$/, ""));
}

test("however a stream is cut, its lines are the same, at their offsets", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom("a", "ö", "\n", "\r\n", " "), maxLength: 200 }),
      fc.array(fc.nat(400), { maxLength: 6 }),
      async (text, cuts) => {
        const bytes = Buffer.from(text);
        const { lines, offsets } = await linesOf(streamBlocks(inPieces(bytes, cuts)));
        assert.deepEqual(lines, plainLines(text));
        for (const [i, offset] of offsets.entries()) {
          assert.ok(
            bytes
              .subarray(offset)
              .toString()
              .startsWith(lines[i] ?? ""),
          );
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("lines of any length around the size of a read are whole, and those beyond the limit are counted", async () => {
  for (const length of [
    131_071,
    131_072,
    131_073,
    300_000,
    MAX_LINE_BYTES,
    MAX_LINE_BYTES + 1,
    3 * MAX_LINE_BYTES,
  ]) {
    const text = `first\n${"x".repeat(length)}\nlast`;
    const file = path.join(folder, `long-${length}`);
    writeFileSync(file, text);
    for (const blocks of [
      fileBlocks(file),
      streamBlocks(inPieces(Buffer.from(text), [7, 140_000, 900_000])),
    ]) {
      const { lines, overlong } = await linesOf(blocks);
      // Up to one read more than the limit may still be taken whole.
      if (overlong === 0) {
        assert.ok(length <= MAX_LINE_BYTES + 131_072);
        assert.deepEqual(lines, ["first", "x".repeat(length), "last"]);
      } else {
        assert.ok(length > MAX_LINE_BYTES - 6);
        assert.equal(overlong, 1);
        assert.deepEqual(lines, ["first", "last"]);
      }
    }
  }
});

test("a large file is read as it is", async () => {
  const text = Array.from({ length: 60_000 }, (_, i) => `line ${i} ${"y".repeat(i % 97)}`).join("\n");
  const file = path.join(folder, "large");
  writeFileSync(file, text);
  const { lines } = await linesOf(fileBlocks(file));
  assert.deepEqual(lines, text.split("\n"));
});

async function* endless(): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(1 << 20, "x");
  for (let i = 0; i < 200; i++) yield piece;
}

test("an endless line takes no more memory than the limit", async () => {
  const before = process.memoryUsage().rss;
  const { lines, overlong } = await linesOf(streamBlocks(endless()));
  assert.deepEqual(lines, []);
  assert.equal(overlong, 1);
  assert.ok(process.memoryUsage().rss - before < 60e6);
});

test("a missing file and a folder are refused in one line", async () => {
  await assert.rejects(linesOf(fileBlocks(path.join(folder, "none"))), /no such file/);
  await assert.rejects(linesOf(fileBlocks(folder)), (error: unknown) => {
    return error instanceof InputError && /directory/.test(error.message);
  });
});

testWith(["linux"], "a FIFO nobody writes to is refused at once", async () => {
  const fifo = path.join(folder, "fifo");
  assert.equal(spawnSync("mkfifo", [fifo]).status, 0);
  await assert.rejects(linesOf(fileBlocks(fifo)), /not a regular file/);
});

test("an empty file has no lines", async () => {
  const file = path.join(folder, "empty");
  writeFileSync(file, "");
  truncateSync(file);
  assert.deepEqual((await linesOf(fileBlocks(file))).lines, []);
});
