import { Body } from "../code/body.ts";
import type { Caller, FunctionNode } from "../code/node.ts";
import type { Module } from "../code/module.ts";
import { readGuarded } from "../elf/eh-frame.ts";
import { Flow, newInsn, Op, Ref, storedBytes } from "../ir.ts";
import { DataPointers } from "../load/pointers.ts";
import type { Reach } from "../reach.ts";
import { plus } from "./arithmetic.ts";
import { Effort } from "./effort.ts";
import { LocalValues } from "./local.ts";
import { readConstant, readMemory, type MemoryView } from "./memory.ts";
import {
  constant,
  narrowed,
  unknown,
  valueKey,
  ValueSet,
  type DerefValue,
  type EntryValue,
  type Value,
} from "./value.ts";

const MAX_CONTEXTS = 4000;
const MAX_RETURN_DEPTH = 3;

/** A function together with what is known of its values. */
interface Analysed {
  readonly body: Body;
  readonly values: LocalValues;
}

/** Follows values across functions: from a parameter to every caller, as far as the callers are known. */
export class ValueResolver implements MemoryView {
  readonly #reach: Reach;
  readonly #analysed = new Map<FunctionNode, Analysed>();
  readonly #bodies = new Map<Body, FunctionNode>();
  readonly #writable = new Map<string, readonly Value[] | undefined>();
  readonly #mentions = new Map<Module, Map<number, { node: FunctionNode; site: number }[]>>();
  #pointers: DataPointers | undefined;
  #returnDepth = 0;
  /** Shared by all questions. */
  readonly effort: Effort = new Effort();

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** Values inside of one function. */
  local(node: FunctionNode): LocalValues {
    return this.#analyse(node).values;
  }

  #analyse(node: FunctionNode): Analysed {
    let known = this.#analysed.get(node);
    if (known === undefined) {
      const { module } = node;
      const lsda = module.ranges[node.range]?.lsda ?? -1;
      const body = new Body({
        module,
        start: node.start,
        end: node.end,
        code: node.code,
        guarded: lsda < 0 ? [] : readGuarded(module.elf, node.start, lsda),
        data: everySecond(node.scan.data),
        returnsFrom: target => this.#reach.nodeAt(module, target)?.returns !== false,
        preserved: module.isOwnFunction(node.start)
          ? (module.language?.preserved ?? 0)
          : module.machine.conventions.c.preserved,
      });
      const entries = new Set([...node.interior.keys(), ...node.labels]);
      const values = new LocalValues(body, this, (b, site) => this.#returns(b, site), entries, this.effort);
      known = { body, values };
      this.#analysed.set(node, known);
      this.#bodies.set(body, node);
    }
    return known;
  }

