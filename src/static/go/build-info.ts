import type { Region } from "./pclntab.ts";
import type { Words } from "./regions.ts";

const MAGIC = Buffer.from("\xff Go buildinf:", "latin1");
const MAX_VERSION = 256;
/** The strings themselves follow instead of pointers to them, from Go 1.18 on. */
const INLINE = 2;

/** `go1.21.3` as the toolchain wrote it, since Go 1.13; undefined where it is missing or damaged. Source: debug/buildinfo. */
export function readGoVersion(regions: readonly Region[], words: Words): string | undefined {
  for (const { address, bytes, executable } of regions) {
    if (executable) continue;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = buffer.indexOf(MAGIC); at >= 0; at = buffer.indexOf(MAGIC, at + 1)) {
      const version =
        (buffer[at + 15] ?? 0) & INLINE ? inline(buffer, at + 32) : pointed(words, address + at + 16);
      if (version !== undefined) return version;
    }
  }
  return undefined;
}

function plausible(text: string): string | undefined {
  // Development versions carry more words: devel go1.27-abcdef Tue …
  return /^(go\d|devel )[\x20-\x7e]*$/.test(text) ? text : undefined;
}

function inline(buffer: Buffer, at: number): string | undefined {
  let length = 0;
  let next = at;
  for (let shift = 0; shift < 21; shift += 7) {
    const byte = buffer[next++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return length > MAX_VERSION ? undefined : plausible(buffer.toString("latin1", next, next + length));
}

function pointed(words: Words, address: number): string | undefined {
  const header = words.u64(address);
  if (header === undefined) return undefined;
  const [data, length] = [words.u64(header), words.u64(header + 8)];
  if (data === undefined || length === undefined || length > MAX_VERSION) return undefined;
  return plausible(Buffer.from(words.bytes(data, length)).toString("latin1"));
}
