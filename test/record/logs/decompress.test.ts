import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { importLogs } from "../../../src/record/logs/import.ts";
import { openStream } from "../../../src/record/logs/source.ts";
import { testWith } from "../../support/needs.ts";
import { render } from "./expected.ts";

const log = readFileSync("testdata/logs/dmesg.log");

async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function found(bytes: Uint8Array, size: number): Promise<string> {
  const evidence = await importLogs(["-"], piecesOf(bytes, size), {
    filter: {},
    machine: "x86_64",
    tool: "test",
  });
  return render(evidence).replace("standard input", "dmesg.log");
}

test("gzip is unpacked as it comes, several members too", async () => {
  const expected = await found(log, 1000);
  assert.match(expected, /three-calls/);
  const half = log.indexOf(10, log.length / 2) + 1;
  const members = Buffer.concat([gzipSync(log.subarray(0, half)), gzipSync(log.subarray(half))]);
  for (const size of [1, 100, 100_000]) {
    assert.equal(await found(gzipSync(log), size), expected);
    assert.equal(await found(members, size), expected);
  }
});

function pack(bytes: Uint8Array, ...options: string[]): Buffer {
  return spawnSync("zstd", ["-q", "-c", ...options], { input: bytes }).stdout;
}

testWith(["program:zstd"], "zstd is unpacked as it comes, several frames too", async () => {
  const expected = await found(log, 1000);
  const half = log.indexOf(10, log.length / 2) + 1;
  const frames = Buffer.concat([pack(log.subarray(0, half), "-19"), pack(log.subarray(half), "--fast=3")]);
  for (const size of [7, 1000, 100_000]) {
    assert.equal(await found(pack(log), size), expected);
    assert.equal(await found(frames, size), expected);
  }
});

test("a zstd file that asks for too much memory is refused", async () => {
  // Frame header: a window of 2^30 bytes; and a single segment of 2^30 bytes.
  await assert.rejects(
    found(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0, 0), 100),
    /more than 128 MiB/,
  );
  await assert.rejects(
    found(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x40, 0x01, 0, 0), 100),
    /more than 128 MiB/,
  );
});

test("damaged and unknown packings are refused in words", async () => {
  await assert.rejects(found(gzipSync(log).subarray(0, 500), 100), /not a whole gzip file/);
  const magics: readonly [number[], RegExp][] = [
    [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], /xz -dc/],
    [[0x42, 0x5a, 0x68, 0x39], /bzip2 -dc/],
    [[...Buffer.from("LPKSHHRH")], /journalctl --file/],
    [[0x7f, 0x45, 0x4c, 0x46], /is a program/],
    [[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00, 0xff, 0xff, 0xff], /not a whole zstd file/],
  ];
  for (const [bytes, reason] of magics) {
    await assert.rejects(found(Uint8Array.from(bytes), 100), reason);
  }
});

test("a bomb unpacks in bounded memory", async () => {
  const bomb = gzipSync(Buffer.alloc(120 << 20, "a"));
  const before = process.memoryUsage().rss;
  const source = await openStream(piecesOf(bomb, 65_536), "bomb");
  let overlong = 0;
  for await (const block of source.blocks) overlong += block.overlong;
  assert.equal(overlong, 1);
  assert.ok(process.memoryUsage().rss - before < 60e6);
});
