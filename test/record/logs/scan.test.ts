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

/** A record of the kernel, in its own format. */
function recordOf(serial: number, session: string, subject = ""): string {
  return (
    `audit: type=1326 audit(1795500000.000:${serial}): auid=0 uid=0 gid=0 ${session}${subject} pid=7 comm="a" ` +
    `exe="/bin/a" sig=0 arch=c000003e syscall=39 compat=0 ip=0x7f0000000000 code=0x7ffc0000\n`
  );
}

test("records are told by their audit session, in either way of reading", async () => {
  const sessions = { sessions: new Set([5]) };
  const text =
    recordOf(1, "ses=5") +
    recordOf(2, "ses=5", " subj=system_u:system_r:init_t:s0") +
    recordOf(3, "ses=50") +
    recordOf(4, "ses=4294967295");
  const { evidence } = await scan(text, sessions);
  assert.deepEqual(
    evidence.observations.map(seen => seen.count),
    [2],
  );
  assert.deepEqual(evidence.gaps, []);
  // Inside somebody's JSON the bytes are others, and it is read as text.
  const asText = text.replaceAll('"', '\\"');
  assert.equal((await scan(asText, sessions)).evidence.observations[0]?.count, 2);
  const without = await scan(recordOf(1, "tty=x"), sessions);
  assert.match(without.evidence.gaps[0]?.reason ?? "", /do not tell what the filter asks for/);
});

function other(serial: number): string {
  return `audit: type=1300 audit(1795500000.000:${serial}): arch=c000003e syscall=59\n`;
}

test("records of other kinds have serial numbers too, and what is missing between all is said", async () => {
  const whole = recordOf(1, "ses=5") + other(2) + other(2) + other(3) + recordOf(4, "ses=5");
  assert.deepEqual((await scan(whole)).evidence.gaps, []);
  const holed = recordOf(1, "ses=5") + other(2) + recordOf(6, "ses=5");
  assert.deepEqual(
    (await scan(holed)).evidence.gaps.map(gap => [gap.kind, gap.count]),
    [["lost-events", 3]],
  );
});

test("processes of a log that grows tell their container, and those that are gone are counted", async () => {
  const of = new Map([[7, ["/web", "/"]]]);
  const filter = { containers: new Set(["/web"]), containersOf: (pid: number) => of.get(pid) };
  const text = recordOf(1, "ses=5") + recordOf(2, "ses=5").replace("pid=7", "pid=8");
  const { evidence } = await scan(text, filter);
  assert.equal(evidence.observations[0]?.count, 1);
  assert.deepEqual(
    evidence.gaps.map(gap => [gap.kind, gap.count]),
    [["unreadable", 1]],
  );
});
