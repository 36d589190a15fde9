/** An immediate of at most four bytes may stand between a displacement and the next instruction. */
const MOST_BEHIND = 4;

/**
 * Whether any four bytes of code are a distance from there to a place in the data: in position-independent code,
 * addresses are formed in no other way. Takes what is no displacement for one now and then.
 */
export function mayMention(
  code: Uint8Array,
  start: number,
  data: { readonly start: number; readonly end: number },
  alignment: number,
): boolean {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const low = data.start - MOST_BEHIND - start - 4;
  const high = data.end - start - 4;
  for (let at = 0; at + 4 <= code.length; at++) {
    const distance = at + view.getInt32(at, true);
    if (distance < low || distance >= high) continue;
    const next = start + 4 + distance;
    for (let behind = 0; behind <= MOST_BEHIND; behind++) if ((next + behind) % alignment === 0) return true;
  }
  return false;
}

/** Whether a byte of code is that of CALL. */
export function mayCall(file: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (file[at] === 0xe8) return true;
  return false;
}
