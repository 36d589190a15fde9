import type { Dynamic } from "./dynamic.ts";
import { MAX_STRING, type ElfImage } from "./image.ts";
import { DT, SHT } from "./layout.ts";

const MAX_SYMBOLS = 4_000_000;
/** Bytes of all names of a table; names may overlap, so that a small file could claim any number of them. */
const MAX_NAMES = 1 << 27;
/** Entries of version tables, whose chains may overlap as well. */
const MAX_VERSIONS = 100_000;

/** The names of one table's symbols. */
class Names {
  readonly elf: ElfImage;
  /** File offset. */
  readonly #strings: number;
  #left: number;

  constructor(elf: ElfImage, strings: number) {
    this.elf = elf;
    this.#strings = strings;
    // Each is hashed once and read once.
    this.#left = Math.max(MAX_NAMES, 2 * elf.bytes.length);
  }

  read(offset: number): string {
    const name = this.elf.stringAt(this.#strings + offset) ?? "";
    this.#spend(name.length);
    return name;
  }

  hash(offset: number): number {
    const start = this.#strings + offset;
    const { bytes } = this.elf;
    let hash = hashOf("");
    let at = start;
    for (; at < bytes.length && at - start <= MAX_STRING; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === 0) break;
      hash = hashByte(hash, byte);
    }
    this.#spend(at - start);
    return hash;
  }

  #spend(length: number): void {
    this.#left -= length;
    if (this.#left < 0) this.elf.fail("the names of its symbols overlap too much");
  }
}

type Versions = (index: number) => { version: string | undefined; hidden: boolean };
const NO_VERSION = { version: undefined, hidden: false };

/** A symbol of a table. Its name is read when it is asked for: of most symbols it never is. */
export class ElfSymbol {
  readonly #names: Names;
  readonly #nameOffset: number;
  #name: string | undefined;
  readonly value: number;
  readonly size: number;
  /** `STT`. */
  readonly type: number;
  /** `STB`. */
  readonly bind: number;
  /** Section index; 0 is undefined. */
  readonly section: number;
  /** Version of a dynamic symbol that has one, `GLIBC_2.2.5`. */
  readonly version: string | undefined;
  /** A definition that only references with this very version bind to (`name@VERSION`, not `name@@VERSION`). */
  readonly hidden: boolean;

  /** @param at file offset of its entry */
  constructor(names: Names, at: number, { version, hidden }: ReturnType<Versions>) {
    const { bytes, view } = names.elf;
    const info = bytes[at + 4] ?? 0;
    this.#names = names;
    this.#nameOffset = view.getUint32(at, true);
    this.value = names.elf.u64At(at + 8) ?? 0;
    this.size = names.elf.u64At(at + 16) ?? 0;
    this.type = info & 15;
    this.bind = info >> 4;
    this.section = view.getUint16(at + 6, true);
    this.version = version;
    this.hidden = hidden;
  }

  get name(): string {
    this.#name ??= this.#names.read(this.#nameOffset);
    return this.#name;
  }

  /** What `hashOf` its name gives, without a string for it. */
  nameHash(): number {
    return this.#names.hash(this.#nameOffset);
  }
}

/** FNV-1a over the bytes of a name in Latin-1. */
export function hashOf(name: string): number {
  let hash = 0x811c_9dc5 | 0;
  for (let i = 0; i < name.length; i++) hash = hashByte(hash, name.charCodeAt(i));
  return hash;
}

function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x0100_0193);
}

function readTable(
  elf: ElfImage,
  start: number,
  count: number,
  strings: number,
  versionOf: Versions,
): ElfSymbol[] {
  const limit = Math.max(0, Math.min(count, MAX_SYMBOLS, Math.floor((elf.bytes.length - start) / 24)));
  const names = new Names(elf, strings);
  return Array.from({ length: limit }, (_, i) => new ElfSymbol(names, start + i * 24, versionOf(i)));
}

/** Number of dynamic symbols: from the hash tables, which is what ld.so goes by; sections may be gone. */
function dynamicCount(elf: ElfImage, dynamic: Dynamic): number {
  const hash = dynamic.values.get(DT.hash);
  if (hash !== undefined) return elf.u32(hash + 4) ?? 0;
  const gnu = dynamic.values.get(DT.gnuHash);
  const section = elf.sections.find(s => s.type === SHT.dynsym);
  const bySection = section === undefined ? 0 : Math.floor(section.size / 24);
  if (gnu === undefined) return bySection;
  const buckets = elf.u32(gnu) ?? 0;
  const first = elf.u32(gnu + 4) ?? 0;
  const bloom = elf.u32(gnu + 8) ?? 0;
  const bucketsAt = gnu + 16 + bloom * 8;
  let last = 0;
  for (let i = 0; i < Math.min(buckets, MAX_SYMBOLS); i++) {
    const bucket = elf.u32(bucketsAt + i * 4);
    if (bucket === undefined) break;
    if (bucket > last) last = bucket;
  }
  if (last < first) return Math.max(first, bySection);
  const chains = bucketsAt + buckets * 4;
  for (let steps = 0; steps < MAX_SYMBOLS; steps++) {
    const chain = elf.u32(chains + (last - first) * 4);
    if (chain === undefined) break;
    last++;
    if ((chain & 1) === 1) break;
  }
  return Math.max(last, bySection);
}

