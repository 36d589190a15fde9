import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Module } from "../../../src/static/code/module.ts";
import { Scanner } from "../../../src/static/code/scan.ts";
import { aarch64 } from "../../../src/static/aarch64/machine.ts";
import { ElfFile } from "../../../src/static/elf/file.ts";
import { readGo } from "../../../src/static/go/facts.ts";
import { x8664 } from "../../../src/static/x86-64/machine.ts";
import { testWith } from "../../support/needs.ts";
import { buildGo, GO_1_19, type GoBuild } from "./build.ts";

const builds: readonly GoBuild[] = [
  { program: "web" },
  { program: "commands", pie: true, stripped: true },
  { program: "cgo", cgo: true },
  { program: "commands", go: GO_1_19 },
  { program: "commands", arch: "arm64" },
];

/** Pairs of site and target. */
function pairs(list: readonly number[], keep: (target: number) => boolean): Map<number, number> {
  const found = new Map<number, number>();
  for (let i = 0; i < list.length; i += 2) {
    const target = list[i + 1] ?? 0;
    if (keep(target)) found.set(list[i] ?? 0, target);
  }
  return found;
}

for (const build of builds) {
  const title = [build.program, build.arch, build.pie && "PIE", build.go && "1.19"].filter(Boolean).join(" ");
  testWith(
    ["program:go", `file:${GO_1_19}`, "program:gcc"],
    `reads the same as decoding does: ${title}`,
    () => {
      const file = buildGo(build);
      const elf = new ElfFile(file, readFileSync(file));
      const machine = elf.machine === "x86_64" ? x8664 : aarch64;
      const facts = readGo(elf);
      assert.ok(facts);
      const quick = new Scanner(new Module(file, elf, machine, { language: facts }));
      // Without a language of its own, every function is decoded.
      const plain = new Module(file, elf, machine);
      const exact = new Scanner(plain);
      const names = new Map(facts.functions.map(f => [f.start, f.name]));
      const inside = (target: number): string | undefined =>
        facts.functions.find(f => target > f.start && target < f.end)?.name;
      const missing: string[] = [];
      let surplus = 0;
      let compared = 0;
      for (const { start, end, name } of facts.functions) {
        const a = quick.range(start, end);
        const b = exact.range(start, end);
        assert.deepEqual([a.syscalls, a.foreign], [b.syscalls, b.foreign], name);
        for (const part of ["calls", "jumps", "taken"] as const) {
          const got = pairs(a[part], () => true);
          // Whether a function runs on into the next is told by how it ends, not by what stands behind it.
          for (const [site, target] of pairs(b[part], t => names.has(t) && (part !== "jumps" || t !== end))) {
            compared++;
            if (got.get(site) !== target) missing.push(`${name} ${part} ${names.get(target)}`);
            got.delete(site);
          }
          surplus += [...got.values()].filter(t => names.has(t) && t !== end).length;
          // An address inside of a function is where a call returns to, or a number.
          if (part === "taken") continue;
          for (const [, target] of pairs(b[part], t => !names.has(t))) {
            // Calls into the middle of a function are those of Duff's devices, which enter no kernel.
            const into = inside(target);
            if (into !== undefined && !/^runtime\.duff(zero|copy)$/.test(into))
              missing.push(`${name} ${part} in ${into}`);
          }
        }
      }
      assert.deepEqual(missing, []);
      assert.ok(compared > 5_000, `${compared} references compared`);
      assert.ok(surplus <= compared / 5_000, `${surplus} references that are none, of ${compared}`);
    },
  );
}
