import * as fc from "fast-check";
import { type AbiName } from "../../src/abi/abi.ts";
import type { CallSite, Evidence, Gap, Observation, Run, SourceKind } from "../../src/evidence/model.ts";

/** Few ids and numbers, so that collisions are the rule. */
const runId = fc.constantFrom("a", "b", "run b");
const text = fc.constantFrom("", "/bin/x", "/bin/x y", "ä\u0000\n", "1");
const hex = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(value => `0x${value.toString(16)}`);
const count = fc.nat(5);

function record<T>(
  required: { [K in keyof T]?: fc.Arbitrary<T[K]> },
  optional: object = {},
): fc.Arbitrary<T> {
  const keys = Object.keys(required) as (keyof T & string)[];
  return fc.record({ ...required, ...optional } as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: keys,
  }) as unknown as fc.Arbitrary<T>;
}

const site: fc.Arbitrary<CallSite> = record<CallSite>({ file: text }, { address: hex, function: text });

const run: fc.Arbitrary<Run> = record<Run>(
  {
    id: runId,
    source: fc.constantFrom<SourceKind>("ebpf", "notify", "strace"),
    purpose: fc.constantFrom<Run["purpose"]>("observe", "verify"),
    target: fc.oneof(
      record<Run["target"]>({ kind: fc.constant("process"), pid: count }, { executable: text }),
      record<Run["target"]>({
        kind: fc.constant("command"),
        argv: fc.array(text, { maxLength: 2 }),
      }),
    ),
    tool: fc.constantFrom("seccraft 0.1.0", "seccraft 0.2.0"),
    finished: fc.boolean(),
  },
  {
    started: fc.constantFrom("2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"),
    seconds: count,
    environment: record<NonNullable<Run["environment"]>>(
      {},
      { kernel: fc.constantFrom("6.1", "6.18"), libc: text, user: count, noNewPrivileges: fc.boolean() },
    ),
  },
);

const observation: fc.Arbitrary<Observation> = record<Observation>(
  {
    run: runId,
    abi: fc.constantFrom<AbiName>("x86_64", "i386"),
    number: fc.nat(2),
    syscall: fc.constantFrom("read", "write", "syscall_1"),
  },
  {
    phase: fc.constantFrom("startup", "serving"),
    executable: text,
    entry: fc.constant("exec"),
    label: fc.constantFrom("loader", "vdso"),
    reason: fc.constantFrom("denied-in-verification", "denied-by-active-filter"),
    count,
    firstSeen: fc.double({ min: 0, max: 9, noNaN: true }),
    distance: count,
    errnos: fc.dictionary(fc.constantFrom("EPERM", "ENOENT", "__proto__"), count),
    arguments: fc.array(
      fc.record({
        index: fc.nat(5),
        values: fc.array(fc.oneof(hex, fc.constantFrom("0x1", "0x2")), { maxLength: 3 }),
        complete: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
    path: fc.array(site, { maxLength: 2 }),
  },
);

const gap: fc.Arbitrary<Gap> = record<Gap>(
  { run: runId, kind: fc.constantFrom<Gap["kind"]>("killed", "capped"), reason: text },
  { place: site, path: fc.array(site, { maxLength: 2 }), remedy: text, count },
);

/** Evidence in any order, with duplicates, that need not be canonical. */
export const anyEvidence: fc.Arbitrary<Evidence> = fc.record({
  seccraft: fc.constant("evidence/1" as const),
  runs: fc.array(run, { maxLength: 2 }),
  observations: fc.array(observation, { maxLength: 3 }),
  gaps: fc.array(gap, { maxLength: 2 }),
});
