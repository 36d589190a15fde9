import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { InputError } from "../../../src/errors.ts";
import { ElfFile } from "../../../src/static/elf/file.ts";
import { readGo } from "../../../src/static/go/facts.ts";
import { findModuledata } from "../../../src/static/go/moduledata.ts";
import { findPclntab } from "../../../src/static/go/pclntab.ts";
import { relocatedRegions, Words } from "../../../src/static/go/regions.ts";
import { testWith } from "../../support/needs.ts";
import { buildGo, type GoBuild } from "./build.ts";

/** xorshift32: the same damage in every run. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
}

const EXTREMES = [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0xffff_ffff, 0x8000_0000, 0x1000];

/** Offsets in the file worth damaging: pclntab's header and function table, moduledata, build info, headers of the file. */
function places(elf: ElfFile): { from: number; size: number }[] {
  const regions = relocatedRegions(elf);
  const table = findPclntab(regions);
  assert.ok(table);
  const data = findModuledata(regions, new Words(regions), table);
  assert.ok(data);
  const at = (address: number): number => elf.offsetOf(address);
  return [
    { from: at(table.address), size: 80 },
    { from: at(table.address) + 80, size: 4096 },
    { from: at(data.address), size: 512 },
    { from: 0, size: 1024 },
  ];
}

for (const build of [{ program: "assembler" }, { program: "assembler", pie: true }] satisfies GoBuild[]) {
  testWith(["program:go"], `ends soon for damaged tables: ${"pie" in build ? "PIE" : "static"}`, () => {
    const file = buildGo(build);
    const whole = readFileSync(file);
    const targets = places(new ElfFile(file, whole));
    const random = new Random(20_260_301);
    const bytes = Buffer.from(whole);
    let refused = 0;
    let read = 0;
    for (let round = 0; round < 500; round++) {
      const undo: [number, number][] = [];
      for (let i = random.below(4); i >= 0; i--) {
        const target = targets[random.below(targets.length)] ?? { from: 0, size: 1 };
        const at = target.from + random.below(target.size - 4);
        undo.push([at, bytes.readUInt32LE(at)]);
        bytes.writeUInt32LE(EXTREMES[random.below(EXTREMES.length)] ?? random.below(2 ** 31), at);
      }
      const cut = random.below(10) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes;
      const started = performance.now();
      try {
        readGo(new ElfFile(file, cut));
        read++;
      } catch (error) {
        assert.ok(error instanceof InputError, String(error));
        refused++;
      }
      assert.ok(performance.now() - started < 5_000, "within five seconds");
      for (const [at, value] of undo.reverse()) bytes.writeUInt32LE(value, at);
    }
    assert.ok(refused > 10 && read > 10, `${refused} refused, ${read} read`);
  });
}
