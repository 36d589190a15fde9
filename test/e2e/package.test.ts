import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import process from "node:process";
import { freePort, Playground } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { ROOT } from "../support/programs.ts";

const LARGEST_KILOBYTES = 1024;
const AS_NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"];

function must(command: string, args: readonly string[], cwd: string): string {
  const result = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 240_000 });
  assert.equal(result.status, 0, `${command} ${args.join(" ")}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** What a fresh clone has, so that packing builds there and not under the tests that use this repository's build. */
function copyRepository(folder: string): string {
  const copy = path.join(folder, "repository");
  mkdirSync(copy);
  for (const name of [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    ".npmrc",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "bin",
    "native",
    "schema",
    "src",
    "test",
    "tools",
  ]) {
    const from = path.join(ROOT, name);
    if (existsSync(from)) cpSync(from, path.join(copy, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"));
  return copy;
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

testWith(
  [
    "root",
    "program:npm",
    "program:aarch64-linux-gnu-gcc",
    "program:setpriv",
    "program:curl",
    "program:python3",
  ],
  "npm pack gives a package that installs elsewhere and works, for root and for an ordinary user",
  async context => {
    const play = new Playground(context);
    const repository = copyRepository(play.folder);
    const output = must("npm", ["pack", "--json", "--pack-destination", play.folder], repository);
    // What prepack prints comes before.
    const [packed] = JSON.parse(output.slice(output.indexOf("[\n"))) as Packed[];
    assert.ok(packed !== undefined);
    const files = packed.files.map(file => file.path);
    assert.deepEqual(
      files.filter(
        file => !/^(bin|dist|native|schema)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file),
      ),
      [],
    );
    for (const machine of ["x86_64", "aarch64"]) {
      const launcher = path.join(repository, `dist/native/launch-${machine}`);
      assert.ok(files.includes(`dist/native/launch-${machine}`));
      // e_machine of the ELF header.
      assert.equal(readFileSync(launcher).readUInt16LE(18), machine === "x86_64" ? 62 : 183);
    }
    assert.ok(packed.size < LARGEST_KILOBYTES * 1024, `${packed.size} bytes`);

    const elsewhere = play.subfolder("elsewhere");
    writeFileSync(path.join(elsewhere, "package.json"), '{ "name": "elsewhere", "private": true }');
    must(
      "npm",
      ["install", "--prefer-offline", "--no-audit", "--no-fund", path.join(play.folder, packed.filename)],
      elsewhere,
    );
    const { version } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
      version: string;
    };
    assert.equal(must("npx", ["seccraft", "--version"], elsewhere), `${version}\n`);
    const program = path.join(elsewhere, "node_modules/.bin/seccraft");
    const crafted = await play.run(["craft", "--", "/bin/true"], { command: [program], cwd: elsewhere });
    assert.equal(crafted.code, 0, crafted.stderr);
    assert.ok((JSON.parse(crafted.stdout) as { syscalls: unknown[] }).syscalls.length > 0);
    assert.equal(
      statSync(path.join(elsewhere, "node_modules/seccraft/dist/native/launch-x86_64")).mode & 0o111,
      0o111,
    );

    await ordinaryUser(play, program);
    assert.deepEqual(play.traces(), []);
  },
  { timeout: 300_000 },
);

/** What somebody without any right can do with the package. */
async function ordinaryUser(play: Playground, program: string): Promise<void> {
  chmodSync(play.folder, 0o755);
  const server = createServer((_, response) => response.end("the page\n"));
  const port = await freePort();
  await new Promise<void>(resolve => server.listen(port, "127.0.0.1", resolve));
  const command = [...AS_NOBODY, program];
  const options = { command, cwd: "/tmp", env: { HOME: "/nonexistent" } };
  try {
    const python =
      "import os, threading; t = threading.Thread(target=os.getsid, args=(0,)); t.start(); t.join(); print(os.getuid())";
    for (const argv of [
      ["curl", "-s", `http://127.0.0.1:${port}`],
      ["python3", "-c", python],
    ]) {
      const crafted = await play.run(["craft", "--no-analyze", "--", ...argv], options);
      assert.equal(crafted.code, 0, crafted.stderr);
      assert.match(crafted.stderr, /works under the real filter/);
      const profile = play.path("nobody.json");
      writeFileSync(profile, crafted.stdout);
      const ran = await play.run(["run", "--profile", profile, "--", ...argv], options);
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(ran.stdout, argv[0] === "curl" ? "the page\n" : "65534\n");
    }
    const refused = await play.run(["record", "--pid", String(process.pid), "--duration", "1s"], options);
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, /what to do:/);
  } finally {
    server.close();
  }
}
