import { readFileSync } from "node:fs";
import { MachineError } from "../../errors.ts";

/** BTF kinds, include/uapi/linux/btf.h, and the bytes that follow the 12-byte header: fixed, and per member. */
const KIND = {
  int: 1,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  typedef: 8,
  function: 12,
  prototype: 13,
  variable: 14,
  section: 15,
  tag: 17,
  enum64: 19,
} as const;
const FIXED: Readonly<Record<number, number>> = {
  [KIND.int]: 4,
  [KIND.array]: 12,
  [KIND.variable]: 4,
  [KIND.tag]: 4,
};
const PER_MEMBER: Readonly<Record<number, number>> = {
  [KIND.struct]: 12,
  [KIND.union]: 12,
  [KIND.enum]: 8,
  [KIND.prototype]: 8,
  [KIND.section]: 12,
  [KIND.enum64]: 12,
};
const MAGIC = 0xeb9f;

/** What the recorder must know of the running kernel's types. */
export interface KernelTypes {
  /** Type id of a typedef, such as `btf_trace_sys_enter`. */
  typedefId(name: string): number;
  hasTypedef(name: string): boolean;
  /** Byte offset of a member of a struct. */
  offset(struct: string, member: string): number;
}

/**
 * Reads the running kernel's own type information.
 * Format: Documentation/bpf/btf.rst.
 * @throws MachineError when the kernel has none.
 */
export function readKernelTypes(path = "/sys/kernel/btf/vmlinux"): KernelTypes {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new MachineError(
      `the kernel offers no type information at ${path}`,
      "It needs a kernel built with CONFIG_DEBUG_INFO_BTF (all large distributions since 2021), or use --recorder notify.",
      { cause },
    );
  }
  return parseKernelTypes(bytes);
}

function missing(what: string): MachineError {
  return new MachineError(
    `the running kernel has no ${what}`,
    "Its tracepoints differ from those that seccraft knows; use --recorder notify.",
  );
}

/** Parses BTF; only structs and typedefs are kept. */
function parseKernelTypes(bytes: Buffer): KernelTypes {
  if (bytes.length < 24 || bytes.readUInt16LE(0) !== MAGIC)
    throw new MachineError("the kernel's type information is not BTF", "Use --recorder notify.");
  const header = bytes.readUInt32LE(4);
  const start = header + bytes.readUInt32LE(8);
  const end = start + bytes.readUInt32LE(12);
  const strings = header + bytes.readUInt32LE(16);
  const name = (offset: number): string =>
    bytes.toString("latin1", strings + offset, bytes.indexOf(0, strings + offset));

  const typedefs = new Map<string, number>();
  const structs = new Map<string, { at: number; members: number }>();
  for (let at = start, id = 1; at + 12 <= end; id++) {
    const info = bytes.readUInt32LE(at + 4);
    const kind = (info >>> 24) & 0x1f;
    const members = info & 0xffff;
    if (kind === KIND.typedef) typedefs.set(name(bytes.readUInt32LE(at)), id);
    if (kind === KIND.struct && members > 0)
      structs.set(name(bytes.readUInt32LE(at)), { at: at + 12, members });
    at += 12 + (FIXED[kind] ?? 0) + (PER_MEMBER[kind] ?? 0) * members;
  }

  return {
    hasTypedef: wanted => typedefs.has(wanted),
    typedefId(wanted) {
      const id = typedefs.get(wanted);
      if (id === undefined) throw missing(`tracepoint type ${wanted}`);
      return id;
    },
    offset(struct, member) {
      const { at: start, members } = structs.get(struct) ?? { at: 0, members: 0 };
      for (let i = 0; i < members; i++) {
        const at = start + 12 * i;
        if (name(bytes.readUInt32LE(at)) === member) return (bytes.readUInt32LE(at + 8) & 0xff_ffff) / 8;
      }
      throw missing(`field ${struct}.${member}`);
    },
  };
}
