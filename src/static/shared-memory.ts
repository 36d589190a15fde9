import { syscallByName } from "../abi/syscalls.ts";
import type { Caller, FunctionNode } from "./code/node.ts";
import type { Reach } from "./reach.ts";
import type { Step } from "./sites.ts";
import { low32, type Value } from "./value/value.ts";
import type { ValueResolver } from "./value/resolve.ts";

/** Syscalls that bring memory in, and those that let it be written to. */
const MAPPING = ["mmap", "shmat"];
const PROTECTING = ["mprotect", "pkey_mprotect"];
const MAP_SHARED = 1;
const MAP_ANONYMOUS = 0x20;
const PROT_WRITE = 2;
const SHM_RDONLY = 0x1000;
const NO_FILE = 0xffff_ffff;

/** What an argument of a call can be. */
interface Possible {
  /** The numbers among it, as far as they are known. */
  readonly known: readonly number[];
  /** Whether these are all. */
  readonly isAll: boolean;
  /** Whether it is always null or an address in a file's own data or on the stack. */
  readonly isOwn: boolean;
}
type Argument = (index: number) => Possible;

/** Functions that use a mutex, or the attributes of one, and the argument that points to it. Source: pthread.h, threads.h. */
const USING: Readonly<Record<string, number>> = {
  pthread_mutex_init: 1,
  pthread_mutex_lock: 0,
  pthread_mutex_trylock: 0,
  pthread_mutex_timedlock: 0,
  pthread_mutex_clocklock: 0,
  pthread_mutex_unlock: 0,
  pthread_cond_wait: 1,
  pthread_cond_timedwait: 1,
  pthread_cond_clockwait: 1,
  mtx_lock: 0,
  mtx_trylock: 0,
  mtx_timedlock: 0,
  mtx_unlock: 0,
  cnd_wait: 1,
  cnd_timedwait: 1,
};

/**
 * Where a process gets memory that it may write to and has in common with another program, a file that is mapped to be
 * shared or System V shared memory; empty where it uses no mutexes but those in memory that it has from the start. Memory
 * without a file is shared with children only, as long as they run the same program; glibc itself shares memory only to
 * read it. A syscall whose number is not known has a gap of its own.
 */
export function placesOfMutexes(reach: Reach, values: ValueResolver): readonly Step[] {
  const memory = new SharedMemory(reach, values);
  return memory.isInPlaceOfData || memory.usesMutexes() ? memory.places() : [];
}

class SharedMemory {
  readonly #reach: Reach;
  readonly #values: ValueResolver;
  #changesProtection: boolean | undefined;

  constructor(reach: Reach, values: ValueResolver) {
    this.#reach = reach;
    this.#values = values;
  }

  places(): Step[] {
    const found = [
      ...this.#calls(["mmap", "mmap64"], argument => !this.#isOwnMapping(argument)),
      ...this.#calls(["shmat"], argument => !isAlways(argument(2), f => (f & SHM_RDONLY) !== 0)),
      ...this.#made(MAPPING),
    ];
    const seen = new Map(found.map(place => [`${place.node.module.id}:${place.site}`, place]));
    return [...seen.values()];
  }

  /** Whether it may be mapped over a file's own data: the address is given. */
  get isInPlaceOfData(): boolean {
    return (
      this.#calls(["mmap", "mmap64"], a => isGiven(a(0)) && !this.#isOwnMapping(a)).length > 0 ||
      this.#calls(["shmat"], a => isGiven(a(1))).length > 0 ||
      this.#made(MAPPING).length > 0
    );
  }

  /** Whether a mutex is used that is neither a variable of a file nor on the stack. */
  usesMutexes(): boolean {
    return Object.entries(USING).some(([name, index]) =>
      this.#nodesOf([name]).some(
        node =>
          node.hasUnknownCallers ||
          node.callers.some(caller => this.#isOf(caller, argument => !argument(index).isOwn)),
      ),
    );
  }

