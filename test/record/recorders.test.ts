import assert from "node:assert/strict";
import { ebpfRecorder } from "../../src/record/ebpf/recorder.ts";
import { notifyRecorder } from "../../src/record/notify/recorder.ts";
import { testWith } from "../support/needs.ts";
import { compileProgram, temporaryFolder } from "../support/programs.ts";
import { names, record, straceNames } from "../support/recording.ts";

/** What one recorder shows and another does not, and why. Anything else is a failure. */
interface Difference {
  readonly in: "ebpf" | "notify" | "strace";
  readonly syscall: string;
  readonly because: string;
}

interface Sample {
  readonly name: string;
  readonly argv: readonly string[] | ((folder: string) => readonly string[]);
  readonly differences?: readonly Difference[];
}

const sh = (script: string): readonly string[] => ["bash", "-c", script];

const SAMPLES: readonly Sample[] = [
  { name: "true", argv: ["/bin/true"] },
  { name: "ls", argv: ["ls", "-l", "/usr"] },
  { name: "cat", argv: ["cat", "/etc/passwd"] },
  { name: "cp", argv: folder => ["cp", "/etc/passwd", `${folder}/copy`] },
  { name: "sort", argv: ["sort", "/etc/passwd"] },
  { name: "find", argv: ["find", "/etc/default"] },
  { name: "tar", argv: folder => ["tar", "-cf", `${folder}/etc.tar`, "/etc/default"] },
  { name: "dd", argv: ["dd", "if=/dev/zero", "of=/dev/null", "bs=512", "count=4"] },
  { name: "sha256sum", argv: ["sha256sum", "/etc/passwd"] },
  { name: "stat", argv: ["stat", "/etc"] },
  { name: "a pipeline", argv: sh("cat /etc/passwd | grep root | wc -l") },
  { name: "a loop of processes", argv: sh("for i in 1 2 3; do /bin/echo $i; done > /dev/null") },
  { name: "a here document", argv: sh("sort <<< $'b\\na'") },
  { name: "a signal", argv: sh("trap 'echo caught' USR1; kill -USR1 $$; true") },
  { name: "python3", argv: ["python3", "-c", "import json, os; print(json.dumps(os.listdir('/')))"] },
  { name: "perl", argv: ["perl", "-e", "print join(',', sort glob('/*')), qq{\\n}; print `echo hi`"] },
  { name: "threads", argv: folder => [compileProgram(folder, "threads")] },
  { name: "forks", argv: folder => [compileProgram(folder, "forks")] },
  {
    name: "a 32-bit program",
    argv: folder => [compileProgram(folder, "thirty-two", ["-m32", "-I/usr/include/x86_64-linux-gnu"])],
    differences: [
      {
        in: "strace",
        syscall: "socket",
        because: "strace shows what socketcall(2) asks for instead of the call",
      },
      { in: "ebpf", syscall: "socketcall", because: "the call that the kernel's filter sees" },
      { in: "notify", syscall: "socketcall", because: "the call that the kernel's filter sees" },
    ],
  },
  { name: "a 32-bit call of a 64-bit program", argv: folder => [compileProgram(folder, "int80")] },
];

for (const sample of SAMPLES) {
  testWith(
    ["root", "program:strace", "program:gcc"],
    `ebpf, notify and strace see the same calls of ${sample.name}`,
    async context => {
      const folder = temporaryFolder(context);
      const argv = typeof sample.argv === "function" ? sample.argv(folder) : sample.argv;
      const seen = {
        ebpf: names((await record(ebpfRecorder, argv)).evidence),
        notify: names((await record(notifyRecorder, argv)).evidence),
        strace: straceNames(folder, argv),
      };
      const all = new Set([...seen.ebpf, ...seen.notify, ...seen.strace]);
      const differences = [...all].sort().flatMap(syscall => {
        const by = (["ebpf", "notify", "strace"] as const).filter(which => seen[which].has(syscall));
        if (by.length === 3) return [];
        const explained = by.every(which =>
          sample.differences?.some(known => known.in === which && known.syscall === syscall),
        );
        return explained ? [] : [`${syscall}: only ${by.join(" and ")}`];
      });
      assert.deepEqual(differences, []);
      assert.ok(all.size > 3);
    },
  );
}