  /** Constants, addresses and unknowns that a value stands for, over all callers. */
  resolve(node: FunctionNode, values: readonly Value[]): Value[] {
    const found = new ValueSet();
    const seen = new Set<string>();
    const todo = values.map(value => ({ node, value }));
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const { value } = next;
      if (value.kind !== "entry" && value.kind !== "deref") {
        found.add(value);
        continue;
      }
      const key = `${next.node.module.id}:${next.node.start}:${valueKey(value)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > MAX_CONTEXTS) {
        found.add(unknown("too-complex", next.node.start));
        break;
      }
      const at = value.kind === "entry" ? value.at : value.pointer.at;
      if (this.hasUnknownCallers(next.node, at)) found.add(unknown("unknown-caller", next.node.start));
      for (const caller of this.callers(next.node, at)) {
        for (const v of this.atCaller(next.node, caller, value)) todo.push({ node: caller.node, value: v });
      }
    }
    return found.values;
  }

  /** The function that starts at an address, if it is reached. */
  reached(module: Module, start: number): FunctionNode | undefined {
    return this.#reach.nodeAt(module, start);
  }

  /** Known places that control comes from into a function at an address. */
  callers(node: FunctionNode, at: number): readonly Caller[] {
    return at === node.start ? node.callers : (node.interior.get(at) ?? []);
  }

  hasUnknownCallers(node: FunctionNode, at: number): boolean {
    return at === node.start ? node.hasUnknownCallers : node.labels.has(at);
  }

  /** What a value in terms of a function's entry is at one of its callers. */
  atCaller(node: FunctionNode, caller: Caller, value: EntryValue | DerefValue): Value[] {
    if (value.kind === "entry") return this.#entryAtCaller(node, caller, value);
    const pointers = this.#entryAtCaller(node, caller, value.pointer);
    const found = new ValueSet();
    for (const p of pointers) {
      for (const v of this.#pointee(caller, plus(p, value.offset), value)) {
        found.add(value.narrow ? narrowed(v) : v);
      }
    }
    return found.values;
  }

  #pointee(caller: Caller, pointer: Value, value: DerefValue): readonly Value[] {
    const { module } = caller.node;
    switch (pointer.kind) {
      case "constant":
        // A null pointer is not followed: the code behind it does not run.
        if (pointer.value === 0) return [];
        return (
          readMemory(this, pointer.module ?? module, pointer.value, value.size, false) ?? [
            unknown("memory", caller.site),
          ]
        );
      case "stack":
        return this.local(caller.node).slot(caller.site, pointer.offset, value.size, !caller.isCall);
      case "entry":
        return [{ ...value, pointer, offset: 0 }];
      default:
        return [unknown("memory", caller.site)];
    }
  }

  #entryAtCaller(node: FunctionNode, caller: Caller, value: EntryValue): Value[] {
    const local = this.local(caller.node);
    let values: Value[];
    if (value.register >= 0) values = local.register(caller.site, value.register, !caller.isCall);
    else {
      const pushed = caller.isCall ? node.module.machine.callPushes : 0;
      const own = value.at === node.start ? 0 : this.local(node).stackAt(value.at);
      const slot = value.slot - own + local.stackAt(caller.site, !caller.isCall) - pushed;
      const isReturnAddress = caller.isCall && value.slot - own < pushed;
      values =
        Number.isNaN(slot) || isReturnAddress
          ? [unknown("memory", caller.site)]
          : local.slot(caller.site, slot, value.narrow ? 4 : 8, !caller.isCall);
    }
    return values.map(v => (value.narrow ? narrowed(plus(v, value.add)) : plus(v, value.add)));
  }

  /** What a directly called function can return, when that is a constant or one of its arguments. */
  #returns(body: Body, site: number): readonly Value[] | undefined {
    const node = this.#bodies.get(body);
    if (node === undefined || this.#returnDepth >= MAX_RETURN_DEPTH) return undefined;
    const insn = newInsn();
    node.module.liftAt(site, insn);
    const callee = insn.flow === Flow.call ? this.#reach.nodeAt(node.module, insn.target) : undefined;
    if (callee === undefined || callee.scan.jumps.length > 0 || callee.code !== undefined) return undefined;
    // Its own tables say how a language's functions return; no number of a syscall comes that way.
    if (callee.module.isOwnFunction(callee.start)) return undefined;
    this.#returnDepth++;
    const analysed = this.#analyse(callee);
    const found = new ValueSet();
    for (let i = 0; i < analysed.body.starts.length; i++) {
      const flow = analysed.body.flows[i];
      if (flow === Flow.jumpIndirect) found.add(unknown("call-result", site));
      if (flow !== Flow.return) continue;
      const address = analysed.body.starts[i] ?? 0;
      for (const v of analysed.values.register(address, node.module.machine.result)) found.add(v);
    }
    this.#returnDepth--;
    const values = found.values;
    return values.length > 0 && values.every(v => v.kind === "constant") ? values : undefined;
  }

  writable(module: Module, address: number, size: number): readonly Value[] | undefined {
    const key = `${module.id}:${address}:${size}`;
    if (!this.#writable.has(key)) {
      // Stores that depend on the word itself add nothing to it.
      this.#writable.set(key, []);
      this.#writable.set(key, this.#readWritable(module, address, size));
    }
    return this.#writable.get(key);
  }

  #readWritable(module: Module, address: number, size: number): readonly Value[] | undefined {
    // A language names the words that keep their value; to find every store to another one its whole code must be read.
    if (module.language !== undefined) return undefined;
    const object = module.objectAround(address, size);
    if (this.#isPointedAt(module, object.start, address + size)) return undefined;
    const found = new ValueSet();
    for (const [at, list] of this.#mentionsOf(module)) {
      if (at < object.start || at >= address + size) continue;
      for (const { node, site } of list) {
        const stored = this.#stored(node, site, at, address, size);
        if (stored === undefined) return undefined;
        for (const v of stored) found.add(v);
      }
    }
    const initial = readConstant(module, address, size, false);
    if (initial === undefined) return undefined;
    found.add(constant(initial));
    return found.values;
  }

  /** What an instruction that mentions `at` puts into the word at `address`; undefined if nobody knows. */
  #stored(
    node: FunctionNode,
    site: number,
    at: number,
    address: number,
    size: number,
  ): readonly Value[] | undefined {
    const insn = newInsn();
    node.module.liftAt(site, insn);
    // Alone, an instruction of AArch64 does not show which address its base register holds.
    const isAlone = insn.refKind === Ref.none && insn.memory;
    const isStore = insn.op === Op.store || insn.op === Op.storeConstant;
    if (insn.refKind === Ref.read || (isAlone && insn.op === Op.load)) return [];
    if (insn.refKind !== Ref.written && !(isAlone && isStore && insn.index < 0)) return undefined;
    if (at + storedBytes(insn) <= address) return [];
    if (at !== address || insn.size < size) return undefined;
    if (insn.op === Op.storeConstant) return [constant(insn.imm)];
    if (insn.op !== Op.store || insn.src < 0) return undefined;
    return this.resolve(node, this.local(node).register(site, insn.src));
  }

  /** Whether data of some module holds an address in a range. */
  #isPointedAt(module: Module, from: number, to: number): boolean {
    this.#pointers ??= new DataPointers(this.#reach.image);
    return this.#pointers.leadInto(module, from, to);
  }

  /** Where reached code mentions data of its own module, by address. */
  #mentionsOf(module: Module): ReadonlyMap<number, { node: FunctionNode; site: number }[]> {
    let map = this.#mentions.get(module);
    if (map !== undefined) return map;
    map = new Map();
    this.#mentions.set(module, map);
    for (const node of this.#reach.nodes) {
      if (node.module !== module) continue;
      const { data } = node.scan;
      for (let i = 0; i < data.length; i += 2) {
        const address = data[i + 1] ?? 0;
        const mention = { node, site: data[i] ?? 0 };
        const list = map.get(address);
        if (list === undefined) map.set(address, [mention]);
        else list.push(mention);
      }
    }
    return map;
  }

  relocated(module: Module, address: number): readonly Value[] | undefined {
    const row = module.slots.get(address);
    if (row === undefined) return undefined;
    const targets = this.#reach.image.slotTargets(module, row);
    return targets.map(t => constant(t.address, t.module));
  }
}

function everySecond(pairs: readonly number[]): number[] {
  return pairs.filter((_, i) => i % 2 === 1);
}
