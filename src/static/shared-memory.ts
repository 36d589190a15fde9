import { syscallByName } from "../abi/syscalls.ts";
import type { FunctionNode } from "./code/node.ts";
import type { Reach } from "./reach.ts";
import { low32 } from "./value/value.ts";
import type { ValueResolver } from "./value/resolve.ts";

const MAP_SHARED = 1;
const MAP_ANONYMOUS = 0x20;
const PROT_WRITE = 2;
const SHM_RDONLY = 0x1000;
const NO_FILE = 0xffff_ffff;

/** The values that an argument of a call can have, as far as they are known, and whether that is all of them. */
type Argument = (index: number) => { readonly known: readonly number[]; readonly isAll: boolean };

/**
 * Whether a process may write to memory that it has in common with another program: a file that is mapped to be shared, or
 * System V shared memory. Memory without a file is shared with children only, as long as they run the same program; glibc
 * itself shares memory only to read it. A syscall whose number is not known has a gap of its own.
 */
export class SharedMemory {
  readonly #reach: Reach;
  readonly #values: ValueResolver;

  constructor(reach: Reach, values: ValueResolver) {
    this.#reach = reach;
    this.#values = values;
  }

  get isPossible(): boolean {
    const abi = this.#reach.image.program.elf.machine;
    const numbers = ["mmap", "shmat"].map(name => syscallByName(abi, name)?.number);
    return (
      this.#isCalled(["mmap", "mmap64"], argument => !this.#isOwnMapping(argument)) ||
      this.#isCalled(["shmat"], argument => !isAlways(argument(2), f => (f & SHM_RDONLY) !== 0)) ||
      this.#isCalled(["syscall"], argument => argument(0).known.some(n => numbers.includes(n)), false) ||
      this.#entersKernelFor(numbers)
    );
  }

  #isOwnMapping(argument: Argument): boolean {
    return (
      isAlways(argument(3), flags => (flags & MAP_SHARED) === 0 || (flags & MAP_ANONYMOUS) !== 0) ||
      isAlways(argument(4), file => low32(file) === NO_FILE) ||
      (isAlways(argument(2), protection => (protection & PROT_WRITE) === 0) && !this.#makesWritable())
    );
  }

  #makesWritable(): boolean {
    return this.#isCalled(["mprotect"], argument => !isAlways(argument(2), p => (p & PROT_WRITE) === 0));
  }

  /** Whether code outside of glibc calls one of some functions in a way that `matters`, or may without being seen. */
  #isCalled(names: readonly string[], matters: (argument: Argument) => boolean, orUnseen = true): boolean {
    return names.some(name =>
      this.#reach.image.definitions(name).some(d => {
        const node = this.#reach.nodeAt(d.module, d.symbol.value);
        if (node === undefined) return false;
        if (orUnseen && node.hasUnknownCallers) return true;
        return node.callers.some(caller => {
          if (caller.node.module.isGlibc) return false;
          const { callArguments } = caller.node.module.machine;
          return matters(index =>
            this.#valuesOf(caller.node, caller.site, callArguments[index], !caller.isCall),
          );
        });
      }),
    );
  }

  /** Whether code outside of glibc makes one of some syscalls by itself. */
  #entersKernelFor(numbers: readonly (number | undefined)[]): boolean {
    return this.#reach.nodes.some(
      node =>
        !node.module.isGlibc &&
        node.scan.syscalls.some(site =>
          this.#valuesOf(node, site, node.module.machine.numberRegister, false).known.some(n =>
            numbers.includes(n),
          ),
        ),
    );
  }

  #valuesOf(
    node: FunctionNode,
    site: number,
    register: number | undefined,
    isAfter: boolean,
  ): ReturnType<Argument> {
    if (register === undefined) return { known: [], isAll: false };
    const found = this.#values.resolve(node, this.#values.local(node).register(site, register, isAfter));
    const known = found.flatMap(v => (v.kind === "constant" ? [v.value] : []));
    return { known, isAll: known.length > 0 && known.length === found.length };
  }
}

function isAlways({ known, isAll }: ReturnType<Argument>, accepts: (value: number) => boolean): boolean {
  return isAll && known.every(accepts);
}