/** Names of the versions by index, from the definitions and the requirements. */
function versionNames(elf: ElfImage, dynamic: Dynamic): Map<number, string> {
  const names = new Map<number, string>();
  const text = (offset: number): string => elf.stringAt(dynamic.strings + offset) ?? "";
  let at = elf.offsetOf(dynamic.values.get(DT.verdef) ?? 0);
  for (let i = Math.min(dynamic.values.get(DT.verdefCount) ?? 0, 65_535); i > 0 && at > 0; i--) {
    if (at + 20 > elf.bytes.length) break;
    const aux = at + elf.view.getUint32(at + 12, true);
    if (aux + 8 > elf.bytes.length) break;
    names.set(elf.view.getUint16(at + 4, true) & 0x7fff, text(elf.view.getUint32(aux, true)));
    const next = elf.view.getUint32(at + 16, true);
    if (next === 0) break;
    at += next;
  }
  let left = MAX_VERSIONS;
  at = elf.offsetOf(dynamic.values.get(DT.verneed) ?? 0);
  for (let i = Math.min(dynamic.values.get(DT.verneedCount) ?? 0, 65_535); i > 0 && at > 0; i--) {
    if (at + 16 > elf.bytes.length) break;
    let aux = at + elf.view.getUint32(at + 8, true);
    for (let j = elf.view.getUint16(at + 2, true); j > 0; j--) {
      if (aux + 16 > elf.bytes.length || left-- <= 0) break;
      names.set(elf.view.getUint16(aux + 6, true) & 0x7fff, text(elf.view.getUint32(aux + 8, true)));
      const next = elf.view.getUint32(aux + 12, true);
      if (next === 0) break;
      aux += next;
    }
    const next = elf.view.getUint32(at + 12, true);
    if (next === 0) break;
    at += next;
  }
  return names;
}

/** The dynamic symbols, index 0 included, with their versions. */
export function readDynamicSymbols(elf: ElfImage, dynamic: Dynamic): ElfSymbol[] {
  const table = dynamic.values.get(DT.symtab);
  const start = table === undefined ? -1 : elf.offsetOf(table);
  if (start < 0 || dynamic.strings < 0) return [];
  const names = versionNames(elf, dynamic);
  const versym = elf.offsetOf(dynamic.values.get(DT.versym) ?? 0);
  /** Many symbols share few versions. */
  const known = new Map<number, ReturnType<Versions>>();
  return readTable(elf, start, dynamicCount(elf, dynamic), dynamic.strings, index => {
    const at = versym + index * 2;
    if (versym <= 0 || at + 2 > elf.bytes.length) return NO_VERSION;
    const raw = elf.view.getUint16(at, true);
    let version = known.get(raw);
    if (version === undefined) {
      const number = raw & 0x7fff;
      version = { version: number < 2 ? undefined : names.get(number), hidden: number !== raw };
      known.set(raw, version);
    }
    return version;
  });
}

/** The static symbols (`.symtab`), which stripping removes. */
export function readStaticSymbols(elf: ElfImage): ElfSymbol[] {
  const section = elf.sections.find(s => s.type === SHT.symtab);
  const strings = section === undefined ? undefined : elf.sections[section.link];
  if (section === undefined || strings === undefined) return [];
  return readTable(elf, section.offset, Math.floor(section.size / 24), strings.offset, () => NO_VERSION);
}

/** GNU build-id as lower-case hexadecimal; undefined if there is none. */
export function readBuildId(elf: ElfImage): string | undefined {
  for (const segment of elf.segments) {
    if (segment.type !== 4) continue;
    const end = segment.offset + segment.fileSize;
    let at = segment.offset;
    while (at + 12 <= end) {
      const nameSize = elf.view.getUint32(at, true);
      const size = elf.view.getUint32(at + 4, true);
      const data = at + 12 + ((nameSize + 3) & ~3);
      if (data < at || data + size > end) break;
      if (elf.view.getUint32(at + 8, true) === 3 && nameSize === 4 && elf.stringAt(at + 12) === "GNU") {
        return Buffer.from(elf.bytes.subarray(data, data + Math.min(size, 64))).toString("hex");
      }
      at = data + ((size + 3) & ~3);
    }
  }
  return undefined;
}
