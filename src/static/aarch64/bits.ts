const MASK_64 = 0xffff_ffff_ffff_ffffn;

/**
 * The value of a logical immediate (N, immr, imms) at 32 or 64 bits, or undefined for a reserved encoding.
 * Source: Arm Architecture Reference Manual, DecodeBitMasks.
 */
export function logicalImmediate(n: number, immr: number, imms: number, is64: boolean): bigint | undefined {
  const length = 31 - Math.clz32((n << 6) | (~imms & 0x3f));
  if (length < 1 || (n === 1 && !is64)) return undefined;
  const size = 1 << length;
  const ones = imms & (size - 1);
  const rotate = immr & (size - 1);
  if (ones === size - 1) return undefined;
  const element = (1n << BigInt(ones + 1)) - 1n;
  const sizeMask = (1n << BigInt(size)) - 1n;
  const rotated = ((element >> BigInt(rotate)) | (element << BigInt(size - rotate))) & sizeMask;
  let value = 0n;
  for (let at = 0; at < (is64 ? 64 : 32); at += size) value |= rotated << BigInt(at);
  return value & MASK_64;
}

/** A 64-bit pattern as a signed number, NaN beyond 2^53. */
export function signedNumber(value: bigint): number {
  const signed = BigInt.asIntN(64, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

/** `bits` of `word` from `low` on, as a signed number. */
export function signedField(word: number, low: number, bits: number): number {
  return (word << (32 - low - bits)) >> (32 - bits);
}
