import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { ROOT, temporaryFolder } from "../support/programs.ts";

test("where npm cannot write its cache, the set-up lends it one for the while", context => {
  const folder = temporaryFolder(context);
  mkdirSync(path.join(folder, "tools"));
  copyFileSync(path.join(ROOT, "tools/setup.js"), path.join(folder, "tools/setup.js"));
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(path.join(folder, "package-lock.json"), "{}");
  writeFileSync(path.join(folder, "a-file"), "");
  mkdirSync(path.join(folder, "bin"));
  writeFileSync(path.join(folder, "bin/npm"), '#!/bin/sh\necho "$1 with $npm_config_cache"\n');
  chmodSync(path.join(folder, "bin/npm"), 0o755);
  const install = (cache: string): string => {
    const { stdout, status } = spawnSync(
      process.execPath,
      ["-e", 'import("./tools/setup.js").then(setup => setup.installNodePackages())'],
      {
        cwd: folder,
        encoding: "utf8",
        env: { PATH: `${folder}/bin:${process.env["PATH"]}`, TMPDIR: folder, npm_config_cache: cache },
      },
    );
    assert.equal(status, 0);
    return stdout;
  };
  const impossible = path.join(folder, "a-file/cache");
  const lent = /^ci with (.*)$/m.exec(install(impossible))?.[1] ?? "";
  assert.match(lent, /seccraft-npm-/);
  assert.equal(existsSync(lent), false, "it is gone afterwards");
  const possible = path.join(folder, "cache");
  assert.match(install(possible), new RegExp(`^ci with ${possible}$`, "m"));
});
