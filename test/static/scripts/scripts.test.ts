import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { TargetRoot } from "../../../src/static/load/root.ts";
import { askedFor } from "../../../src/static/scripts/asked-by-name.ts";
import { readScripts, type ScriptReading } from "../../../src/static/scripts/scripts.ts";
import { temporaryFolder } from "../../support/programs.ts";

const SCRIPT = "/app/main.py";
const PYTHON = { "/usr/bin/python3.11": "\x7fELF", "/usr/lib/python3.11/os.py": "import stat\n" };
const NODE = { "/usr/bin/node": "\x7fELF" };

function rootWith(context: TestContext, files: Readonly<Record<string, string>>): TargetRoot {
  const folder = temporaryFolder(context);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return new TargetRoot(folder);
}

interface Given {
  readonly files: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function python(
  context: TestContext,
  { files, argv = ["python3.11", SCRIPT], env = {} }: Given,
): ScriptReading {
  const found = readScripts(rootWith(context, { ...PYTHON, ...files }), { argv, directory: "/app", env });
  assert.ok(found !== undefined);
  return found;
}

function node(context: TestContext, { files, argv = ["node", "server.js"], env = {} }: Given): ScriptReading {
  const found = readScripts(rootWith(context, { ...NODE, ...files }), { argv, directory: "/app", env });
  assert.ok(found !== undefined);
  return found;
}

function asked(reading: ScriptReading, syscall: string, abi: "x86_64" | "aarch64" = "x86_64"): string {
  if (!("names" in reading)) return `unread: ${reading.unread}`;
  return askedFor(reading.language, reading.names, { abi, syscall }) ?? "mentioned";
}

test("a call that no script mentions is absent; one that is called as such is named", context => {
  const reading = python(context, { files: { [SCRIPT]: "import os, fcntl\nfcntl.flock(1, 2)\n# fsync\n" } });
  assert.equal(asked(reading, "flock"), "named");
  assert.equal(asked(reading, "fsync"), "mentioned");
  assert.equal(asked(reading, "truncate"), "absent");
  assert.equal(asked(reading, "read"), "mentioned");
});

test("what the script imports belongs to it, below its folder and installed", context => {
  const files = {
    [SCRIPT]: "from pkg.inner import thing\nimport other\n",
    "/app/pkg/__init__.py": "",
    "/app/pkg/inner.py": "from . import beside\n",
    "/app/pkg/beside.py": "flock = 1\n",
    "/usr/lib/python3/dist-packages/other/__init__.py": "from .deep import x\n",
    "/usr/lib/python3/dist-packages/other/deep.py": "name = 'truncate'\n",
    "/app/unused.py": "writev = 1\n",
  };
  const reading = python(context, { files });
  assert.equal(asked(reading, "flock"), "mentioned");
  assert.equal(asked(reading, "truncate"), "mentioned");
  assert.equal(asked(reading, "writev"), "absent");
});

test("of the library those modules count that make the call, and only what is loaded", context => {
  const library = {
    "/usr/lib/python3.11/mailbox.py": "import os\n",
    "/usr/lib/python3.11/shelve.py": "def open():\n    import dbm\n",
    "/usr/lib/python3.11/dbm/__init__.py": "",
  };
  const uses = (text: string, call: string): string =>
    asked(python(context, { files: { ...library, [SCRIPT]: text } }), call);
  assert.equal(uses("import mailbox\n", "fsync"), "mentioned");
  assert.equal(uses("import shelve\n", "flock"), "absent");
  assert.equal(uses("import shelve\nshelve.open('x')\n", "flock"), "mentioned");
});

test("where an ABI lacks the plain call, its twin is made for everybody", context => {
  const reading = python(context, { files: { [SCRIPT]: "pass\n" } });
  assert.equal(asked(reading, "mkdirat", "x86_64"), "absent");
  assert.equal(asked(reading, "mkdirat", "aarch64"), "mentioned");
});

test("scripts are found through #!, env, wrappers, -m, -c and options", context => {
  const files = {
    [SCRIPT]: "#!/usr/bin/python3.11 -u\nimport os\nos.sync()\n",
    "/usr/bin/env": "\x7fELF",
    "/usr/bin/tini": "\x7fELF",
    "/app/tool/__main__.py": "import os\nos.sync()\n",
    "/app/tool/__init__.py": "",
  };
  for (const argv of [
    [SCRIPT],
    ["env", "A=b", "python3.11", SCRIPT],
    ["tini", "--", "python3.11", "-uB", "-W", "error", "main.py"],
    ["python3.11", "-m", "tool"],
    ["python3.11", "-c", "import os; os.sync()"],
    ["python3.11", "tool"],
  ])
    assert.equal(asked(python(context, { files, argv }), "sync"), "named", argv.join(" "));
});

test("what cannot be read narrows nothing, and says why", context => {
  const why = (text: string, more: Given["files"] = {}): string =>
    asked(python(context, { files: { [SCRIPT]: text, ...more } }), "sync");
  assert.match(why("import missing\n"), /unread: .*imports missing, which was not found/);
  assert.equal(why("try:\n    import missing\nexcept ImportError: pass\n"), "absent");
  assert.match(why("exec(input())\n"), /unread: .*in a way that is not read/);
  assert.match(why("import ctypes\n"), /unread: /);
  assert.equal(why("model.eval()\n"), "absent");
  assert.match(why("import subprocess, sys\nsubprocess.run([sys.executable, 'x.py'])\n"), /start Python/);
  assert.match(
    why("import fast\n", { "/app/fast.cpython-311-x86_64-linux-gnu.so": "" }),
    /fast.* is no script/,
  );
  assert.match(asked(python(context, { files: {}, argv: ["python3.11"] }), "sync"), /unread: /);
  assert.match(asked(python(context, { files: {}, argv: ["python3.11", "none.py"] }), "sync"), /unread: /);
});

test("other programs are not looked at", context => {
  const root = rootWith(context, { ...NODE, "/bin/sh": "\x7fELF", "/app/run.sh": "#!/bin/sh\nnode x.js\n" });
  const start = { directory: "/app", env: {} };
  assert.equal(readScripts(root, { ...start, argv: ["/app/run.sh"] }), undefined);
  assert.equal(readScripts(root, { ...start, argv: ["none"] }), undefined);
  assert.equal(readScripts(root, { ...start, argv: [] }), undefined);
});

test("of Node.js the whole package is read, with what it has installed", context => {
  const files = {
    "/app/package.json": "{}",
    "/app/server.js":
      "const a = require('./lib/a'), p = require('p'), fs = require('node:fs');\nfs.chownSync('x', 1, 1)\n",
    "/app/lib/a.js": "module.exports = name => require('fs')[name]\n",
    "/app/lib/b.mjs": "import { lchown } from 'fs'\n",
    "/app/node_modules/p/index.js": "exports.go = fs => fs.readv\n",
  };
  const reading = node(context, { files });
  assert.equal(asked(reading, "chown"), "named");
  assert.equal(asked(reading, "lchown"), "mentioned");
  assert.equal(asked(reading, "readv"), "mentioned");
  assert.equal(asked(reading, "statfs"), "absent");
});

test("a package of Node.js that is not all there, or more than scripts, narrows nothing", context => {
  const why = (text: string, more: Given["files"] = {}, rest: Omit<Given, "files"> = {}): string =>
    asked(node(context, { files: { "/app/server.js": text, ...more }, ...rest }), "statfs");
  assert.equal(why("1"), "absent");
  assert.match(why("require('gone')"), /unread: .*loads gone, which was not found/);
  assert.match(why("require('../outside')"), /unread: .*loads \.\.\/outside/);
  assert.match(why("spawn(process.execPath, ['x'])"), /unread: /);
  assert.match(why("execFileSync('/usr/bin/node', ['x'])"), /unread: /);
  assert.equal(
    why("if (process.release.name === 'node') spawn('nodejs-like')", { "/app/x.d.ts": "statfs" }),
    "absent",
  );
  assert.match(why("1", { "/app/build/a.node": "" }), /unread: .*native code/);
  assert.match(why("1", {}, { argv: ["node", "-r", "./x.js", "server.js"] }), /unread: /);
  assert.match(why("1", {}, { env: { NODE_OPTIONS: "--import ./x.mjs" } }), /unread: /);
  assert.match(why("1", {}, { argv: ["node"] }), /unread: /);
});

test("a script at the root of a file system does not have all of it read", context => {
  const reading = node(context, {
    files: { "/server.js": "1", "/srv/x.js": "statfs" },
    argv: ["node", "/server.js"],
  });
  assert.equal(asked(reading, "statfs"), "absent");
});

test("links lead to other packages, not to all of a file system, and may go round", context => {
  const files = {
    "/w/package.json": "{}",
    "/w/a.js": "readv",
    "/app/server.js": "1",
    "/app/package.json": "{}",
  };
  const root = rootWith(context, { ...NODE, ...files, "/srv/x.js": "statfs" });
  symlinkSync("/w", path.join(root.host, "app/w"));
  symlinkSync("..", path.join(root.host, "app/up"));
  symlinkSync("/app", path.join(root.host, "app/self"));
  symlinkSync("/nowhere", path.join(root.host, "app/gone.js"));
  const reading = readScripts(root, { argv: ["node", "server.js"], directory: "/app", env: {} });
  assert.ok(reading !== undefined);
  assert.equal(asked(reading, "readv"), "mentioned");
  assert.equal(asked(reading, "statfs"), "absent");
});

test("hostile scripts are read in time, or not at all", context => {
  const started = performance.now();
  const read = (text: string): string => asked(python(context, { files: { [SCRIPT]: text } }), "sync");
  assert.match(read("\n".repeat(5_000_000)), /unread: .*more than 2000000 lines/);
  assert.equal(read(`os.${"a".repeat(5_000_000)}${" ".repeat(5_000_000)}`), "absent");
  const words = Array.from({ length: 550_000 }, (_, i) => `w${i}`).join(" ");
  assert.match(read(words), /unread: .*more than 500000 words/);
  assert.match(read("#".repeat(65_000_000)), /unread: .*64 MB/);
  assert.ok(performance.now() - started < 15_000, String(performance.now() - started));
});
