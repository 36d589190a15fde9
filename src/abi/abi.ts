/**
 * The calling conventions a kernel offers, as seccomp tells them apart.
 * Audit architecture values: include/uapi/linux/audit.h; names: OCI runtime-spec, schema/defs-linux.json.
 */
export type AbiName =
  | "x86_64"
  | "i386"
  | "x32"
  | "aarch64"
  | "arm"
  | "riscv64"
  | "ppc"
  | "ppc64"
  | "ppc64le"
  | "s390"
  | "s390x"
  | "loongarch64"
  | "m68k"
  | "mips"
  | "mipsel"
  | "mips64"
  | "mipsel64"
  | "mips64n32"
  | "mipsel64n32"
  | "sh"
  | "sheb"
  | "parisc"
  | "parisc64";

export interface Abi {
  readonly name: AbiName;
  /** `seccomp_data.arch`, unsigned 32 bits. x32 shares its value with x86_64 and is told apart by `numberBase`. */
  readonly audit: number;
  /** Name in OCI profiles. */
  readonly scmp: `SCMP_ARCH_${string}`;
  readonly bits: 32 | 64;
  readonly bigEndian: boolean;
  /** Added to every number of the table: bit 30 for x32, 4000/5000/6000 for MIPS o32/n64/n32. Numbers in our data include it. */
  readonly numberBase: number;
}

const EM = {
  i386: 3,
  m68k: 4,
  mips: 8,
  parisc: 15,
  ppc: 20,
  ppc64: 21,
  s390: 22,
  arm: 40,
  sh: 42,
  x86_64: 62,
  aarch64: 183,
  riscv: 243,
  loongarch: 258,
};
const IS_64 = 0x8000_0000;
const IS_LE = 0x4000_0000;
const MIPS_N32 = 0x2000_0000;

function abi(
  name: AbiName,
  machine: number,
  scmp: string,
  bits: 32 | 64,
  endian: "le" | "be",
  numberBase = 0,
  extra = 0,
): Abi {
  const audit =
    (machine +
      (bits === 64 || name === "x32" || extra !== 0 ? IS_64 : 0) +
      (endian === "le" ? IS_LE : 0) +
      extra) >>>
    0;
  return { name, audit, scmp: `SCMP_ARCH_${scmp}`, bits, bigEndian: endian === "be", numberBase };
}

/** All of them, the common ones first. */
export const ABIS: readonly Abi[] = [
  abi("x86_64", EM.x86_64, "X86_64", 64, "le"),
  abi("i386", EM.i386, "X86", 32, "le"),
  abi("x32", EM.x86_64, "X32", 32, "le", 0x4000_0000),
  abi("aarch64", EM.aarch64, "AARCH64", 64, "le"),
  abi("arm", EM.arm, "ARM", 32, "le"),
  abi("riscv64", EM.riscv, "RISCV64", 64, "le"),
  abi("ppc", EM.ppc, "PPC", 32, "be"),
  abi("ppc64", EM.ppc64, "PPC64", 64, "be"),
  abi("ppc64le", EM.ppc64, "PPC64LE", 64, "le"),
  abi("s390", EM.s390, "S390", 32, "be"),
  abi("s390x", EM.s390, "S390X", 64, "be"),
  abi("loongarch64", EM.loongarch, "LOONGARCH64", 64, "le"),
  abi("m68k", EM.m68k, "M68K", 32, "be"),
  abi("mips", EM.mips, "MIPS", 32, "be", 4000),
  abi("mipsel", EM.mips, "MIPSEL", 32, "le", 4000),
  abi("mips64", EM.mips, "MIPS64", 64, "be", 5000),
  abi("mipsel64", EM.mips, "MIPSEL64", 64, "le", 5000),
  abi("mips64n32", EM.mips, "MIPS64N32", 32, "be", 6000, MIPS_N32),
  abi("mipsel64n32", EM.mips, "MIPSEL64N32", 32, "le", 6000, MIPS_N32),
  abi("sh", EM.sh, "SH", 32, "le"),
  abi("sheb", EM.sh, "SHEB", 32, "be"),
  abi("parisc", EM.parisc, "PARISC", 32, "be"),
  abi("parisc64", EM.parisc, "PARISC64", 64, "be"),
];

const byName = new Map(ABIS.map(a => [a.name as string, a]));
const byScmp = new Map(ABIS.map(a => [a.scmp as string, a]));

export function abiByName(name: string): Abi | undefined {
  return byName.get(name);
}

export function abiByScmp(scmp: string): Abi | undefined {
  return byScmp.get(scmp);
}

/** The ABI that a `seccomp_data.arch` and number stand for; x32 is x86_64's value with bit 30 set in the number. */
export function abiByAudit(audit: number, number: number): Abi | undefined {
  const found = ABIS.find(a => a.audit === audit >>> 0);
  if (found?.name === "x86_64" && number >= 0x4000_0000 && number !== 0xffff_ffff) return byName.get("x32");
  return found;
}

/** The ABIs that a kernel of this machine runs, its own first. `uname -m` or Node's `process.arch`. */
export function abisOfMachine(machine: string): readonly Abi[] {
  const names: Record<string, AbiName[]> = {
    x64: ["x86_64", "i386", "x32"],
    x86_64: ["x86_64", "i386", "x32"],
    arm64: ["aarch64", "arm"],
    aarch64: ["aarch64", "arm"],
  };
  const own = names[machine] ?? (byName.has(machine) ? [machine as AbiName] : []);
  return own.map(name => byName.get(name) as Abi);
}
