/** Numbers of the ELF format that we act on. Source: System V ABI, gABI chapters 4 and 5; psABI of x86-64 and AArch64. */
export const EM = { x86_64: 62, aarch64: 183 } as const;
export const ET = { exec: 2, dyn: 3 } as const;
export const PT = {
  load: 1,
  dynamic: 2,
  interp: 3,
  note: 4,
  tls: 7,
  ehFrame: 0x6474_e550,
  relro: 0x6474_e552,
} as const;
export const PF = { x: 1, w: 2, r: 4 } as const;
export const SHT = { symtab: 2, nobits: 8, note: 7, dynsym: 11 } as const;
export const SHF = { write: 1, alloc: 2, exec: 4, tls: 0x400 } as const;
export const STT = { notype: 0, object: 1, func: 2, section: 3, file: 4, tls: 6, ifunc: 10 } as const;
export const STB = { local: 0, global: 1, weak: 2, unique: 10 } as const;
export const DT = {
  needed: 1,
  pltRelSize: 2,
  hash: 4,
  strtab: 5,
  symtab: 6,
  rela: 7,
  relaSize: 8,
  strSize: 10,
  init: 12,
  fini: 13,
  soname: 14,
  rpath: 15,
  pltRel: 20,
  jmpRel: 23,
  initArray: 25,
  finiArray: 26,
  initArraySize: 27,
  finiArraySize: 28,
  runpath: 29,
  preinitArray: 32,
  preinitArraySize: 33,
  relrSize: 35,
  relr: 36,
  gnuHash: 0x6fff_fef5,
  versym: 0x6fff_fff0,
  flags1: 0x6fff_fffb,
  verdef: 0x6fff_fffc,
  verdefCount: 0x6fff_fffd,
  verneed: 0x6fff_fffe,
  verneedCount: 0x6fff_ffff,
} as const;

/** What a relocation does, whatever the machine calls it. */
export const Reloc = {
  /** Base plus addend: the address of something in this file. */
  relative: 0,
  /** Address of a symbol plus addend, in data. */
  absolute: 1,
  /** Address of a symbol, in the global offset table. */
  globDat: 2,
  /** Address of a function, in the procedure linkage table's part of the GOT. */
  jumpSlot: 3,
  /** What the resolver function at the addend returns. */
  irelative: 4,
  /** The library's object is copied here. */
  copy: 5,
  /** Thread-local storage and the rest: no address of a function. */
  other: 6,
} as const;
export type RelocKind = (typeof Reloc)[keyof typeof Reloc];

const X86_64_KINDS: Readonly<Record<number, RelocKind>> = {
  1: Reloc.absolute,
  5: Reloc.copy,
  6: Reloc.globDat,
  7: Reloc.jumpSlot,
  8: Reloc.relative,
  37: Reloc.irelative,
};
const AARCH64_KINDS: Readonly<Record<number, RelocKind>> = {
  257: Reloc.absolute,
  1024: Reloc.copy,
  1025: Reloc.globDat,
  1026: Reloc.jumpSlot,
  1027: Reloc.relative,
  1032: Reloc.irelative,
};

/** Kind of a relocation type number; types that place no address of a function or object are `other`. */
export function relocKind(machine: "x86_64" | "aarch64", type: number): RelocKind {
  return (machine === "x86_64" ? X86_64_KINDS : AARCH64_KINDS)[type] ?? Reloc.other;
}
