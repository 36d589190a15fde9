import { syscallsOf } from "../../../src/abi/syscalls.ts";
import { joinEvidence } from "../../../src/evidence/join.ts";
import type { Evidence, Observation, Phase, Run } from "../../../src/evidence/model.ts";

const PHASES: readonly Phase[] = ["startup", "serving", "shutdown"];

function run(index: number, more: Partial<Run>): Run {
  return {
    id: `run${String(index).padStart(4, "0")}`,
    source: "ebpf",
    purpose: "observe",
    target: { kind: "command", argv: ["server", "--port", "80"] },
    tool: "seccraft 0.1.0",
    started: `2026-01-01T00:00:${String(index).padStart(2, "0")}.000Z`,
    finished: true,
    environment: { kernel: "6.1.0", machine: "x64", user: 0 },
    seconds: 1.5,
    ...more,
  };
}

/** Evidence of a server: `runs` recordings of `calls` syscalls by `programs` executables each, one verification. */
export function serverEvidence(runs: number, calls: number, programs: number): Evidence {
  const table = syscallsOf("x86_64").slice(0, calls);
  const observations: Observation[] = [];
  for (let r = 0; r < runs; r++) {
    for (const [index, { name, number }] of table.entries()) {
      for (let p = 0; p < programs; p++) {
        observations.push({
          run: `run${String(r + 1).padStart(4, "0")}`,
          abi: "x86_64",
          number,
          syscall: name,
          phase: PHASES[index % 3] ?? "serving",
          executable: `/usr/lib/program-${p}`,
          count: index + 1,
          firstSeen: index / 100,
          errnos: index % 5 === 0 ? { ENOENT: 2 } : {},
          ...(name === "openat"
            ? { arguments: [{ index: 2, values: ["0x0", "0x80000"], complete: true }] }
            : {}),
        });
      }
    }
  }
  return joinEvidence({
    seccraft: "evidence/1",
    runs: [
      ...Array.from({ length: runs }, (_, index) => run(index + 1, {})),
      run(runs + 1, { source: "notify", purpose: "verify" }),
      run(runs + 2, {
        source: "static",
        purpose: "analyze",
        target: { kind: "file", path: "/usr/bin/server" },
      }),
    ],
    observations: [
      ...observations,
      {
        run: `run${String(runs + 1).padStart(4, "0")}`,
        abi: "x86_64",
        number: 321,
        syscall: "bpf",
        phase: "serving",
        executable: "/usr/bin/server",
        reason: "denied-in-verification",
        count: 1,
        firstSeen: 0.2,
      },
      {
        run: `run${String(runs + 2).padStart(4, "0")}`,
        abi: "x86_64",
        number: 257,
        syscall: "openat",
        executable: "/usr/bin/server",
        path: [
          { file: "/usr/bin/server", function: "main" },
          { file: "/lib/libc.so.6", function: "fopen", address: "0x1234" },
        ],
      },
    ],
    gaps: [
      { run: "run0001", kind: "killed", reason: "the target was killed", remedy: "Give it more time." },
      {
        run: `run${String(runs + 2).padStart(4, "0")}`,
        kind: "unresolved-site",
        reason: "a number that is read from a file",
        place: { file: "/usr/bin/server", address: "0x4711" },
        count: 3,
      },
    ],
  });
}

const MARKUP = `</script><script>window.stolen=1</script><img src="http://192.0.2.1/x" onerror="window.stolen=1">'"&\u202e\u0000`;

/** Evidence in which every text that a target can choose is an attack on the page. */
export function hostileEvidence(): Evidence {
  const id = `a"><b ${MARKUP}`;
  return joinEvidence({
    seccraft: "evidence/1",
    runs: [
      run(1, {
        id,
        target: { kind: "command", argv: [MARKUP, "x".repeat(5000)] },
        tool: MARKUP,
        environment: { kernel: MARKUP, machine: MARKUP, libc: MARKUP },
      }),
      run(2, { id: "__proto__", source: "notify", purpose: "verify", started: MARKUP }),
    ],
    observations: [
      {
        run: id,
        abi: "x86_64",
        number: 0,
        syscall: "read",
        phase: "startup",
        executable: MARKUP,
        errnos: { [MARKUP]: 1 },
        count: 3,
        firstSeen: 0.1,
        path: [{ file: MARKUP, function: MARKUP, address: "0x1" }],
      },
      {
        run: id,
        abi: "x86_64",
        number: 9999,
        syscall: MARKUP,
        phase: "serving",
        executable: MARKUP,
        count: 1,
        firstSeen: 0.3,
      },
      {
        run: "__proto__",
        abi: "x86_64",
        number: 1,
        syscall: "write",
        phase: "serving",
        executable: MARKUP,
        reason: "denied-in-verification",
      },
    ],
    gaps: [
      { run: id, kind: "script", reason: MARKUP, remedy: MARKUP, place: { file: MARKUP, function: MARKUP } },
    ],
  });
}
