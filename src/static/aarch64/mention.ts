import { signedField } from "./bits.ts";

const PAGE = 4096;

/**
 * Whether code forms an address in the data by ADR, or the address of a page of it by ADRP: the instructions with which
 * position-independent code begins every address.
 */
export function mayMention(
  code: Uint8Array,
  start: number,
  data: { readonly start: number; readonly end: number },
): boolean {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  for (let at = 0; at + 4 <= code.length; at += 4) {
    const word = view.getUint32(at, true);
    if ((word & 0x1f00_0000) !== 0x1000_0000) continue;
    const distance = signedField(word, 5, 19) * 4 + ((word >>> 29) & 3);
    const isPage = word >>> 31 === 1;
    const address = isPage ? (Math.floor((start + at) / PAGE) + distance) * PAGE : start + at + distance;
    if (address > data.start - (isPage ? PAGE : 1) && address < data.end) return true;
  }
  return false;
}

/** Whether a word of code is BL. */
export function mayCall(file: Uint8Array, from: number, to: number): boolean {
  for (let at = from + 3; at < to; at += 4) if (((file[at] ?? 0) & 0xfc) === 0x94) return true;
  return false;
}
