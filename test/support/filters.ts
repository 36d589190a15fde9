// Small seccomp filters for x86_64, as bytes of struct sock_filter[]. Sources: linux/bpf_common.h, linux/seccomp.h.
const LOAD_NUMBER = [0x20, 0, 0, 0] as const;
const RETURN = 0x06;
const JUMP_EQUAL = 0x15;

export const RET = {
  kill: 0x8000_0000,
  allow: 0x7fff_0000,
  notify: 0x7fc0_0000,
  errno: (errno: number): number => 0x0005_0000 | errno,
} as const;

function assemble(...instructions: (readonly [number, number, number, number])[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [index, [code, whenTrue, whenFalse, value]] of instructions.entries()) {
    bytes.setUint16(index * 8, code, true);
    bytes.setUint8(index * 8 + 2, whenTrue);
    bytes.setUint8(index * 8 + 3, whenFalse);
    bytes.setUint32(index * 8 + 4, value, true);
  }
  return new Uint8Array(bytes.buffer);
}

/** One answer to every call. */
export function always(action: number): Uint8Array {
  return assemble([RETURN, 0, 0, action]);
}

/** One answer to one call, another to the rest. */
export function only(number: number, action: number, rest: number): Uint8Array {
  return assemble(LOAD_NUMBER, [JUMP_EQUAL, 0, 1, number], [RETURN, 0, 0, action], [RETURN, 0, 0, rest]);
}
