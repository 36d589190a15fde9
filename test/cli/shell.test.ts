import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { describe, flatten } from "../../src/cli/completion/describe.ts";
import { program } from "../../src/cli/program.ts";
import { testWith } from "../support/needs.ts";
import { ROOT, temporaryFolder } from "../support/programs.ts";

const SECCRAFT = path.join(ROOT, "bin/seccraft.js");

function seccraft(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [SECCRAFT, ...args], { encoding: "utf8" });
}

function commandsOffered(): string[] {
  const help = seccraft("help").stdout;
  const listed = help.slice(help.indexOf("Make a profile:"), help.indexOf("\nExample"));
  return [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map(match => match[1] ?? "").sort();
}

/** A folder with things to complete, and the shell's script in it. */
function prepared(
  context: { after(body: () => void): void },
  shell: string,
): { folder: string; script: string } {
  const folder = temporaryFolder(context);
  const script = path.join(folder, "script");
  const made = seccraft("completion", shell);
  assert.equal(made.stderr, "");
  writeFileSync(script, made.stdout);
  writeFileSync(path.join(folder, "some profile.json"), "");
  mkdirSync(path.join(folder, "some-folder"));
  return { folder, script };
}

testWith(
  ["program:bash"],
  "bash completes commands, options, values, files and the command of the user",
  context => {
    const { folder, script } = prepared(context, "bash");
    const complete = (...words: string[]): string[] => {
      const body = `source ${script}; COMP_WORDS=(seccraft "$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _seccraft; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const result = spawnSync("bash", ["--norc", "-c", body, "bash", ...words], {
        encoding: "utf8",
        cwd: folder,
      });
      assert.equal(result.stderr, "");
      return result.stdout
        .split("\n")
        .filter(line => line !== "")
        .sort();
    };
    assert.deepEqual(
      complete("").filter(word => !word.startsWith("-")),
      commandsOffered(),
    );
    assert.deepEqual(complete("cra"), ["craft"]);
    assert.deepEqual(complete("craft", "--recor"), ["--recorder"]);
    assert.deepEqual(complete("craft", "--recorder", ""), ["auto", "complain", "ebpf", "notify"]);
    assert.deepEqual(complete("craft", "--recorder", "ebpf", "--run"), ["--runs", "--runtime"]);
    assert.deepEqual(complete("run", "--profile", "some"), ["some profile.json", "some-folder"]);
    assert.deepEqual(complete("craft", "--out", "some"), ["some-folder"]);
    assert.deepEqual(complete("craft", "--timeout", ""), []);
    assert.ok(complete("craft", "--", "ba").includes("bash"));
    assert.deepEqual(complete("craft", "--", "ls", "some"), ["some profile.json", "some-folder"]);
    assert.deepEqual(
      complete("craft", "--runs", "3", "ls", "--ru"),
      [],
      "options after the command are its own",
    );
    assert.deepEqual(complete("completion", ""), ["--help", "-h", "bash", "fish", "zsh"]);
  },
);

testWith(
  ["program:fish"],
  "fish completes commands, options, values, files and the command of the user",
  context => {
    const { folder, script } = prepared(context, "fish");
    const complete = (line: string): string[] => {
      const result = spawnSync("fish", ["--no-config", "-c", `source ${script}; complete -C "$argv"`, line], {
        encoding: "utf8",
        cwd: folder,
        env: { ...process.env, HOME: folder },
      });
      assert.equal(result.stderr, "");
      return result.stdout
        .split("\n")
        .map(offered => offered.split("\t")[0] ?? "")
        .filter(word => word !== "")
        .sort();
    };
    assert.deepEqual(complete("seccraft "), commandsOffered());
    assert.deepEqual(complete("seccraft craft --recor"), ["--recorder"]);
    assert.deepEqual(complete("seccraft craft --recorder "), ["auto", "complain", "ebpf", "notify"]);
    assert.deepEqual(complete("seccraft craft --recorder ebpf --run"), ["--runs", "--runtime"]);
    assert.deepEqual(complete("seccraft run --profile some"), ["some profile.json", "some-folder/"]);
    assert.deepEqual(complete("seccraft craft --out some"), ["some-folder/"]);
    assert.ok(complete("seccraft craft -- ba").includes("bash"));
    assert.deepEqual(complete("seccraft completion "), ["bash", "fish", "zsh"]);
  },
);

testWith(
  ["program:zsh"],
  "zsh completes commands, options, values, files and the command of the user",
  context => {
    const { folder, script } = prepared(context, "zsh");
    // Types a line and a TAB into a real zsh and reads back what the line has become.
    const driver = path.join(folder, "driver");
    writeFileSync(
      driver,
      `zmodload zsh/zpty
zpty z "TERM=dumb PS1= zsh -f -i"
zpty -w z "cd \${(q)1}; autoload -U compinit; compinit -u -D; source \${(q)2}; PS1=; probe() { zle complete-word; print -r -- \\"<<\\$BUFFER>>\\" }; zle -N probe; bindkey '^I' probe; print rea''dy"
zpty -r -m z x '*ready*'
zpty -w -n z "$3"$'\\t'
zpty -r -m z x '*<<*>>*'
print -r -- "$x"
zpty -d z
`,
    );
    const complete = (line: string): string => {
      const result = spawnSync("zsh", ["-f", driver, folder, script, line], {
        encoding: "utf8",
        timeout: 20_000,
      });
      return /<<(.*)>>/.exec(result.stdout)?.[1]?.trimEnd() ?? `nothing: ${result.stdout} ${result.stderr}`;
    };
    assert.equal(complete("seccraft cra"), "seccraft craft");
    assert.equal(complete("seccraft craft --recor"), "seccraft craft --recorder");
    assert.equal(complete("seccraft craft --recorder eb"), "seccraft craft --recorder ebpf");
    assert.equal(complete("seccraft craft --out some"), "seccraft craft --out some-folder/");
    assert.equal(complete("seccraft run --profile 'some p"), "seccraft run --profile 'some profile.json'");
    assert.equal(complete("seccraft completion fi"), "seccraft completion fish");
    assert.equal(complete("seccraft craft -- ls some-f"), "seccraft craft -- ls some-folder/");
  },
);

testWith(
  ["program:man", "program:groff"],
  "there is a manual page for each command, without a complaint of roff",
  async () => {
    const folder = path.join(ROOT, "dist/man");
    for (const { path: words, options } of flatten(describe(await program()))) {
      const name = words.join("-");
      const page = path.join(folder, `${name}.1`);
      const result = spawnSync("groff", ["-Kutf8", "-man", "-Tutf8", "-ww", "-P-cbou", page], {
        encoding: "utf8",
      });
      assert.equal(result.stderr, "", name);
      assert.equal(result.status, 0);
      // roff is free to break lines.
      const text = result.stdout.replace(/\s+/g, " ");
      for (const flag of options.flatMap(({ flags }) => flags))
        assert.ok(text.includes(flag), `${name} ${flag}`);
    }
    const shown = spawnSync("man", ["-l", path.join(folder, "seccraft.1")], { encoding: "utf8" });
    assert.match(shown.stdout, /From a workload to the smallest seccomp profile/);
  },
);

test("help explains commands and topics, and suggests what was meant", () => {
  assert.match(seccraft("help").stdout, /Topics/);
  assert.match(seccraft("help", "craft").stdout, /--exercise/);
  assert.match(seccraft("help", "craft").stdout, /Examples:/);
  assert.match(seccraft("help", "phases").stdout, /shutdown/);
  const wrong = seccraft("help", "fases");
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /no command or topic is called "fases"; did you mean phases\?/);
  assert.match(seccraft("help", "xyzzy").stderr, /is called "xyzzy"\n/);
});

test("topics fit a terminal of 80 columns", async () => {
  const { TOPICS } = await import("../../src/cli/topics.ts");
  for (const { name, summary, text } of TOPICS)
    for (const line of [`  ${name.padEnd(14)}${summary}`, ...text.split("\n")])
      assert.ok(line.length <= 80, `${name}: ${line}`);
});

test("wrong commands and options are answered with the right ones", () => {
  const command = seccraft("crfat");
  assert.equal(command.status, 2);
  assert.match(command.stderr, /did you mean craft\?/i);
  assert.match(seccraft("craft", "--redy", "tcp:1", "--", "ls").stderr, /did you mean --ready\?/i);
});
