import type { Module } from "../code/module.ts";
import { Reloc } from "../elf/layout.ts";
import { lastAtOrBefore } from "../sorted.ts";
import type { ProcessImage, SlotTarget } from "./process.ts";

/** The addresses that relocations put into the data of a process, by the module that they lie in. */
export class DataPointers {
  readonly #image: ProcessImage;
  readonly #into = new Map<Module, Float64Array>();
  #named: readonly SlotTarget[] | undefined;

  constructor(image: ProcessImage) {
    this.#image = image;
  }

  /** Whether any of them is in a range of a module. */
  leadInto(module: Module, from: number, to: number): boolean {
    let targets = this.#into.get(module);
    if (targets === undefined) {
      targets = this.#targetsIn(module);
      this.#into.set(module, targets);
    }
    const last = targets[lastAtOrBefore(targets, to - 1)];
    return last !== undefined && last >= from;
  }

  #targetsIn(module: Module): Float64Array {
    const { kind, addend, count } = module.elf.relocations;
    const targets: number[] = [];
    for (let row = 0; row < count; row++) if (kind[row] === Reloc.relative) targets.push(addend[row] ?? 0);
    this.#named ??= this.#image.modules.flatMap(m => this.#namedBy(m));
    for (const t of this.#named) if (t.module === module) targets.push(t.address);
    return Float64Array.from(targets).sort();
  }

  /** What relocations with a symbol, or of functions that choose, put there. */
  #namedBy(module: Module): SlotTarget[] {
    const { kind, count } = module.elf.relocations;
    const targets: SlotTarget[] = [];
    for (let row = 0; row < count; row++)
      if (kind[row] !== Reloc.relative) targets.push(...this.#image.slotTargets(module, row));
    return targets;
  }
}
