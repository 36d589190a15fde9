/**
 * What `objdump -d -M no-aliases` says about an AArch64 instruction, as the fields of our IR.
 * Written from the text alone, so that it shares nothing with the lifter.
 */
import { Flow, type Insn, Op, ZERO } from "../../../src/static/ir.ts";

export interface Line {
  readonly address: number;
  readonly word: number;
  readonly mnemonic: string;
  readonly operands: readonly string[];
  readonly text: string;
}

/** `  401000:\td10043ff \tsub\tsp, sp, #0x10` and its like; undefined for all other lines. */
export function parseLine(line: string): Line | undefined {
  const match = /^\s*([0-9a-f]+):\t([0-9a-f]{8}) ?\t(\S+)\s*([^\t/<]*)/.exec(line);
  if (match === null) return undefined;
  const [, address = "", word = "", mnemonic = "", rest = ""] = match;
  const operands = rest.trim().match(/\[[^\]]*\]!?|\{[^}]*\}(?:\[\d+\])?|[^,\s](?:[^,]*[^,\s])?/g) ?? [];
  return {
    address: Number.parseInt(address, 16),
    word: Number.parseInt(word, 16),
    mnemonic,
    operands,
    text: line.trim(),
  };
}

/** An address as objdump prints it, modulo 2^64. */
function addressIn(text: string | undefined): number {
  const digits = /^(?:0x)?([0-9a-f]+)$/.exec(text ?? "")?.[1];
  return digits === undefined ? Number.NaN : Number(BigInt.asIntN(64, BigInt(`0x${digits}`)));
}

/** Number of a general register, 31 for SP, 32 for the zero register, -1 for anything else. */
function register(text: string | undefined): number {
  if (text === undefined) return -1;
  if (text === "sp" || text === "wsp") return 31;
  if (text === "xzr" || text === "wzr") return 32;
  const match = /^[xw](\d+)$/.exec(text);
  return match === null ? -1 : Number(match[1]);
}

const isWide = (text: string | undefined): boolean => text === "sp" || text?.startsWith("x") === true;

/** SVE and SME, of which the lifter promises a superset. */
const isScalable = (line: Line): boolean =>
  ((line.word >>> 25) & 0xf) === 2 || (((line.word >>> 25) & 0xf) === 0 && line.word >>> 31 === 1);

function flowOf(line: Line): { flow: number; target: number } {
  const { mnemonic, operands } = line;
  const target = addressIn(operands.at(-1));
  if (/^(bc?\.al|bc?\.nv|b)$/.test(mnemonic)) return { flow: Flow.jump, target };
  if (mnemonic === "bl") return { flow: Flow.call, target };
  if (/^(bc?\..*|cbn?z|tbn?z)$/.test(mnemonic)) return { flow: Flow.branch, target };
  if (/^br(aa|ab)?z?$/.test(mnemonic)) return { flow: Flow.jumpIndirect, target: -1 };
  if (/^blr(aa|ab)?z?$/.test(mnemonic)) return { flow: Flow.callIndirect, target: -1 };
  if (/^ret(aa|ab)?$/.test(mnemonic)) return { flow: Flow.return, target: -1 };
  if (mnemonic === "svc") return { flow: Flow.syscall, target: -1 };
  if (/^(brk|hlt|udf|hvc|smc|dcps.|eret.*|drps)$/.test(mnemonic)) return { flow: Flow.stop, target: -1 };
  return { flow: Flow.next, target: -1 };
}

const WRITES_NOTHING =
  /^(st(?!64bv|xr|lxr|xp|lxp)|b$|bc?\.|bl|br|cb|tb|ret|svc|brk|hlt|udf|hint|nop|dmb|dsb|isb|msr|prf|ccm|fcmp|fccmp|sys$|dc|ic|bti|setf|rmif|cfinv|csdb|clrex|sb$|yield|wfe|sev|esb)/;
