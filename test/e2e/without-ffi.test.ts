import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Playground } from "../support/cli.ts";
import { ROOT } from "../support/programs.ts";

/** This build with all packages that are needed at run time but the FFI, as `npm install --omit=optional` leaves it. */
function installWithoutFfi(play: Playground): string {
  const folder = play.subfolder("package");
  for (const name of ["bin", "dist", "package.json", "schema"]) {
    if (existsSync(path.join(ROOT, name)))
      cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  }
  const modules = play.subfolder("package/node_modules");
  for (const name of readdirSync(path.join(ROOT, "node_modules"))) {
    if (!/^(\.|koffi|@koromix)/.test(name))
      symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));
  }
  return path.join(folder, "bin/seccraft.js");
}

test("without the FFI package, work on profiles and binaries goes on and the rest says what is missing", async context => {
  const play = new Playground(context);
  const program = installWithoutFfi(play);
  const run = async (...args: string[]) => await play.run(args, { command: [process.execPath, program] });
  const { version } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
    version: string;
  };
  assert.equal((await run("--version")).stdout, `${version}\n`);
  assert.match((await run("--help")).stdout, /craft/);

  const profile = play.path("profile.json");
  writeFileSync(
    profile,
    '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{ "names": ["read"], "action": "SCMP_ACT_ALLOW" }] }',
  );
  for (const args of [
    ["convert", "--to", "names", profile],
    ["lint", profile],
    ["compile", profile],
  ]) {
    const ended = await run(...args);
    assert.ok(
      ended.code === 0 || (args[0] === "lint" && ended.code === 1),
      `${args.join(" ")}: ${ended.stderr}`,
    );
    assert.doesNotMatch(ended.stderr, /koffi/);
  }
  const analyzed = await run("analyze", "/bin/true");
  assert.equal(analyzed.code, 0, analyzed.stderr);

  if (process.platform !== "linux") return;
  for (const args of [
    ["craft", "--", "true"],
    ["record", "--", "true"],
    ["run", "--profile", profile, "--explain", "--", "true"],
  ]) {
    const ended = await run(...args);
    assert.equal(ended.code, 3, `${args.join(" ")}: ${ended.stderr}`);
    assert.match(
      ended.stderr,
      /^seccraft: the FFI package koffi is not installed\.\nwhat to do: .*npm install/m,
    );
    assert.doesNotMatch(ended.stderr, /\n {4}at /);
  }
  const doctor = await run("doctor");
  assert.match(doctor.stdout, /FFI .*no/);
});
