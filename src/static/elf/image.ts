import { InputError } from "../../errors.ts";
import { EM, ET, PF, PT, SHF, SHT } from "./layout.ts";

export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  /** Bytes in the file, cut at its end. */
  readonly fileSize: number;
  readonly memorySize: number;
}

export interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
}

/** A half-open range of virtual addresses. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const MAX_HEADERS = 65_535;
/** Longer strings are none. */
export const MAX_STRING = 4_096;

/**
 * An ELF file as the kernel and ld.so see it: bytes by virtual address, segments, sections where there are any.
 * Every read is bounded by the file; nothing outside of it is ever looked at. Addresses are exact up to 2^53,
 * larger ones are refused. Throws `InputError` for what is not a 64-bit little-endian x86_64 or AArch64 ELF file.
 */
export class ElfImage {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly machine: "x86_64" | "aarch64";
  readonly isShared: boolean;
  readonly entry: number;
  readonly segments: readonly Segment[];
  /** Empty when the file has none or they make no sense. */
  readonly sections: readonly Section[];
  readonly loads: readonly Segment[];
  /** Where code is: the executable sections, or the executable segments when there are no sections. Ascending. */
  readonly code: readonly Range[];

  constructor(path: string, bytes: Uint8Array) {
    this.path = path;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 64 || this.view.getUint32(0) !== 0x7f45_4c46) this.fail("not an ELF file");
    if (bytes[4] !== 2) this.fail("not a 64-bit ELF file; only x86_64 and aarch64 are analysed");
    if (bytes[5] !== 1) this.fail("not a little-endian ELF file; only x86_64 and aarch64 are analysed");
    const machine = this.view.getUint16(18, true);
    if (machine !== EM.x86_64 && machine !== EM.aarch64) {
      this.fail(`ELF file for machine ${machine}; only x86_64 and aarch64 are analysed`);
    }
    this.machine = machine === EM.x86_64 ? "x86_64" : "aarch64";
    const type = this.view.getUint16(16, true);
    if (type !== ET.exec && type !== ET.dyn) {
      this.fail(`ELF file of type ${type}, neither a program nor a shared library`);
    }
    this.isShared = type === ET.dyn;
    this.entry = this.u64At(24) ?? 0;
    this.segments = this.#readSegments();
    this.loads = this.segments.filter(s => s.type === PT.load).sort((a, b) => a.address - b.address);
    if (this.loads.length === 0) this.fail("ELF file without a loadable segment");
    this.sections = this.#readSections();
    this.code = this.#codeRanges();
  }

  fail(reason: string, address?: number): never {
    throw new InputError(reason, address === undefined ? { file: this.path } : { file: this.path, address });
  }

  /** An unsigned 64-bit word at a file offset; undefined outside of the file or beyond 2^53. */
  u64At(offset: number): number | undefined {
    if (offset < 0 || offset + 8 > this.bytes.length) return undefined;
    const high = this.view.getUint32(offset + 4, true);
    if (high >= 0x20_0000) return undefined;
    return high * 0x1_0000_0000 + this.view.getUint32(offset, true);
  }

  /** The offset in the file of a virtual address, or -1 where the file has no byte for it. */
  offsetOf(address: number): number {
    for (const s of this.loads) {
      if (address >= s.address && address < s.address + s.fileSize) return s.offset + (address - s.address);
    }
    return -1;
  }

  /** How many bytes the file holds from `address` on within its segment. */
  bytesFrom(address: number): number {
    for (const s of this.loads) {
      if (address >= s.address && address < s.address + s.fileSize) return s.address + s.fileSize - address;
    }
    return 0;
  }

  /** The loadable segment that `address` lies in, zero-filled parts included. */
  segmentOf(address: number): Segment | undefined {
    return this.loads.find(s => address >= s.address && address < s.address + s.memorySize);
  }

  sectionOf(address: number): Section | undefined {
    return this.sections.find(
      s =>
        (s.flags & SHF.alloc) !== 0 &&
        (s.flags & SHF.tls) === 0 &&
        address >= s.address &&
        address < s.address + s.size,
    );
  }

  section(name: string): Section | undefined {
    return this.sections.find(s => s.name === name);
  }

  isCode(address: number): boolean {
    for (const r of this.code) if (address >= r.start && address < r.end) return true;
    return false;
  }

  /** A word at a virtual address; undefined where the file has no bytes for all of it. */
  u64(address: number): number | undefined {
    const at = this.offsetOf(address);
    return at < 0 ? undefined : this.u64At(at);
  }

  u32(address: number): number | undefined {
    const at = this.offsetOf(address);
    return at < 0 || at + 4 > this.bytes.length ? undefined : this.view.getUint32(at, true);
  }

  i32(address: number): number | undefined {
    const at = this.offsetOf(address);
    return at < 0 || at + 4 > this.bytes.length ? undefined : this.view.getInt32(at, true);
  }

  u16(address: number): number | undefined {
    const at = this.offsetOf(address);
    return at < 0 || at + 2 > this.bytes.length ? undefined : this.view.getUint16(at, true);
  }

  u8(address: number): number | undefined {
    const at = this.offsetOf(address);
    return at < 0 ? undefined : this.bytes[at];
  }

  /** A NUL-terminated string of at most 4096 bytes at a file offset, bytes as Latin-1; undefined if it does not end. */
  stringAt(offset: number): string | undefined {
    if (offset < 0 || offset >= this.bytes.length) return undefined;
    const end = this.bytes.indexOf(0, offset);
    if (end < 0 || end - offset > MAX_STRING) return undefined;
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + offset, end - offset).toString("latin1");
  }

  string(address: number): string | undefined {
    const at = this.offsetOf(address);
    return at < 0 ? undefined : this.stringAt(at);
  }

  /** True when the bytes at `address` cannot change after relocation: not in a writable segment, or under RELRO. */
  isConstant(address: number): boolean {
    const segment = this.segmentOf(address);
    if (segment === undefined) return false;
    if ((segment.flags & PF.w) === 0) return true;
    return this.segments.some(
      s => s.type === PT.relro && address >= s.address && address < s.address + s.memorySize,
    );
  }

  #readSegments(): Segment[] {
    const offset = this.u64At(32) ?? 0;
    const size = this.view.getUint16(54, true);
    const count = this.view.getUint16(56, true);
    if (count > 0 && size < 56) this.fail("program headers are too small");
    const segments: Segment[] = [];
    for (let i = 0; i < count; i++) {
      const at = offset + i * size;
      if (at + 56 > this.bytes.length) this.fail("program headers reach beyond the end of the file");
      const from = this.u64At(at + 8);
      const address = this.u64At(at + 16);
      const fileSize = this.u64At(at + 32);
      const memorySize = this.u64At(at + 40);
      if (from === undefined || address === undefined || fileSize === undefined || memorySize === undefined)
        continue;
      if (address + memorySize > Number.MAX_SAFE_INTEGER) continue;
      const type = this.view.getUint32(at, true);
      // What is not there would count as code that makes no syscall.
      if (type === PT.load && from + fileSize > this.bytes.length)
        this.fail(`is cut off: it should go on to byte ${from + fileSize}, and ends at ${this.bytes.length}`);
      segments.push({
        type,
        flags: this.view.getUint32(at + 4, true),
        offset: from,
        address,
        fileSize: Math.max(0, Math.min(fileSize, memorySize, this.bytes.length - from)),
        memorySize,
      });
    }
    return segments;
  }

  #readSections(): Section[] {
    const offset = this.u64At(40) ?? 0;
    const size = this.view.getUint16(58, true);
    const count = Math.min(this.view.getUint16(60, true), MAX_HEADERS);
    if (offset === 0 || size < 64 || offset + count * size > this.bytes.length) return [];
    const raw: (Omit<Section, "name"> & { nameOffset: number })[] = [];
    for (let i = 0; i < count; i++) {
      const at = offset + i * size;
      const type = this.view.getUint32(at + 4, true);
      const from = this.u64At(at + 24) ?? 0;
      const length = this.u64At(at + 32) ?? 0;
      raw.push({
        nameOffset: this.view.getUint32(at, true),
        type,
        flags: this.view.getUint32(at + 8, true),
        address: this.u64At(at + 16) ?? 0,
        offset: from,
        size: type === SHT.nobits ? length : Math.max(0, Math.min(length, this.bytes.length - from)),
        link: this.view.getUint32(at + 40, true),
        info: this.view.getUint32(at + 44, true),
      });
    }
    const names = raw[this.view.getUint16(62, true)];
    return raw.map(({ nameOffset, ...rest }) => ({
      name: names === undefined ? "" : (this.stringAt(names.offset + nameOffset) ?? ""),
      ...rest,
    }));
  }

  #codeRanges(): Range[] {
    const isBacked = (start: number, size: number): boolean =>
      this.loads.some(
        s => (s.flags & PF.x) !== 0 && start >= s.address && start + size <= s.address + s.fileSize,
      );
    const sections = this.sections.filter(
      s => (s.flags & SHF.exec) !== 0 && s.size > 0 && s.type !== SHT.nobits && isBacked(s.address, s.size),
    );
    const ranges =
      sections.length > 0
        ? sections.map(s => ({ start: s.address, end: s.address + s.size }))
        : this.loads
            .filter(s => (s.flags & PF.x) !== 0)
            .map(s => ({ start: s.address, end: s.address + s.fileSize }));
    return ranges.sort((a, b) => a.start - b.start);
  }
}
