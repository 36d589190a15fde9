import type { Module } from "../code/module.ts";
import { Reloc } from "../elf/layout.ts";
import { lastAtOrBefore } from "../sorted.ts";
import type { ProcessImage } from "./process.ts";

/** All addresses that relocations put into the data of a process, by the module that they lie in, ascending. */
export class DataPointers {
  readonly #targets = new Map<Module, Float64Array>();

  constructor(image: ProcessImage) {
    const found = new Map<Module, number[]>();
    const listOf = (module: Module): number[] => {
      let list = found.get(module);
      if (list === undefined) {
        list = [];
        found.set(module, list);
      }
      return list;
    };
    for (const module of image.modules) {
      const { kind, addend } = module.elf.relocations;
      const own = listOf(module);
      for (const row of module.slots.rows()) {
        if (kind[row] === Reloc.relative) own.push(addend[row] ?? 0);
        else for (const t of image.slotTargets(module, row)) listOf(t.module).push(t.address);
      }
    }
    for (const [module, list] of found) this.#targets.set(module, Float64Array.from(list).sort());
  }

  /** Whether any of them is in a range of a module. */
  leadInto(module: Module, from: number, to: number): boolean {
    const targets = this.#targets.get(module);
    if (targets === undefined) return false;
    const last = targets[lastAtOrBefore(targets, to - 1)];
    return last !== undefined && last >= from;
  }
}
