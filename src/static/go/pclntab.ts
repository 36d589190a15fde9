/**
 * The Go runtime's table of functions. It survives stripping, because the runtime unwinds by it.
 * Layout: debug/gosym/pclntab.go and runtime/symtab.go of Go 1.12 to 1.27.
 */

/** Consecutive bytes of the loaded file, relocations applied where the file has them. */
export interface Region {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

/** First Go version that writes this layout. */
export type PclntabLayout = "1.2" | "1.16" | "1.18" | "1.20";

export interface Pclntab {
  readonly layout: PclntabLayout;
  readonly address: number;
  /** 1 on x86_64, 4 on aarch64. */
  readonly quantum: number;
  readonly count: number;
  /** What function starts count from; 0 in layouts that hold absolute addresses. */
  readonly textStart: number;
  /** True where `textStart` is the header's own; since 1.26 it is 0 there and has to come from moduledata. */
  readonly textStartKnown: boolean;
  /** Where the names start, to recognise moduledata by. */
  readonly namesAddress: number;
  /** Start of function `index` relative to `textStart`; `index === count` gives the end of the last one. */
  startOf(index: number): number;
  /** Name as the runtime prints it; empty where the table is damaged. */
  nameOf(index: number): string;
  /** Bytes of stack arguments and results; undefined where unknown. */
  argsOf(index: number): number | undefined;
}

const LAYOUTS: ReadonlyMap<number, PclntabLayout> = new Map([
  [0xffff_fffb, "1.2"],
  [0xffff_fffa, "1.16"],
  [0xffff_fff0, "1.18"],
  [0xffff_fff1, "1.20"],
]);
/** No real program comes near; the linker's own limit for text is lower. */
const MAX_FUNCTIONS = 4_000_000;
const MAX_NAME = 4096;
const HEADER_TAIL = [1, 4].map(quantum => Uint8Array.of(0xff, 0xff, 0xff, 0, 0, quantum, 8));

/** Whether the header of a table is anywhere in a file. Relocations do not change its beginning. */
export function mayHoldPclntab(file: Uint8Array): boolean {
  const buffer = Buffer.from(file.buffer, file.byteOffset, file.length);
  for (const tail of HEADER_TAIL) {
    for (let at = buffer.indexOf(tail, 1); at > 0; at = buffer.indexOf(tail, at + 1))
      if (LAYOUTS.has(buffer.readUInt32LE(at - 1))) return true;
  }
  return false;
}

/** Finds and checks the table; undefined when no region holds a sound one. The first sound one wins. */
export function findPclntab(regions: readonly Region[]): Pclntab | undefined {
  for (const region of regions) {
    const buffer = Buffer.from(region.bytes.buffer, region.bytes.byteOffset, region.bytes.length);
    for (const tail of HEADER_TAIL) {
      for (let at = buffer.indexOf(tail, 1); at > 0; at = buffer.indexOf(tail, at + 1)) {
        const table = readPclntab(region, at - 1);
        if (table !== undefined) return table;
      }
    }
  }
  return undefined;
}

interface Header {
  readonly layout: PclntabLayout;
  readonly quantum: number;
  readonly count: number;
  readonly textStart: number;
  readonly names: number;
  readonly functions: number;
}

function readHeader(view: DataView): Header | undefined {
  const layout = LAYOUTS.get(view.getUint32(0, true));
  const size = layout === "1.2" ? 16 : layout === "1.16" ? 64 : 72;
  if (layout === undefined || view.byteLength < size) return undefined;
  const word = (index: number): number => Number(view.getBigUint64(8 + 8 * index, true));
  const quantum = view.getUint8(6);
  const count = word(0);
  if (layout === "1.2") return { layout, quantum, count, textStart: 0, names: 0, functions: 16 };
  if (layout === "1.16") return { layout, quantum, count, textStart: 0, names: word(2), functions: word(6) };
  return { layout, quantum, count, textStart: word(2), names: word(3), functions: word(7) };
}

function readPclntab(region: Region, offset: number): Pclntab | undefined {
  const { bytes } = region;
  if (bytes.length - offset < 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.length - offset);
  const header = readHeader(view);
  if (header === undefined) return undefined;
  const { layout, count, names, functions } = header;
  const relative = layout === "1.18" || layout === "1.20";
  const field = relative ? 4 : 8;
  // Functions precede their records, and the table ends with the end of the last function.
  const tableEnd = functions + (2 * count + 1) * field;
  if (count < 1 || count > MAX_FUNCTIONS || tableEnd > view.byteLength || names >= view.byteLength)
    return undefined;
  const uint = (at: number): number =>
    relative ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
  const startOf = (index: number): number => uint(functions + 2 * index * field);
  for (let index = 0; index < count; index++) if (startOf(index) > startOf(index + 1)) return undefined;
  if (!Number.isSafeInteger(startOf(count)) || startOf(0) === startOf(count)) return undefined;

  const funcBase = layout === "1.2" ? 0 : functions;
  const recordField = (index: number, at: number): number | undefined => {
    const record = funcBase + uint(functions + (2 * index + 1) * field) + field + at;
    return record + 4 <= view.byteLength ? view.getInt32(record, true) : undefined;
  };
  return {
    layout,
    address: region.address + offset,
    quantum: header.quantum,
    count,
    textStart: header.textStart,
    textStartKnown: !relative || header.textStart !== 0,
    namesAddress: region.address + offset + names,
    startOf,
    nameOf: index => {
      const start = recordField(index, 0);
      return start === undefined || start < 0 ? "" : textAt(view, names + start);
    },
    argsOf: index => recordField(index, 4),
  };
}

function textAt(view: DataView, start: number): string {
  if (start >= view.byteLength) return "";
  const most = Math.min(view.byteLength - start, MAX_NAME);
  const bytes = Buffer.from(view.buffer, view.byteOffset + start, most);
  const length = bytes.indexOf(0);
  return bytes.toString("utf8", 0, length < 0 ? most : length);
}
