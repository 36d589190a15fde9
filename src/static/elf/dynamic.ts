import type { ElfImage } from "./image.ts";
import { DT, PT } from "./layout.ts";

/** The dynamic section: what ld.so reads. */
export interface Dynamic {
  /** Value of each tag; of tags that may occur several times, the last. */
  readonly values: ReadonlyMap<number, number>;
  readonly needed: readonly string[];
  readonly soname: string | undefined;
  readonly rpath: string | undefined;
  readonly runpath: string | undefined;
  /** File offset of the dynamic string table; -1 if there is none. */
  readonly strings: number;
}

const MAX_ENTRIES = 4096;

/** Reads the dynamic section by its segment; undefined in a static file. */
export function readDynamic(elf: ElfImage): Dynamic | undefined {
  const segment = elf.segments.find(s => s.type === PT.dynamic);
  if (segment === undefined) return undefined;
  const values = new Map<number, number>();
  const needed: number[] = [];
  const count = Math.min(MAX_ENTRIES, Math.floor(segment.fileSize / 16));
  for (let i = 0; i < count; i++) {
    const at = segment.offset + i * 16;
    const tag = elf.u64At(at);
    if (tag === 0) break;
    const value = elf.u64At(at + 8);
    if (tag === undefined || value === undefined) continue;
    if (tag === DT.needed) needed.push(value);
    values.set(tag, value);
  }
  const table = values.get(DT.strtab);
  const strings = table === undefined ? -1 : elf.offsetOf(table);
  const text = (offset: number | undefined): string | undefined =>
    offset === undefined || strings < 0 ? undefined : elf.stringAt(strings + offset);
  return {
    values,
    needed: needed.map(text).filter(name => name !== undefined && name !== "") as string[],
    soname: text(values.get(DT.soname)),
    rpath: text(values.get(DT.rpath)),
    runpath: text(values.get(DT.runpath)),
    strings,
  };
}

/** The program interpreter (ld.so), as the file names it. */
export function readInterpreter(elf: ElfImage): string | undefined {
  const segment = elf.segments.find(s => s.type === PT.interp);
  return segment === undefined ? undefined : elf.stringAt(segment.offset);
}
