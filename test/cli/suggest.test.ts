import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { program, programFor } from "../../src/cli/program.ts";
import { didYouMean } from "../../src/suggest.ts";
import { temporaryFolder } from "../support/programs.ts";

const undo: (() => void)[] = [];
after(() => undo.forEach(step => step()));
const folder = temporaryFolder({ after: (body: () => void) => void undo.push(body) });
const PROFILE = "testdata/lint/high-risk-call/pass.json";

function file(name: string, content: string): string {
  const made = path.join(folder, name);
  writeFileSync(made, content);
  return made;
}

/** Words that are nearly right, and what each is answered with, by command line. */
const CASES: readonly [meant: string, ...args: string[]][] = [
  ["craft", "crafft"],
  ["--ready", "craft", "--redy", "tcp:1", "--", "ls"],
  ["status", "complain", "statsu"],
  ["phases", "help", "fases"],
  ["record", "help", "recrod"],
  ["fish", "completion", "fihs"],
  ["web-node", "template", "web-nod"],
  ["web-node", "template", "node"],
  ["complain", "template", "complian"],
  ["balanced", "craft", "--policy", "balnaced", "--", "ls"],
  ["static", "report", "--policy", "statik", "--evidence", "e.json"],
  ["notify", "craft", "--recorder", "notfy", "--", "ls"],
  ["ebpf", "record", "--recorder", "epbf", "--", "ls"],
  ["runc", "craft", "--engine", "rucn", "--", "ls"],
  ["runc", "craft", "--runtime", "runx", "--", "ls"],
  ["docker", "minimize", "--engine", "doker", "--", "ls"],
  ["ENOSYS", "minimize", "--deny", "ENOSY", "--", "ls"],
  ["names", "analyze", "--format", "name", "/bin/true"],
  ["table", "import", "--format", "tabel", PROFILE],
  ["evidence", "record", "--format", "evidnce", "--", "ls"],
  ["kernel-log", "record", "--source", "kernel", "--", "ls"],
  ["markdown", "diff", "--format", "markdwon", PROFILE, PROFILE],
  ["sarif", "lint", "--format", "sariff", PROFILE],
  ["error", "lint", "--fail-on", "eror", PROFILE],
  ["containerd", "lint", "--target", "contanerd", PROFILE],
  ["crun", "lint", "--runtime-version", "cron=1.0", PROFILE],
  ["musl", "lint", "--libc", "mussl=1.2", PROFILE],
  ["high-risk-call", "lint", "--ignore", "high-risk-calls=we know", PROFILE],
  ["high-risk-call", "lint", "--suppressions", file("rules", "hihg-risk-call: we know\n"), PROFILE],
  ["systemd", "convert", "--to", "sytemd", PROFILE],
  ["aarch64", "port", "--to", "arch64", PROFILE],
  ["x86_64", "simulate", "--abi", "x86-64", PROFILE, "read"],
  ["i386", "compile", "--abi", "i368", PROFILE],
  ["riscv64", "explain", "--arch", "riscv", PROFILE],
  ["CAP_SYS_PTRACE", "lint", "--cap", "sys_ptrase", PROFILE],
  ["CAP_NET_ADMIN", "craft", "--image", "x", "--cap-add", "NET_ADMN"],
  ["deny", "merge", "--approximate", "deni", PROFILE],
  ["socket", "explain", PROFILE, "sockett"],
  ["openat", "analyze", "--explain", "opennat", "/bin/true"],
  ["openat", "analyze", "--resolve", "f=opeant", "/bin/true"],
  ["read", "simulate", PROFILE, "raed"],
  ["ENOSYS", "craft", "--errno", "ENOSIS", "--", "ls"],
  ["delay", "craft", "--ready", "dealy:1s", "--", "ls"],
  ["SCMP_ACT_ALLOW", "lint", file("action.json", '{"defaultAction": "SCMP_ACT_ALOW"}')],
  ["defaultAction", "lint", file("field.json", '{"defaultActoin": "SCMP_ACT_ALLOW"}')],
  ["@file-system", "lint", file("unit.conf", "[Service]\nSystemCallFilter=@file-sytem\n")],
  ["getpid", "lint", file("mini.policy", "getpdi: 1\n")],
  ["exercises", "craft", "--project", file("seccraft.yaml", "command: [ls]\nexercise: [x]\n")],
  ["balanced", "check", "--project", file("policy.yaml", "command: [ls]\npolicy: balancd\n")],
];

for (const [meant, ...args] of CASES) {
  test(`seccraft ${args.join(" ").replace(`${folder}/`, "")}: did you mean ${meant}?`, async () => {
    await assert.rejects(
      async () => (await programFor(args)).parseAsync(args, { from: "user" }),
      (error: Error) => {
        const shown = error.message.replaceAll("\n", " ");
        const [, answer] = /did you mean ([^?]+)\?/i.exec(shown) ?? [];
        assert.equal(answer, meant, shown);
        return true;
      },
    );
  });
}

test("every option and argument with a closed set of values suggests one of them", async () => {
  const root = await program();
  let closed = 0;
  for (const command of root.commands)
    for (const each of [...command.options, ...command.registeredArguments]) {
      const [last = ""] = each.argChoices?.slice(-1) ?? [];
      if (each.argChoices === undefined) continue;
      closed++;
      assert.throws(
        () => each.parseArg?.(`${last}x`, undefined),
        new RegExp(`It must be one of .*; did you mean ${last}\\?`),
        `${command.name()} ${each.name()}`,
      );
    }
  assert.ok(closed > 25, String(closed));
});

test("a word that is like none suggests nothing, and any known word suggests itself", () => {
  assert.equal(didYouMean("xyzzy", ["phases", "gaps"]), "");
  assert.equal(didYouMean("", ["a"]), "");
  assert.equal(didYouMean("a".repeat(1000), ["a"]), "");
  const words = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z-]{0,19}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, known => {
      for (const word of known) assert.equal(didYouMean(word, known), `; did you mean ${word}?`);
    }),
  );
});
