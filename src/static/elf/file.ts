import { readDynamic, readInterpreter, type Dynamic } from "./dynamic.ts";
import { readEhFrame, type FrameEntry } from "./eh-frame.ts";
import { ElfImage } from "./image.ts";
import { readRelocations, type Relocations } from "./relocations.ts";
import { readBuildId, readDynamicSymbols, readStaticSymbols, type ElfSymbol } from "./symbols.ts";

/** Everything the analysis reads from one ELF file besides its code. Parts are read on first use. */
export class ElfFile extends ElfImage {
  #dynamic: Dynamic | undefined | null = null;
  #dynamicSymbols: ElfSymbol[] | undefined;
  #staticSymbols: ElfSymbol[] | undefined;
  #relocations: Relocations | undefined;
  #frames: FrameEntry[] | undefined;

  /** Undefined in a static file. */
  get dynamic(): Dynamic | undefined {
    if (this.#dynamic === null) this.#dynamic = readDynamic(this);
    return this.#dynamic;
  }

  /** Path of ld.so as the file names it; undefined in a static file and in a library. */
  get interpreter(): string | undefined {
    return readInterpreter(this);
  }

  /**
   * Whether nothing links the program with its library, which its header names as interpreter: its code has the addresses
   * that the library is made for, as klibc's programs have.
   */
  get isPrelinked(): boolean {
    return !this.isShared && this.dynamic === undefined && this.interpreter !== undefined;
  }

  get buildId(): string | undefined {
    return readBuildId(this);
  }

  /** By the index that relocations use. */
  get dynamicSymbols(): readonly ElfSymbol[] {
    this.#dynamicSymbols ??= this.dynamic === undefined ? [] : readDynamicSymbols(this, this.dynamic);
    return this.#dynamicSymbols;
  }

  /** `.symtab`; empty in a stripped file. */
  get staticSymbols(): readonly ElfSymbol[] {
    this.#staticSymbols ??= readStaticSymbols(this);
    return this.#staticSymbols;
  }

  get relocations(): Relocations {
    this.#relocations ??= readRelocations(this, this.dynamic);
    return this.#relocations;
  }

  /** Functions by the unwind tables. */
  get frames(): readonly FrameEntry[] {
    this.#frames ??= readEhFrame(this);
    return this.#frames;
  }
}
