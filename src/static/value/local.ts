import type { Body } from "../code/body.ts";
import { Does, offsetAfter } from "../code/stack.ts";
import {
  Condition,
  Flow,
  newInsn,
  Op,
  Ref,
  storedBytes,
  ZERO,
  type ConditionKind,
  type Insn,
} from "../ir.ts";
import type { Effort } from "./effort.ts";
import { locationKey, registerLocation, slotLocation, type Location } from "./location.ts";
import type { MemoryView } from "./memory.ts";
import { boolValues, loadedValues, resultsOf, type Asked } from "./operation.ts";
import { constant, narrowed, unknown, ValueSet, type Value } from "./value.ts";

const MAX_STEPS = 20_000;
const MAX_DEPTH = 8;

/** One walk backwards: what is still to be looked at, and what was found. */
interface Walk {
  readonly todo: { index: number; location: Location }[];
  readonly seen: Set<string>;
  readonly found: ValueSet;
}

/** Answers what a call of a known function can return; undefined for "anything". */
export type ReturnValues = (body: Body, callSite: number) => readonly Value[] | undefined;

/**
 * Finds the values that a register or stack slot can have at a place in one function, by walking its control flow
 * backwards to every definition. What comes from outside of the function is answered in terms of its entry.
 * Stack slots whose address is nowhere a value keep theirs across calls.
 */
export class LocalValues {
  readonly #body: Body;
  readonly #asked: Asked;
  readonly #effort: Effort;
  readonly #returns: ReturnValues;
  /** Addresses where control enters: the start, and interior ones. */
  readonly #entries: ReadonlySet<number>;
  readonly #insns: Insn[] = [];
  readonly #answers = new Map<string, Value[]>();
  #depth = 0;
  #steps = 0;
  readonly #active = new Set<string>();