  #isOwnMapping(argument: Argument): boolean {
    const flags = argument(3);
    // Only where the flags do not tell is the file worth the search for it.
    return (
      isAlways(flags, f => (f & MAP_SHARED) === 0 || (f & MAP_ANONYMOUS) !== 0) ||
      (!flags.isAll && isAlways(argument(4), file => low32(file) === NO_FILE)) ||
      (isAlways(argument(2), protection => (protection & PROT_WRITE) === 0) && !this.#makesWritable())
    );
  }

  #makesWritable(): boolean {
    this.#changesProtection ??=
      this.#calls(PROTECTING, argument => !isAlways(argument(2), p => (p & PROT_WRITE) === 0)).length > 0 ||
      this.#made(PROTECTING).length > 0;
    return this.#changesProtection;
  }

  /** Where code outside of glibc calls one of some functions in a way that `matters`, or may without being seen. */
  #calls(names: readonly string[], matters: (argument: Argument) => boolean, orUnseen = true): Step[] {
    return this.#nodesOf(names).flatMap(node => {
      const places: Step[] = node.callers.filter(caller => this.#isOf(caller, matters));
      return orUnseen && node.hasUnknownCallers ? [...places, this.#handingOut(node)] : places;
    });
  }

  #nodesOf(names: readonly string[]): FunctionNode[] {
    const nodes = names.flatMap(name =>
      this.#reach.image.definitions(name).flatMap(d => this.#reach.nodeAt(d.module, d.symbol.value) ?? []),
    );
    return [...new Set(nodes)];
  }

  /** Whether a call is one of code outside of glibc, in a way that `matters`. */
  #isOf({ node, site, isCall }: Caller, matters: (argument: Argument) => boolean): boolean {
    if (node.module.isGlibc) return false;
    const { callArguments } = node.module.machine;
    return matters(index => this.#valuesOf(node, site, callArguments[index], !isCall));
  }

  /** Where the address of a function becomes a value: the first place found, or the function itself. */
  #handingOut(node: FunctionNode): Step {
    const from = this.#reach.nodes.find(other => other.handsOut.includes(node));
    return from === undefined ? { node, site: node.start } : { node: from, site: from.start };
  }

  /** Where code outside of glibc makes syscalls without glibc's functions for them, with whatever arguments. */
  #made(names: readonly string[]): Step[] {
    const abi = this.#reach.image.program.elf.machine;
    const numbers = names.map(name => syscallByName(abi, name)?.number);
    const isOne = ({ known }: Possible): boolean => known.some(n => numbers.includes(n));
    const entries = this.#reach.nodes
      .filter(node => !node.module.isGlibc)
      .flatMap(node =>
        node.scan.syscalls
          .filter(site => isOne(this.#valuesOf(node, site, node.module.machine.numberRegister, false)))
          .map(site => ({ node, site })),
      );
    return [...this.#calls(["syscall"], argument => isOne(argument(0)), false), ...entries];
  }

  #valuesOf(node: FunctionNode, site: number, register: number | undefined, isAfter: boolean): Possible {
    if (register === undefined) return { known: [], isAll: false, isOwn: false };
    const found = this.#values.resolve(node, this.#values.local(node).register(site, register, isAfter));
    const known = found.flatMap(v => (v.kind === "constant" ? [v.value] : []));
    const isAll = known.length > 0 && known.length === found.length;
    return { known, isAll, isOwn: found.length > 0 && found.every(isOwnAddress) };
  }
}

function isOwnAddress(v: Value): boolean {
  return v.kind === "stack" || (v.kind === "constant" && (v.module !== undefined || v.value === 0));
}

/** Of an address: whether the kernel does not choose it. */
function isGiven(at: Possible): boolean {
  return !isAlways(at, address => address === 0);
}

function isAlways({ known, isAll }: Possible, accepts: (value: number) => boolean): boolean {
  return isAll && known.every(accepts);
}
