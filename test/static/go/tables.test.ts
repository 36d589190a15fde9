import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { InputError } from "../../../src/errors.ts";
import { ElfFile } from "../../../src/static/elf/file.ts";
import { readGo } from "../../../src/static/go/facts.ts";
import { findPclntab } from "../../../src/static/go/pclntab.ts";
import type { LanguageFacts } from "../../../src/static/model.ts";
import { testWith } from "../../support/needs.ts";
import { buildGo, GO, GO_1_19, type GoBuild } from "./build.ts";

function factsOf(file: string): LanguageFacts {
  const facts = readGo(new ElfFile(file, readFileSync(file)));
  assert.ok(facts, `${file} is a Go program`);
  return facts;
}

/** What the linker's symbol table says: address of each text symbol, by the toolchain's own reader. */
function textSymbols(file: string): Map<number, string[]> {
  const { stdout } = spawnSync(GO, ["tool", "nm", file], { encoding: "utf8", maxBuffer: 1 << 26 });
  const symbols = new Map<number, string[]>();
  for (const line of stdout.split("\n")) {
    const match = /^\s*([0-9a-f]+) [Tt] (.*)$/.exec(line);
    if (match === null) continue;
    const address = Number.parseInt(match[1] ?? "", 16);
    symbols.set(address, [...(symbols.get(address) ?? []), match[2] ?? ""]);
  }
  return symbols;
}

/** Marks of the linker have no code of their own. */
function isMark(name: string): boolean {
  return /^(runtime\.e?text|go:|_cgo|type:)/.test(name);
}

/** The runtime's names drop the ABI and abbreviate type arguments, and nm has no middle dot. */
function plain(name: string): string {
  return name
    .replace(/\.abi(0|internal)$/, "")
    .replace(/\[.*\]/g, "[...]")
    .replaceAll("·", ".");
}

const builds: readonly (GoBuild & { readonly version: RegExp })[] = [
  { program: "commands", version: /^go1\.\d\d/ },
  { program: "commands", arch: "arm64", version: /^go1\.\d\d/ },
  { program: "assembler", pie: true, version: /^go1\.\d\d/ },
  { program: "commands", go: GO_1_19, version: /^go1\.19/ },
];

for (const { version, ...build } of builds) {
  const title = `${build.program} ${build.arch ?? "amd64"}${build.pie ? " PIE" : ""}${build.go ? " 1.19" : ""}`;
  testWith(
    ["program:go", "file:/usr/lib/go-1.19/bin/go"],
    `finds the functions that the linker named: ${title}`,
    () => {
      const file = buildGo(build);
      const facts = factsOf(file);
      assert.match(facts.version ?? "", version);
      const symbols = textSymbols(file);
      const starts = new Set(facts.functions.map(f => f.start));
      const missing = [...symbols].filter(([at, names]) => !starts.has(at) && !names.every(isMark));
      assert.deepEqual(missing, []);
      let compared = 0;
      for (const { start, name } of facts.functions) {
        const names = symbols.get(start) ?? [];
        if (names.length === 0) continue;
        compared++;
        assert.ok(names.map(plain).includes(plain(name)), `${name} is none of ${names.join(", ")}`);
      }
      assert.ok(compared > 1000, `${compared} functions compared`);
    },
  );
}

testWith(["program:go"], "reads a stripped file as well as a whole one", () => {
  const whole = factsOf(buildGo({ program: "commands" }));
  const stripped = factsOf(buildGo({ program: "commands", stripped: true }));
  assert.deepEqual(
    stripped.functions.map(f => f.name),
    whole.functions.map(f => f.name),
  );
  const isSame = stripped.functions.every(
    (f, i) => f.end - f.start === (whole.functions[i]?.end ?? 0) - (whole.functions[i]?.start ?? 0),
  );
  assert.ok(isSame, "with the same extents");
});

testWith(["program:go"], "needs no section headers", () => {
  const file = buildGo({ program: "commands", stripped: true });
  const bytes = readFileSync(file);
  bytes.fill(0, 40, 48); // e_shoff
  bytes.fill(0, 60, 64); // e_shnum, e_shstrndx
  const facts = readGo(new ElfFile(file, bytes));
  assert.deepEqual(facts?.functions, factsOf(file).functions);
  assert.deepEqual(facts?.roots, factsOf(file).roots);
});

testWith(
  ["program:go"],
  "roots what data names: methods, initialisers and function values, but not what is only called",
  () => {
    const facts = factsOf(buildGo({ program: "reflection" }));
    const rooted = new Set(facts.roots.map(root => root.address));
    const isRoot = (name: string): boolean => {
      const found = facts.functions.find(f => f.name === name);
      assert.ok(found, `${name} is in the table`);
      return rooted.has(found.start);
    };
    assert.ok(isRoot("main.(*Machine).Session"), "a method that only its name reaches");
    assert.ok(isRoot("syscall.init"), "a package initialiser");
    assert.ok(isRoot("runtime.main"), "the first goroutine");
    assert.ok(isRoot("runtime.mstart"), "the scheduler");
    assert.ok(!isRoot("runtime.osinit"), "called by start-up alone");
  },
);

testWith(["program:go"], "a table that is damaged is refused, or not taken for one", () => {
  const file = buildGo({ program: "assembler" });
  const bytes = readFileSync(file);
  const table = findPclntab([{ address: 0, bytes, executable: false }]);
  assert.ok(table);
  const damage = (at: number, value: number): LanguageFacts | undefined => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(value, table.address + at);
    return readGo(new ElfFile(file, copy));
  };
  assert.equal(damage(8, 0), undefined, "no functions");
  assert.equal(damage(8, 0x7fff_ffff), undefined, "more functions than bytes");
  assert.equal(damage(12, 1), undefined, "2^32 functions");
  assert.equal(damage(64, 0x7fff_fff0), undefined, "a function table beyond the end");
  assert.equal(damage(4, 1), undefined, "another header");
  const functions = bytes.readUInt32LE(table.address + 64);
  assert.equal(damage(functions, 0x7000_0000), undefined, "starts that do not ascend");
  assert.throws(
    () => damage(functions + table.count * 8, 0x7000_0000),
    InputError,
    "an end outside of the code",
  );
});
