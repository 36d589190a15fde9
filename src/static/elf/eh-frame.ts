import type { ElfImage } from "./image.ts";
import { PT } from "./layout.ts";

/** One function, or part of one, by the unwind tables. */
export interface FrameEntry {
  readonly start: number;
  readonly end: number;
  /** Address of the language-specific data (landing pads); -1 is none. */
  readonly lsda: number;
  /** A signal frame (augmentation `S`): the entry begins one byte before the code. */
  readonly signal: boolean;
}

const MAX_ENTRIES = 4_000_000;

/** Pointer encodings: LSB Core, "DWARF Exception Header Encoding". */
const DW_EH_PE = { omit: 0xff, pcrel: 0x10, datarel: 0x30, indirect: 0x80 };

/** Reads DWARF data by virtual address within a bound. Past the bound everything is 0 and `bad` is set. */
export class DwarfCursor {
  readonly #elf: ElfImage;
  /** File offset. */
  at: number;
  readonly #end: number;
  /** Virtual address of file offset 0. */
  readonly #bias: number;
  bad = false;

  constructor(elf: ElfImage, address: number, length: number) {
    this.#elf = elf;
    const offset = elf.offsetOf(address);
    this.at = Math.max(0, offset);
    this.#bias = address - this.at;
    this.#end =
      offset < 0 ? 0 : Math.min(elf.bytes.length, offset + Math.min(length, elf.bytesFrom(address)));
    if (offset < 0) this.bad = true;
  }

  get address(): number {
    return this.at + this.#bias;
  }

  #take(size: number): number {
    const at = this.at;
    if (at + size > this.#end) {
      this.bad = true;
      return -1;
    }
    this.at += size;
    return at;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : (this.#elf.bytes[at] ?? 0);
  }
  u32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : this.#elf.view.getUint32(at, true);
  }
  skip(size: number): void {
    this.#take(size);
  }

  /** Unsigned LEB128, up to 2^53. */
  uleb(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if ((byte & 0x80) === 0) break;
    }
    return value;
  }
  sleb(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if ((byte & 0x80) === 0) return (byte & 0x40) !== 0 ? value - factor : value;
    }
    return value;
  }

  /** A value in the given encoding, pc-relative ones made absolute; undefined for `omit` and unknown ones. */
  encoded(encoding: number, dataBase: number): number | undefined {
    if (encoding === DW_EH_PE.omit) return undefined;
    const here = this.address;
    let value: number;
    switch (encoding & 0x0f) {
      case 0:
      case 4:
      case 12: {
        const at = this.#take(8);
        value =
          at < 0
            ? 0
            : this.#elf.view.getInt32(at + 4, true) * 0x1_0000_0000 + this.#elf.view.getUint32(at, true);
        break;
      }
      case 1:
        value = this.uleb();
        break;
      case 2: {
        const at = this.#take(2);
        value = at < 0 ? 0 : this.#elf.view.getUint16(at, true);
        break;
      }
      case 3:
        value = this.u32();
        break;
      case 9:
        value = this.sleb();
        break;
      case 10: {
        const at = this.#take(2);
        value = at < 0 ? 0 : this.#elf.view.getInt16(at, true);
        break;
      }
      case 11: {
        const at = this.#take(4);
        value = at < 0 ? 0 : this.#elf.view.getInt32(at, true);
        break;
      }
      default:
        this.bad = true;
        return undefined;
    }
    if (value === 0) return 0;
    const application = encoding & 0x70;
    if (application === DW_EH_PE.pcrel) value += here;
    else if (application === DW_EH_PE.datarel) value += dataBase;
    if ((encoding & DW_EH_PE.indirect) !== 0) value = this.#elf.u64(value) ?? 0;
    return value;
  }
}

interface Cie {
  readonly pointerEncoding: number;
  readonly lsdaEncoding: number;
  readonly augmented: boolean;
  readonly signal: boolean;
}

function readCie(elf: ElfImage, address: number, length: number): Cie | undefined {
  const c = new DwarfCursor(elf, address, length);
  const version = c.u8();
  let augmentation = "";
  for (let byte = c.u8(); byte !== 0 && !c.bad && augmentation.length < 16; byte = c.u8()) {
    augmentation += String.fromCharCode(byte);
  }
  if (version === 4) c.skip(2);
  c.uleb();
  c.sleb();
  if (version === 1) c.u8();
  else c.uleb();
  let pointerEncoding = 0;
  let lsdaEncoding = DW_EH_PE.omit;
  let signal = false;
  if (augmentation.startsWith("z")) {
    c.uleb();
    for (const letter of augmentation.slice(1)) {
      if (letter === "R") pointerEncoding = c.u8();
      else if (letter === "L") lsdaEncoding = c.u8();
      else if (letter === "S") signal = true;
      else if (letter === "P") c.encoded(c.u8(), 0);
      else if (letter !== "B") break;
    }
  }
  return c.bad
    ? undefined
    : { pointerEncoding, lsdaEncoding, augmented: augmentation.startsWith("z"), signal };
}

