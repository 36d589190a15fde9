import { syscallByName } from "../abi/syscalls.ts";
import type { Body } from "./code/body.ts";
import type { FunctionNode } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { Flow, newInsn, type Insn } from "./ir.ts";
import { equalWay, runsWithout, wholeBody } from "./runs.ts";
import type { ValueResolver } from "./value/resolve.ts";

const ENOSYS = 38;
const FS = 0x64;
const REX = 0x40;
const RANDOM = ["arc4random", "arc4random_buf", "arc4random_uniform"];

/**
 * Sites in glibc's arc4random that only run where the kernel does not know getrandom: it waits for /dev/random there. Every
 * kernel with seccomp(2) knows it; both came with Linux 3.17. Source: glibc stdlib/arc4random.c.
 */
export class OldKernel {
  readonly #values: ValueResolver;
  readonly #known = new Map<FunctionNode, ReadonlySet<number>>();

  constructor(values: ValueResolver) {
    this.#values = values;
  }

  /** Whether a site that enters the kernel runs on an old kernel only. */
  isNeeded(node: FunctionNode, site: number): boolean {
    let sites = this.#known.get(node);
    if (sites === undefined) {
      sites = this.#sitesOf(node);
      this.#known.set(node, sites);
    }
    return sites.has(site);
  }

  #sitesOf(node: FunctionNode): ReadonlySet<number> {
    const { syscalls } = node.scan;
    if (syscalls.length < 2 || node.code !== undefined || !isOfRandom(node)) return new Set();
    const random = new Set(syscalls.filter(site => this.#isGetrandom(node, site)));
    if (random.size === 0 || random.size === syscalls.length) return new Set();
    const body = wholeBody(node);
    const never = new Map<number, number>();
    for (let i = 0; i < body.starts.length; i++) {
      const equal = comparesWithEnosys(body, i) ? wayAfter(body, i) : undefined;
      if (equal !== undefined && followsOnly(body, i, random)) never.set(i + 1, equal);
    }
    if (never.size === 0) return new Set();
    const runs = runsWithout(node, body, never);
    return new Set(syscalls.filter(site => !runs.has(body.indexOf(site))));
  }

  #isGetrandom(node: FunctionNode, site: number): boolean {
    const { machine } = node.module;
    const number = syscallByName(machine.name, "getrandom")?.number;
    const values = this.#values.local(node).register(site, machine.numberRegister);
    return values.length > 0 && values.every(v => v.kind === "constant" && v.value === number);
  }
}

/** Whether a function is one of arc4random's, or a part that only these call. */
function isOfRandom(node: FunctionNode): boolean {
  const { module } = node;
  if (!module.isGlibc) return false;
  const starts = new Set(
    RANDOM.flatMap(name =>
      module.exports.get(name).flatMap(index => module.elf.dynamicSymbols[index]?.value ?? []),
    ),
  );
  if (starts.has(node.start)) return true;
  const isAlone = !node.hasUnknownCallers && node.labels.size === 0 && node.interior.size === 0;
  return isAlone && node.callers.every(c => c.node.module === module && starts.has(c.node.start));
}

/** Whether an instruction compares something with the number of the error, or with that of it as a result. */
function comparesWithEnosys(body: Body, index: number): boolean {
  const { elf, machine } = body.module;
  const insn = newInsn();
  body.lift(index, insn);
  if (machine.name === "x86_64")
    return insn.compared >= 0 ? Math.abs(insn.comparedTo | 0) === ENOSYS : comparesMemory(body.module, insn);
  // CMP and CMN with an immediate.
  const word = elf.u32(insn.address) ?? 0;
  return (word & 0x3fc0_001f) === 0x3100_001f && ((word >>> 10) & 0xfff) === ENOSYS;
}

/** CMP r/m32, imm8 with a variable of the thread. */
function comparesMemory({ elf }: Module, { address, length }: Insn): boolean {
  const [prefix, ...rest] = Array.from({ length }, (_, i) => elf.u8(address + i) ?? 0);
  const [opcode, mode = 0] = rest.slice(((rest[0] ?? 0) & 0xf0) === REX ? 1 : 0);
  return prefix === FS && opcode === 0x83 && ((mode >> 3) & 7) === 7 && rest.at(-1) === ENOSYS;
}

/** Index that equality leads to after a comparison; undefined unless the next instruction branches on that. */
function wayAfter(body: Body, index: number): number | undefined {
  const next = index + 1;
  const isNext = body.falls[next] === 1 && !body.isJumpedTo(next) && body.flows[next] === Flow.branch;
  return isNext ? equalWay(body, next) : undefined;
}

/** Whether the last that entered the kernel or was called, on each way to an instruction, is one of some sites. */
function followsOnly(body: Body, index: number, sites: ReadonlySet<number>): boolean {
  const seen = new Set<number>();
  const todo = [index];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (at === body.entry || body.openJumps?.to[at] === 1) return false;
    const before = [...body.jumpsTo(at), ...(body.falls[at] === 1 ? [at - 1] : [])];
    if (before.length === 0) return false;
    for (const from of before) {
      const flow = body.flows[from];
      if (flow === Flow.syscall && sites.has(body.starts[from] ?? -1)) continue;
      if (flow !== Flow.next && flow !== Flow.branch && flow !== Flow.jump) return false;
      todo.push(from);
    }
  }
  return true;
}
