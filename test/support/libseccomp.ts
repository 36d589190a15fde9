import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { abiByScmp } from "../../src/abi/abi.ts";
import { decodeProgram, type Program } from "../../src/bpf/program.ts";
import { encodeAction } from "../../src/profile/action.ts";
import type { ProfileDocument } from "../../src/profile/document.ts";
import { defaultActionOf, ruleActionOf } from "../../src/profile/resolve.ts";

const root = path.resolve(import.meta.dirname, "../../..");

/** What libseccomp makes of a profile: a program, an errno, or the signal that ended it. */
export type LibseccompResult =
  | { readonly program: Program }
  | { readonly errno: string }
  | { readonly signal: number };

/** x32's token is x86_64's without the 64-bit mark. */
function token(arch: string): number {
  const abi = abiByScmp(arch);
  if (abi === undefined) throw new RangeError(arch);
  return abi.name === "x32" ? 0x4000_003e : abi.audit;
}

function script(document: ProfileDocument, optimize: number, pseudoCode: boolean): string {
  const lines = [`P ${encodeAction(defaultActionOf(document))} ${optimize} ${pseudoCode ? 1 : 0}`];
  for (const arch of document.architectures ?? []) lines.push(`A ${token(arch)}`);
  for (const rule of document.syscalls ?? []) {
    const args = (rule.args ?? []).map(
      arg => `${arg.index} ${arg.op.slice("SCMP_CMP_".length)} ${arg.value} ${arg.valueTwo ?? 0n}`,
    );
    for (const name of rule.names) {
      lines.push(`R ${encodeAction(ruleActionOf(rule))} ${name} ${args.length} ${args.join(" ")}`);
    }
  }
  return `${lines.join("\n")}\nE\n`;
}

/** Compiles a C program of testdata/ into a folder that goes away with this process. */
export function compileC(source: string, flags: readonly string[] = []): string {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-test-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const program = path.join(folder, path.basename(source, ".c"));
  const file = path.join(root, "testdata", source);
  const result = spawnSync("cc", ["-O1", "-Wall", "-Wextra", "-o", program, file, ...flags], {
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`cc ${source}: ${result.stderr}`);
  return program;
}

let harness: string | undefined;

function runHarness(input: string): string {
  harness ??= compileC("profile/libseccomp-harness.c", ["-lseccomp"]);
  const result = spawnSync(harness, { input, encoding: "utf8", maxBuffer: 1 << 30, timeout: 120_000 });
  if (result.status !== 0) {
    throw new Error(`harness ended with ${result.status ?? result.signal}: ${result.stderr}`);
  }
  return result.stdout;
}

/** Lets the system's libseccomp build the filters of plain profiles, their rules handed over as runc does. */
export function buildWithLibseccomp(documents: readonly ProfileDocument[], optimize = 1): LibseccompResult[] {
  const output = runHarness(documents.map(document => script(document, optimize, false)).join(""));
  return output
    .trimEnd()
    .split("\n")
    .map(line => {
      const [word = "", rest = ""] = line.split(" ");
      if (word === "error") return { errno: rest };
      if (word === "died") return { signal: Number(rest) };
      return { program: decodeProgram(Buffer.from(line, "hex")) };
    });
}

/** libseccomp's own account of what a filter does, before it is BPF. */
export function pseudoCode(document: ProfileDocument): string {
  return runHarness(script(document, 1, true));
}