/** Where `.eh_frame` begins: by the section, or by PT_GNU_EH_FRAME when there are no sections. */
function locate(elf: ElfImage): { address: number; size: number } | undefined {
  const section = elf.section(".eh_frame");
  if (section !== undefined && section.size > 0 && elf.offsetOf(section.address) >= 0) {
    return { address: section.address, size: section.size };
  }
  const segment = elf.segments.find(s => s.type === PT.ehFrame);
  if (segment === undefined) return undefined;
  const c = new DwarfCursor(elf, segment.address, segment.fileSize);
  if (c.u8() !== 1) return undefined;
  const encoding = c.u8();
  c.skip(2);
  const address = c.encoded(encoding, segment.address);
  return address === undefined || c.bad ? undefined : { address, size: elf.bytesFrom(address) };
}

/** Functions by `.eh_frame`, ascending by start. Damaged entries are left out. */
export function readEhFrame(elf: ElfImage): FrameEntry[] {
  const where = locate(elf);
  if (where === undefined) return [];
  const entries: FrameEntry[] = [];
  const cies = new Map<number, Cie | undefined>();
  const end = where.address + Math.min(where.size, elf.bytesFrom(where.address));
  let at = where.address;
  while (at + 8 <= end && entries.length < MAX_ENTRIES) {
    const length = elf.u32(at) ?? 0;
    if (length === 0 || length === 0xffff_ffff || at + 4 + length > end) break;
    const id = elf.u32(at + 4) ?? 0;
    if (id !== 0) {
      const cieAt = at + 4 - id;
      if (!cies.has(cieAt)) {
        const cieLength = elf.u32(cieAt) ?? 0;
        const isCie = elf.u32(cieAt + 4) === 0 && cieLength > 4;
        cies.set(cieAt, isCie ? readCie(elf, cieAt + 8, cieLength - 4) : undefined);
      }
      const cie = cies.get(cieAt);
      const entry = cie === undefined ? undefined : readFde(elf, at + 8, length - 4, cie);
      if (entry !== undefined) entries.push(entry);
    }
    at += 4 + length;
  }
  return entries.sort((a, b) => a.start - b.start || b.end - a.end);
}

function readFde(elf: ElfImage, address: number, length: number, cie: Cie): FrameEntry | undefined {
  const c = new DwarfCursor(elf, address, length);
  const start = c.encoded(cie.pointerEncoding, 0);
  const size = c.encoded(cie.pointerEncoding & 0x0f, 0);
  let lsda: number | undefined;
  if (cie.augmented) {
    c.uleb();
    lsda = c.encoded(cie.lsdaEncoding, 0);
  }
  if (c.bad || start === undefined || size === undefined || size <= 0 || !elf.isCode(start)) return undefined;
  return { start, end: start + size, lsda: lsda === undefined || lsda === 0 ? -1 : lsda, signal: cie.signal };
}

/** Calls of a function, by a range of addresses, whose exceptions go to a landing pad. */
export interface Guarded {
  readonly start: number;
  readonly end: number;
  readonly pad: number;
}

/** What a function's language-specific data says of its calls (Itanium C++ ABI: Exception Handling Tables). */
export function readGuarded(elf: ElfImage, functionStart: number, lsda: number): Guarded[] {
  const c = new DwarfCursor(elf, lsda, 1 << 20);
  const base = c.encoded(c.u8(), 0) ?? functionStart;
  if (c.u8() !== DW_EH_PE.omit) c.uleb();
  const encoding = c.u8();
  const length = c.uleb();
  const end = c.at + length;
  const found: Guarded[] = [];
  while (c.at < end && !c.bad) {
    const start = functionStart + (c.encoded(encoding, 0) ?? 0);
    const size = c.encoded(encoding, 0) ?? 0;
    const pad = c.encoded(encoding, 0);
    c.uleb();
    if (pad !== undefined && pad !== 0 && !c.bad) found.push({ start, end: start + size, pad: base + pad });
  }
  return found;
}

/** Addresses of the landing pads of a function, ascending. */
export function readLandingPads(elf: ElfImage, functionStart: number, lsda: number): number[] {
  return [...new Set(readGuarded(elf, functionStart, lsda).map(g => g.pad))].sort((a, b) => a - b);
}