const ATOMIC = /^(ld(add|clr|eor|set|smax|smin|umax|umin)|swp)/;

/** Mask of the general registers and SP that the instruction writes. */
function writtenOf(line: Line): number {
  const { mnemonic, operands } = line;
  const list: number[] = [];
  const memory = operands.findIndex(text => text.startsWith("["));
  const base = memory < 0 ? -1 : register(/^\[(\w+)/.exec(operands[memory] ?? "")?.[1]);
  const moved = operands[memory]?.endsWith("!") ? operands[memory] : operands[memory + 1];
  if (memory >= 0 && moved !== undefined && !(base === 31 && /#0(?!x)/.test(moved))) list.push(base);
  if (ATOMIC.test(mnemonic)) list.push(register(operands[1]));
  else if (/^ld.*p(sw)?$/.test(mnemonic) && !mnemonic.startsWith("ldap")) {
    list.push(register(operands[0]), register(operands[1]));
  } else if (mnemonic.startsWith("casp")) list.push(register(operands[0]), register(operands[1]));
  else if (!WRITES_NOTHING.test(mnemonic)) list.push(register(operands[0]));
  // CPY and SET name what they change with an exclamation mark.
  if (/^(cpy|set[pmeg])/.test(mnemonic)) {
    list.push(
      ...operands.filter(text => text.endsWith("!")).map(text => register(text.replace(/[[\]!]/g, ""))),
    );
  }
  let mask = 0;
  for (const r of list) if (r >= 0 && r < 32) mask |= 1 << r;
  return mask;
}

export interface Meaning {
  op: number;
  dst?: number;
  dst2?: number;
  src?: number;
  src2?: number;
  imm?: number;
  scale?: number;
  width?: number;
  size?: number;
  signed?: boolean;
  base?: number;
  index?: number;
  disp?: number;
  stack?: number;
  stackBase?: number;
}

const number = (text: string | undefined): number =>
  Number(/#(-?(?:0x)?[0-9a-f]+)/.exec(text ?? "")?.[1] ?? 0);
function big(text: string | undefined): bigint {
  return BigInt(/#(-?(?:0x)?[0-9a-f]+)/.exec(text ?? "")?.[1] ?? 0);
}
const safe = (value: bigint): number => {
  const result = Number(BigInt.asIntN(64, value));
  return Number.isSafeInteger(result) ? result : Number.NaN;
};
const sized = (value: bigint, wide: boolean): number =>
  wide ? safe(value) : Number(BigInt.asUintN(32, value));

function arithmetic(line: Line): Meaning | undefined {
  const [a, b, c, e] = line.operands;
  const d = e?.endsWith(" #0") ? undefined : e;
  const [dst, src, src2] = [register(a), register(b), register(c)];
  const width = isWide(a) ? 8 : 4;
  const minus = line.mnemonic.startsWith("sub");
  if (dst === 32) return undefined;
  if (c?.startsWith("#")) {
    const imm = number(c) * (d === "lsl #12" ? 4096 : 1) * (minus ? -1 : 1);
    if (dst === 31 && src === 31) return { op: Op.none, stack: imm };
    if (dst === 31 && width === 4) return { op: Op.none, stack: Number.NaN };
    if (dst === 31) return { op: Op.none, stackBase: src, stack: imm };
    return { op: imm === 0 ? Op.move : Op.add, dst, src, imm, width };
  }
  const extended = /^[us]xt\w/.test(d ?? "");
  if (dst === 31 || (extended && src2 === 32)) return undefined;
  if (minus) {
    if (src === src2 && d === undefined && src !== 31) return { op: Op.constant, dst, imm: 0, width };
    return src2 === 32 && src !== 32 ? { op: Op.move, dst, src, width } : undefined;
  }
  if (extended && !/^[us]xt[wx]/.test(d ?? "")) return undefined;
  if (d?.startsWith("uxtw") && width === 8) return undefined;
  if (d?.startsWith("sxtw") && width === 8) return undefined;
  const shift = number(d);
  if (!extended && d !== undefined && !d.startsWith("lsl") && src2 !== 32) return undefined;
  if (src2 === 32) {
    return src === 32 ? { op: Op.constant, dst, imm: 0 } : { op: Op.move, dst, src, width };
  }
  if (shift > 31) return undefined;
  if (src === 32 && !extended) {
    return shift === 0
      ? { op: Op.move, dst, src: src2, width }
      : { op: Op.shl, dst, src: src2, imm: shift, width };
  }
  return { op: Op.addReg, dst, src, src2, scale: 2 ** shift, width };
}

function logical(line: Line): Meaning | undefined {
  const [a, b, c, d] = line.operands;
  const [dst, src, src2] = [register(a), register(b), register(c)];
  const width = isWide(a) ? 8 : 4;
  if (dst === 32) return undefined;
  const zero = { op: Op.constant, dst, imm: 0, width };
  const isAnd = line.mnemonic.startsWith("and");
  if (c?.startsWith("#")) {
    if (dst === 31 && src === 32) return undefined;
    if (src === 32) return isAnd ? zero : { op: Op.constant, dst, imm: sized(big(c), width === 8), width };
    const op = isAnd ? Op.and : line.mnemonic === "orr" ? Op.or : Op.xor;
    return { op, dst, src, imm: sized(big(c), width === 8), width };
  }
  const shifted = d !== undefined && !d.endsWith("#0");
  if (isAnd) return src === 32 || src2 === 32 ? zero : undefined;
  if (line.mnemonic === "eor") return src === src2 && !shifted ? zero : undefined;
  if (src === 32 && src2 === 32) return zero;
  if (src2 === 32) return { op: Op.move, dst, src, width };
  if (shifted) return undefined;
  return src === 32 ? { op: Op.move, dst, src: src2, width } : { op: Op.orReg, dst, src, src2, width };
}

function bitfield(line: Line): Meaning | undefined {
  const [a, b, c, d] = line.operands;
  const [dst, src] = [register(a), register(b)];
  const width = isWide(a) ? 8 : 4;
  const top = width * 8 - 1;
  const [r, s] = [number(c), number(d)];
  if (dst === 32) return undefined;
  if (src === 32) return { op: Op.constant, dst, imm: 0, width };
  if (line.mnemonic === "sbfm") {
    const size = r === 0 ? { 7: 1, 15: 2, 31: 4 }[s] : undefined;
    return size === undefined ? undefined : { op: Op.signExtend, dst, src, size, width };
  }
  if (s === top) return { op: Op.shr, dst, src, imm: r, width };
  if (s + 1 === r) return { op: Op.shl, dst, src, imm: top - s, width };
  if (r === 0 && s < 52) return { op: Op.and, dst, src, imm: 2 ** (s + 1) - 1, width };
  return undefined;
}

function conditional(line: Line): Meaning | undefined {
  const [a, b, c] = line.operands;
  const [dst, src, src2] = [register(a), register(b), register(c)];
  const width = isWide(a) ? 8 : 4;
  if (dst === 32) return undefined;
  if (src === 32 && src2 === 32) {
    if (line.mnemonic === "csinc") return { op: Op.bool, dst, width };
    if (line.mnemonic === "csinv") return { op: Op.mask, dst, width };
    if (line.mnemonic === "csel") return { op: Op.constant, dst, imm: 0, width };
  }
  if (src === 32 || src2 === 32 || !/^(csel|csinc)$/.test(line.mnemonic)) return undefined;
  return { op: Op.select, dst, src, src2, imm: line.mnemonic === "csinc" ? 1 : 0, width };
}

function address(
  line: Line,
): { base: number; index: number; disp: number; scale: number; stack: number } | undefined {
  const at = line.operands.findIndex(text => text.startsWith("["));
  if (at < 0) return undefined;
  const text = line.operands[at] ?? "";
  const parts = text.replace(/^\[|\]!?$/g, "").split(/,\s*/);
  const base = register(parts[0]);
  const index = register(parts[1]);
  const post = line.operands[at + 1];
  const disp = index >= 0 ? 0 : number(parts[1]);
  const moved = text.endsWith("!") ? disp : post === undefined ? 0 : number(post);
  const scale = index < 0 ? 1 : 2 ** number(parts[2]);
  return { base, index: index === 32 ? -1 : index, disp, scale, stack: base === 31 ? moved : 0 };
}

const orZero = (r: number): number => (r === 32 ? ZERO : r);

/** For accesses of which only this is said: memory changed. */
const noPlace = {};

const LOADS: Readonly<Record<string, { size?: number; signed?: boolean }>> = {
  ldr: {}, ldur: {}, ldtr: {}, ldar: {}, ldxr: {}, ldaxr: {}, ldlar: {},
  ldapur: {}, ldapr: {}, ldaprb: { size: 1 }, ldaprh: { size: 2 }, ldtrb: { size: 1 }, ldtrh: { size: 2 }, ldlarb: { size: 1 }, ldlarh: { size: 2 },
  ldtrsb: { size: 1, signed: true }, ldtrsh: { size: 2, signed: true }, ldtrsw: { size: 4, signed: true },
  ldapurb: { size: 1 }, ldapurh: { size: 2 }, ldapursb: { size: 1, signed: true },
  ldapursh: { size: 2, signed: true }, ldapursw: { size: 4, signed: true },
  ldrb: { size: 1 }, ldurb: { size: 1 }, ldarb: { size: 1 }, ldxrb: { size: 1 }, ldaxrb: { size: 1 },
  ldrh: { size: 2 }, ldurh: { size: 2 }, ldarh: { size: 2 }, ldxrh: { size: 2 }, ldaxrh: { size: 2 },
  ldrsb: { size: 1, signed: true }, ldursb: { size: 1, signed: true },
  ldrsh: { size: 2, signed: true }, ldursh: { size: 2, signed: true },
  ldrsw: { size: 4, signed: true }, ldursw: { size: 4, signed: true },
}; // biome-ignore format: a table

function load(line: Line): Meaning | undefined {
  const kind = LOADS[line.mnemonic];
  const [a, b] = line.operands;
  const dst = register(a);
  if (dst < 0 || dst === 32) return undefined;
  const width = isWide(a) ? 8 : 4;
  const place = address(line) ?? { base: -1, index: -1, disp: addressIn(b), scale: 1, stack: 0 };
  if (kind !== undefined) {
    return { op: Op.load, dst, size: kind.size ?? width, signed: kind.signed ?? false, width, ...place };
  }
  const dst2 = register(b);
  if (!/^(ldp|ldnp|ldpsw)$/.test(line.mnemonic) || dst2 === 32) return undefined;
  const signed = line.mnemonic === "ldpsw";
  return { op: Op.load, dst, dst2, size: signed ? 4 : width, signed, width, ...place };
}

function store(line: Line): Meaning | undefined {
  const { mnemonic, operands } = line;
  const place = /^(cpy|set[pmeg])/.test(mnemonic) ? noPlace : address(line);
  if (place === undefined) return undefined;
  if (/^st(r|ur|tr|lr|llr|lur)[bh]?$/.test(mnemonic)) {
    const src = register(operands[0]);
    if (src < 0) return { op: Op.store, src: -1, ...place };
    const size = mnemonic.endsWith("b")
      ? 1
      : mnemonic.endsWith("h")
        ? 2
        : isWide(operands[0]) || src === 31
          ? 8
          : 4;
    return src === 32
      ? { op: Op.storeConstant, imm: 0, size, ...place }
      : { op: Op.store, src, size, ...place };
  }
  if (/^st(xr|lxr)[bh]?$/.test(mnemonic)) {
    const src = register(operands[1]);
    const size = mnemonic.endsWith("b") ? 1 : mnemonic.endsWith("h") ? 2 : isWide(operands[1]) ? 8 : 4;
    return src === 32
      ? { op: Op.storeConstant, imm: 0, size, ...place }
      : { op: Op.store, src, size, ...place };
  }
  if (/^(stp|stnp|stgp)$/.test(mnemonic)) {
    const [src, src2] = [register(operands[0]), register(operands[1])];
    const size = isWide(operands[0]) ? 8 : 4;
    if (src < 0) return { op: Op.store, src: -1, ...place };
    return { op: Op.store, src: orZero(src), src2: orZero(src2), size, ...place };
  }
  // Everything else that may write memory says only that something unknown was written.
  return /^(st|cas|swp|ldadd|ldclr|ldeor|ldset|ld[su]m|cpy|set[pmeg])/.test(mnemonic)
    ? { op: Op.store, src: -1 }
    : undefined;
}

function meaningOf(line: Line): Meaning | undefined {
  const { mnemonic, operands } = line;
  const dst = register(operands[0]);
  const wide = isWide(operands[0]);
  const width = wide ? 8 : 4;
  if (/^mov[zn]$/.test(mnemonic) && dst < 31) {
    const shift = BigInt(number(operands[2]));
    const value = big(operands[1]) << shift;
    return { op: Op.constant, dst, imm: sized(mnemonic === "movn" ? ~value : value, wide), width };
  }
  if (mnemonic === "movk" && dst < 31) {
    const scale = number(operands[2]);
    return { op: Op.insert, dst, src: dst, scale, imm: safe(big(operands[1]) << BigInt(scale)), width };
  }
  if (/^adrp?$/.test(mnemonic) && dst < 31) return { op: Op.constant, dst, imm: addressIn(operands[1]) };
  if (/^(add|sub)s?$/.test(mnemonic) && dst >= 0) return arithmetic(line);
  if (/^(and|ands|orr|eor)$/.test(mnemonic) && dst >= 0) return logical(line);
  if (
    mnemonic === "orn" &&
    dst >= 0 &&
    dst < 31 &&
    register(operands[1]) === 32 &&
    register(operands[2]) === 32
  ) {
    return { op: Op.constant, dst, imm: wide ? -1 : 0xffff_ffff, width };
  }
  if (/^[us]bfm$/.test(mnemonic)) return bitfield(line);
  if (/^cs(el|inc|inv|neg)$/.test(mnemonic)) return conditional(line);
  return mnemonic.startsWith("ld") ? (load(line) ?? store(line)) : store(line);
}

/** What is wrong with `insn` as the lifting of `line`; empty when nothing is. */
export function disagreements(line: Line, insn: Insn): string[] {
  const wrong: string[] = [];
  const { flow, target } = flowOf(line);
  if (insn.flow !== flow) wrong.push(`flow ${insn.flow}, not ${flow}`);
  if (target !== insn.target) wrong.push(`target ${insn.target}, not ${target}`);
  let written = insn.clobbers;
  if (insn.dst >= 0) written |= 1 << insn.dst;
  if (insn.dst2 >= 0) written |= 1 << insn.dst2;
  if (insn.stack !== 0 || insn.stackBase >= 0 || (insn.op === Op.none && meaningOf(line)?.stack === 0))
    written |= 1 << 31;
  const expected = writtenOf(line);
  if (isScalable(line) ? (written & expected) !== expected : written !== expected)
    wrong.push(`writes ${(written >>> 0).toString(16)}, not ${(expected >>> 0).toString(16)}`);
  if (isScalable(line)) return wrong;
  const meaning = meaningOf(line) ?? { op: Op.none };
  for (const [key, value] of Object.entries(meaning)) {
    const own = insn[key as keyof Insn];
    if (!Object.is(own === 0 ? 0 : own, value === 0 ? 0 : value)) wrong.push(`${key} ${own}, not ${value}`);
  }
  return wrong;
}
