import { createHash } from "node:crypto";
import { aarch64 } from "../aarch64/machine.ts";
import { Module, type ScanAhead } from "../code/module.ts";
import { ElfFile } from "../elf/file.ts";
import { readGo } from "../go/facts.ts";
import type { Summaries } from "../summaries.ts";
import { x8664 } from "../x86-64/machine.ts";

/** Modules that were read before, so that programs share what is known of their libraries. */
export class ModuleStore {
  readonly #modules = new Map<string, Module>();
  readonly #summaries: Summaries | undefined;
  readonly #ahead: ScanAhead | undefined;

  /**
   * @param summaries of earlier runs; what this one learns is kept there by `save`
   * @param ahead scans functions on another thread
   */
  constructor(summaries?: Summaries, ahead?: ScanAhead) {
    this.#summaries = summaries;
    this.#ahead = ahead;
  }

  /** The module for a file with a path in some root and its bytes. @throws InputError for what is no ELF file of ours */
  load(path: string, bytes: Uint8Array): Module {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const key = `${path}\0${sha256}`;
    let module = this.#modules.get(key);
    if (module === undefined) {
      const elf = new ElfFile(path, bytes);
      module = new Module(path, elf, elf.machine === "x86_64" ? x8664 : aarch64, {
        language: readGo(elf),
        sha256,
        summaries: this.#summaries,
        ahead: this.#ahead,
      });
      this.#modules.set(key, module);
    }
    return module;
  }

  /** Keeps what was learned of functions, for later runs. */
  save(): void {
    this.#summaries?.save(this.#modules.values());
  }
}