  constructor(
    body: Body,
    memory: MemoryView,
    returns: ReturnValues,
    entries: ReadonlySet<number>,
    effort: Effort,
  ) {
    this.#effort = effort;
    this.#asked = {
      body,
      memory,
      before: (index, location) => this.#before(index, location),
      isDead: index => this.#isDead(index),
    };
    this.#body = body;
    this.#returns = returns;
    this.#entries = entries;
  }

  /** Values of a register just before the instruction at an address, or just after it. */
  register(address: number, register: number, isAfter = false): Value[] {
    return this.#ask(address, registerLocation(register), isAfter);
  }

  /** Values of `size` bytes on the stack, relative to the stack pointer at entry, just before an instruction or after it. */
  slot(address: number, slot: number, size: number, isAfter = false): Value[] {
    return this.#ask(address, slotLocation(slot, size), isAfter);
  }

  /** Where the stack pointer is before an instruction, or after it, relative to the entry; NaN if unknown. */
  stackAt(address: number, isAfter = false): number {
    const index = this.#body.indexOf(address);
    return isAfter ? offsetAfter(this.#body, index) : (this.#body.stack.offsets[index] ?? Number.NaN);
  }

  /** Answers each question once: the callers of a wrapper are asked again for every site behind it. */
  #ask(address: number, location: Location, isAfter: boolean): Value[] {
    const key = `${address}:${isAfter ? "a" : "b"}:${locationKey(location)}`;
    let values = this.#answers.get(key);
    if (values === undefined) {
      values = this.#answer(address, location, isAfter);
      this.#answers.set(key, values);
    }
    return values;
  }

  #answer(address: number, location: Location, isAfter: boolean): Value[] {
    const index = this.#body.indexOf(address);
    if (index < 0) return [unknown("too-complex", address)];
    this.#steps = 0;
    if (!isAfter) return this.#before(index, location);
    const walk: Walk = { todo: [], seen: new Set(), found: new ValueSet() };
    if (location.register === this.#body.module.machine.stackPointer) {
      const offset = offsetAfter(this.#body, index);
      return [Number.isNaN(offset) ? unknown("arithmetic", address) : { kind: "stack", offset }];
    }
    this.#step(walk, index, location, this.#insnForDepth());
    return this.#run(walk);
  }

  /** Values of a location just before the instruction at an index. */
  #before(index: number, location: Location): Value[] {
    if (location.register === this.#body.module.machine.stackPointer) return [this.#stackPointer(index)];
    const key = `${index}:${locationKey(location)}`;
    if (this.#depth >= MAX_DEPTH || this.#active.has(key))
      return [unknown("arithmetic", this.#address(index))];
    this.#active.add(key);
    this.#depth++;
    const values = this.#run({ todo: [{ index, location }], seen: new Set(), found: new ValueSet() });
    this.#depth--;
    this.#active.delete(key);
    return values;
  }

  #run(walk: Walk): Value[] {
    for (let next = walk.todo.pop(); next !== undefined; next = walk.todo.pop()) {
      this.#walkBack(walk, next.index, next.location);
    }
    return walk.found.values;
  }

  /** Whether no way leads to an instruction: it stands behind a call that does not come back. */
  #isDead(index: number): boolean {
    const body = this.#body;
    const seen = new Set<number>();
    const todo = [index];
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      if (at === body.entry || this.#entries.has(this.#address(at)) || body.openJumps?.to[at] === 1)
        return false;
      if (body.falls[at] === 1) todo.push(at - 1);
      for (const from of body.jumpsTo(at)) todo.push(from);
    }
    return true;
  }

  #stackPointer(index: number): Value {
    const offset = this.#body.stack.offsets[index] ?? Number.NaN;
    return Number.isNaN(offset) ? unknown("arithmetic", this.#address(index)) : { kind: "stack", offset };
  }

  #address(index: number): number {
    return this.#body.starts[index] ?? -1;
  }

  /** Goes back from before an instruction until the location is defined. */
  #walkBack(walk: Walk, start: number, location: Location): void {
    const body = this.#body;
    const insn = this.#insnForDepth();
    let index = start;
    for (;;) {
      if (++this.#steps > MAX_STEPS || !this.#effort.spend(1)) {
        walk.found.add(unknown("too-complex", this.#address(index)));
        return;
      }
      if (body.openJumps?.to[index] === 1) walk.found.add(unknown("too-complex", this.#address(index)));
      const jumps = body.jumpsTo(index);
      const isEntry = index === body.entry || this.#entries.has(this.#address(index));
      if (jumps.length > 0 || isEntry) {
        const key = `${index}:${locationKey(location)}`;
        if (walk.seen.has(key)) return;
        walk.seen.add(key);
        if (isEntry) walk.found.add(this.#atEntry(index, location));
        for (const from of jumps) {
          if (!this.#isDecided(walk, from, location, insn, Condition.equal))
            this.#step(walk, from, location, insn);
        }
      }
      if (body.falls[index] !== 1) return;
      index--;
      if (
        body.flows[index] === Flow.branch &&
        this.#isDecided(walk, index, location, insn, Condition.notEqual)
      )
        return;
      if (!this.#passes(walk, index, location, insn)) return;
    }
  }

  /** Goes back over one instruction, and further later on. */
  #step(walk: Walk, index: number, location: Location, insn: Insn): void {
    if (this.#passes(walk, index, location, insn)) walk.todo.push({ index, location });
  }

  /** A branch on equality tells the value on the way where it holds: by `when`, the way taken or the other one. */
  #isDecided(walk: Walk, from: number, location: Location, insn: Insn, when: ConditionKind): boolean {
    const body = this.#body;
    if (location.register < 0 || location.isLowByte || body.flows[from] !== Flow.branch) return false;
    body.lift(from, insn);
    if (insn.condition !== when) return false;
    if (insn.compared < 0) {
      if (body.falls[from] !== 1 || body.isJumpedTo(from)) return false;
      body.lift(from - 1, insn);
    }
    if (insn.compared !== location.register) return false;
    walk.found.add(constant(insn.comparedTo));
    return true;
  }

  #insnForDepth(): Insn {
    const insn = this.#insns[this.#depth] ?? newInsn();
    this.#insns[this.#depth] = insn;
    return insn;
  }

  #atEntry(index: number, location: Location): Value {
    const at = this.#address(index);
    if (location.register < 0) {
      return { kind: "entry", at, register: -1, slot: location.slot, add: 0, narrow: location.size === 4 };
    }
    if (location.isLowByte) return unknown("arithmetic", at);
    return { kind: "entry", at, register: location.register, slot: 0, add: 0, narrow: false };
  }

  /** Whether the instruction leaves the location alone; otherwise its values are found or put on the list. */
  #passes(walk: Walk, index: number, location: Location, insn: Insn): boolean {
    if (this.#isUntouched(index, location.register)) return true;
    this.#body.lift(index, insn);
    return location.register >= 0
      ? this.#passesRegister(walk, index, location, insn)
      : this.#passesSlot(walk, index, location, insn);
  }

  /** Most instructions have nothing to do with the location, which shows without lifting them. */
  #isUntouched(index: number, register: number): boolean {
    const body = this.#body;
    if (register === body.module.machine.stackPointer) return false;
    switch (body.flows[index]) {
      case Flow.call:
      case Flow.callIndirect:
      case Flow.syscall:
      case Flow.foreignSyscall:
        return false;
      default:
        return register >= 0
          ? (((body.writes[index] ?? -1) >>> register) & 1) === 0
          : ((body.does[index] ?? Does.store) & Does.store) === 0;
    }
  }

  #passesRegister(walk: Walk, index: number, location: Location, insn: Insn): boolean {
    const body = this.#body;
    const { machine } = body.module;
    const { register } = location;
    if (register === machine.stackPointer) {
      walk.found.add(this.#stackPointer(index + 1));
      return false;
    }
    if (insn.flow === Flow.call || insn.flow === Flow.callIndirect) {
      if (((body.preserved >>> register) & 1) === 1) return true;
      const returned = register === machine.result ? this.#returns(body, insn.address) : undefined;
      for (const v of returned ?? [
        unknown(register === machine.result ? "call-result" : "overwritten", insn.address),
      ]) {
        walk.found.add(v);
      }
      return false;
    }
    if (insn.flow === Flow.syscall || insn.flow === Flow.foreignSyscall) {
      if (((machine.syscallClobbers >>> register) & 1) === 0) return true;
      walk.found.add(unknown(register === machine.result ? "syscall-result" : "overwritten", insn.address));
      return false;
    }
    if (((insn.clobbers >>> register) & 1) === 1) {
      walk.found.add(unknown("arithmetic", insn.address));
      return false;
    }
    if (insn.op === Op.exchange && (insn.dst === register || insn.src === register)) {
      walk.todo.push({ index, location: registerLocation(insn.dst === register ? insn.src : insn.dst) });
      return false;
    }
    if (insn.dst !== register && insn.dst2 !== register) return true;
    this.#define(walk, index, location, { ...insn });
    return false;
  }

  /** The instruction sets the register. `insn` is a copy: nested walks lift anew. */
  #define(walk: Walk, index: number, location: Location, insn: Insn): void {
    const { found } = walk;
    const follow = (register: number): void => {
      walk.todo.push({ index, location: registerLocation(register, location.isLowByte) });
    };
    if (insn.op === Op.move && (insn.width === 8 || location.isLowByte)) follow(insn.src);
    else if (insn.op === Op.select && (insn.width === 8 || location.isLowByte) && insn.imm === 0) {
      follow(insn.src);
      follow(insn.src2 >= 0 ? insn.src2 : insn.dst);
    } else if (insn.op === Op.constant) {
      const isAddress = insn.ref >= 0 && (insn.refKind === Ref.taken || insn.refKind === Ref.page);
      if (Number.isNaN(insn.imm)) found.add(unknown("arithmetic", insn.address));
      else if (location.isLowByte) found.add(constant(insn.imm & 0xff));
      else {
        const value = constant(insn.imm, isAddress ? this.#body.module : undefined);
        found.add(insn.width === 4 && !isAddress ? narrowed(value) : value);
      }
    } else if (insn.op === Op.bool) {
      for (const v of boolValues(this.#asked, index, location, insn)) found.add(v);
    } else if (location.isLowByte) {
      for (const v of resultsOf(this.#asked, index, location, insn)) {
        found.add(v.kind === "constant" ? constant(v.value & 0xff) : unknown("arithmetic", insn.address));
      }
    } else for (const v of resultsOf(this.#asked, index, location, insn)) found.add(v);
  }

  #passesSlot(walk: Walk, index: number, location: Location, insn: Insn): boolean {
    const body = this.#body;
    if (insn.flow === Flow.call || insn.flow === Flow.callIndirect) {
      if (this.#isExposed(location.slot)) walk.found.add(unknown("memory", insn.address));
      return true;
    }
    if (insn.op === Op.pushLoad) return this.#passesPush(walk, index, location, { ...insn });
    if (insn.op !== Op.store && insn.op !== Op.storeConstant) return true;
    const offset = this.#storeOffset(index, insn) ?? this.#pointedOffset(walk, index, location, insn);
    if (offset === undefined) return true;
    const size = storedBytes(insn);
    if (offset + size <= location.slot || offset >= location.slot + location.size) return true;
    const isSecond = insn.src2 !== -1 && offset + insn.size === location.slot;
    if ((offset !== location.slot && !isSecond) || insn.size < location.size) {
      walk.found.add(unknown("memory", insn.address));
    } else if (insn.op === Op.storeConstant) {
      const isAddress = insn.ref >= 0 && insn.refKind === Ref.taken;
      const value = constant(insn.imm, isAddress ? body.module : undefined);
      walk.found.add(location.size === 4 ? narrowed(value) : value);
    } else {
      const source = isSecond ? insn.src2 : insn.src;
      if (source === ZERO) walk.found.add(constant(0));
      else if (source < 0) walk.found.add(unknown("memory", insn.address));
      else if (location.size === 8) walk.todo.push({ index, location: registerLocation(source) });
      else
        for (const v of this.#before(index, registerLocation(source)))
          walk.found.add(location.size === 4 ? narrowed(v) : v);
    }
    return false;
  }

  #passesPush(walk: Walk, index: number, location: Location, insn: Insn): boolean {
    const offset = (this.#body.stack.offsets[index] ?? Number.NaN) - insn.size;
    if (offset + insn.size <= location.slot || offset >= location.slot + location.size) return true;
    const isWhole = offset === location.slot && insn.size >= location.size;
    for (const v of isWhole ? loadedValues(this.#asked, index, insn, 0) : [unknown("memory", insn.address)]) {
      walk.found.add(location.size === 4 ? narrowed(v) : v);
    }
    return false;
  }

  /** Offset of what a store writes relative to the entry, when its base is the stack pointer or a frame pointer. */
  #storeOffset(index: number, insn: Insn): number | undefined {
    const { stack, module } = this.#body;
    if (!insn.memory || insn.index >= 0) return undefined;
    const base =
      insn.base === module.machine.stackPointer ? stack.offsets[index] : stack.frames.get(insn.base);
    return base === undefined || Number.isNaN(base) ? undefined : base + insn.disp;
  }

  #isExposed(slot: number): boolean {
    // What lies in the function's own frame does not reach up into the frame of its caller.
    return this.#body.stack.exposed.some(at => at <= slot && (at >= 0 || slot < 0));
  }

  /**
   * A store through some pointer changes the slot only if the pointer can point into this frame: the offset when it is
   * known for certain, else undefined, with an unknown value added when it may be the slot's.
   */
  #pointedOffset(walk: Walk, index: number, location: Location, insn: Insn): number | undefined {
    if (insn.base < 0 || !insn.memory || !this.#isExposed(location.slot)) return undefined;
    const { base, disp, address } = insn;
    const hasIndex = insn.index >= 0;
    const size = insn.size === 0 ? Number.POSITIVE_INFINITY : insn.size;
    const pointers = this.#before(index, registerLocation(base));
    const [only] = pointers;
    if (pointers.length === 1 && only?.kind === "stack" && !hasIndex) return only.offset + disp;
    for (const v of pointers) {
      if (v.kind === "constant" || v.kind === "entry") continue;
      if (v.kind === "stack" && !hasIndex) {
        const offset = v.offset + disp;
        if (offset + size <= location.slot || offset >= location.slot + location.size) continue;
      }
      walk.found.add(unknown("memory", address));
    }
    return undefined;
  }
}
