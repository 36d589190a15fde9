import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Evidence } from "../../../src/evidence/model.ts";
import { streamBlocks } from "../../../src/record/logs/blocks.ts";
import { decodeUntrusted, parseRecord } from "../../../src/record/logs/record.ts";
import type { LogFilter } from "../../../src/record/logs/filter.ts";
import { RecordScanner } from "../../../src/record/logs/scan.ts";
import { Tally } from "../../../src/record/logs/tally.ts";

async function scan(
  text: string | Uint8Array,
  filter: LogFilter = {},
): Promise<{ evidence: Evidence; tally: Tally }> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield typeof text === "string" ? Buffer.from(text) : text;
  }
  const tally = new Tally();
  const scanner = new RecordScanner(tally, filter, () => false);
  for await (const block of streamBlocks(chunks())) scanner.block(block);
  scanner.finish();
  return { evidence: tally.evidence({ source: "kernel-log", file: "x", tool: "t", epoch: true }), tally };
}

/** Simple counts, by reading every line as text. */
function slowly(text: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const line of text.split("\n")) {
    const record = parseRecord(line);
    if (record === undefined || typeof record === "string") continue;
    const key = `${record.abi} ${record.number} ${record.executable ?? ""} ${!["errno", "trap", "kill"].includes(record.action)}`;
    sums.set(key, (sums.get(key) ?? 0) + 1);
  }
  return sums;
}

function quickly(evidence: Evidence): Map<string, number> {
  return new Map(
    evidence.observations.map(o => [
      `${o.abi} ${o.number} ${o.executable ?? ""} ${o.reason === undefined}`,
      o.count ?? 0,
    ]),
  );
}

const name = fc.constantFrom(
  '"nginx"',
  '"a"',
  "6120622063",
  '"ip=0x"',
  '"code=0x"',
  '"a-name-of-15-by"',
  "(null)",
);
const record = fc
  .record({
    prefix: fc.constantFrom("", "Nov  3 12:00:00 n kernel: [1.5] audit: ", "<5>[    1.0] ", "type=1327 "),
    seconds: fc.integer({ min: 1_000_000_000, max: 1_000_000_003 }),
    millis: fc.integer({ min: 0, max: 999 }),
    serial: fc.nat(10_000_000),
    subject: fc.constantFrom("", " subj=unconfined", " subj==a b (enforce)"),
    pid: fc.nat(4_194_304),
    comm: name,
    exe: fc.constantFrom(
      '"/usr/sbin/nginx"',
      '"/a"',
      "(null)",
      "2F612062",
      '"/opt/a-rather-long/path/of/a/program"',
    ),
    signal: fc.constantFrom(0, 31),
    arch: fc.constantFrom("c000003e", "40000003", "c00000b7", "bad"),
    number: fc.oneof(fc.nat(450), fc.constantFrom(0x40000001, 900, -1)),
    ip: fc.nat().map(n => n.toString(16)),
    code: fc.constantFrom("0x7ffc0000", "0x50000", "0x0", "0x80000000", "0x7fc00000"),
    suffix: fc.constantFrom("", " ", "\r", "\u001dARCH=x86_64 SYSCALL=read", " trailing text", '"'),
  })
  .map(
    r =>
      `${r.prefix}type=1326 audit(${r.seconds}.${String(r.millis).padStart(3, "0")}:${r.serial}): auid=1 uid=0 gid=0 ses=1` +
      `${r.subject} pid=${r.pid} comm=${r.comm} exe=${r.exe} sig=${r.signal} arch=${r.arch} syscall=${r.number} ` +
      `compat=0 ip=0x${r.ip} code=${r.code}${r.suffix}`,
  );
const line = fc.oneof(
  { weight: 4, arbitrary: record },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "nothing here", "=1326 ", "type=1326 audit(", "SECCOMP", "a=1326 b"),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(record, fc.nat(300), fc.constantFrom("", "\u0000", "=", " ip=0x1 code=0x7ffc0000", "é"))
      .map(([text, at, inserted]) => text.slice(0, at % text.length) + inserted),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(record, fc.nat(300)).map(([text, at]) => {
      const i = at % text.length;
      return text.slice(0, i) + text.slice(i + 1);
    }),
  },
);

test("reading records as bytes and as text finds the same, damaged ones among them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), fc.boolean(), async (lines, newline) => {
      const text = lines.join("\n") + (newline ? "\n" : "");
      const { evidence } = await scan(text);
      assert.deepEqual(quickly(evidence), slowly(text), text);
    }),
    { numRuns: 1000 },
  );
});

test("random bytes never stop what follows", async () => {
  const good =
    '\ntype=1326 audit(1790000000.000:1): auid=0 uid=0 gid=0 ses=1 pid=1 comm="a" exe="/a" sig=0 arch=c000003e syscall=39 compat=0 ip=0x1 code=0x7ffc0000\n';
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), async (a, b) => {
      const { evidence } = await scan(Buffer.concat([a, Buffer.from(good), b]));
      assert.ok(evidence.observations.some(o => o.syscall === "getpid" && o.executable === "/a"));
    }),
    { numRuns: 300 },
  );
});

test("a log with ever new programs stays within bounds and says so", async () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, i) =>
      `type=1326 audit(1790000000.000:${i}): pid=1 comm="a" exe="/tmp/${i}" sig=0 arch=c000003e syscall=39 compat=0 ip=0x1 code=0x7ffc0000`,
  );
  const { evidence, tally } = await scan(lines.join("\n"));
  assert.ok(evidence.observations.length <= 5_001);
  assert.equal(
    evidence.observations.reduce((sum, o) => sum + (o.count ?? 0), 0),
    20_000,
  );
  assert.equal(tally.records, 20_000);
  assert.ok(evidence.gaps.some(gap => gap.kind === "capped"));
});

test("records that collide in the hash on purpose are told apart", async () => {
  // The words that the hash looks at are the same in all; only the middle of the path differs.
  const lines = Array.from(
    { length: 64 },
    (_, i) =>
      `type=1326 audit(1790000000.000:${i}): pid=1 comm="same" exe="/opt/${String.fromCharCode(65 + (i % 26))}${i}/program-with-a-long-name" sig=0 arch=c000003e syscall=39 compat=0 ip=0x1 code=0x7ffc0000`,
  );
  const { evidence } = await scan([...lines, ...lines].join("\n"));
  assert.equal(evidence.observations.length, 64);
  assert.ok(evidence.observations.every(o => o.count === 2));
});

test("names are decoded as the kernel encodes them, and nothing else is", () => {
  assert.equal(decodeUntrusted('"lg"'), "lg");
  assert.equal(decodeUntrusted("70726F206772616D"), "pro gram");
  assert.equal(decodeUntrusted("C3BC6EC3AF"), "ünï");
  assert.equal(decodeUntrusted("(null)"), undefined);
  assert.equal(decodeUntrusted("cafe"), "cafe");
  assert.equal(decodeUntrusted("my program"), "my program");
});
