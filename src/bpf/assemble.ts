import type { Decision, Test } from "./decision.ts";
import { optimise } from "./optimise.ts";
import { type ArchPlan, type FilterPlan, Interner, joinRanges } from "./plan.ts";
import { BPF, checkProgram, type Instruction, type Program } from "./program.ts";
import { optimalTree, type SearchTree } from "./search-tree.ts";

const ALL = 0xffff_ffff;
/** Farthest target of a conditional jump. */
const REACH = 255;

/** What the accumulator holds: a word of the data under a mask, or nothing that we rely on. */
interface Accumulator {
  readonly offset: number;
  readonly mask: number;
}

/** Where control goes: a return, which may be copied anywhere, or code at a distance from the end. */
type Target = { readonly value: number } | { readonly position: number };

/**
 * Writes a program from its end to its start, so that every jump's target is already there. A position counts the
 * instructions from an instruction to the end, itself included.
 */
class Writer {
  private readonly reversed: Instruction[] = [];
  /** Positions of the newest return of each value. */
  private readonly returns = new Map<number, number>();

  get position(): number {
    return this.reversed.length;
  }

  push(code: number, k: number, jt = 0, jf = 0): number {
    this.reversed.push({ code, jt, jf, k });
    return this.reversed.length;
  }

  /** A position for a target that an instruction written at most `ahead` instructions from now can jump to. */
  private reach(target: Target, ahead: number): number {
    const limit = this.position + 1 + ahead - REACH - 1;
    if ("value" in target) {
      const near = this.returns.get(target.value);
      if (near !== undefined && near >= limit) return near;
      const made = this.push(BPF.RET_K, target.value);
      this.returns.set(target.value, made);
      return made;
    }
    if (target.position >= limit) return target.position;
    return this.push(BPF.JA, this.position - target.position);
  }

  jump(code: number, k: number, yes: Target, no: Target): number {
    // A trampoline for one side moves the other side one farther.
    const jt = this.reach(yes, 1);
    const jf = this.reach(no, 0);
    return this.push(code, k, this.position - jt, this.position - jf);
  }

  /** Code that starts here: what follows must be written next, before it. */
  start(target: Target): number {
    if ("position" in target && target.position === this.position) return this.position;
    if ("value" in target) return this.push(BPF.RET_K, target.value);
    return this.push(BPF.JA, this.position - target.position);
  }

  finish(): Program {
    return this.reversed.toReversed();
  }
}

interface Emission {
  readonly writer: Writer;
  readonly interner: Interner;
  readonly bigEndian: boolean;
  readonly sizes: Map<Decision, number>;
  readonly done: Map<string, Target>;
}

function offsetOf(word: number, bigEndian: boolean): number {
  return 16 + 4 * (bigEndian ? word ^ 1 : word);
}

/** A rough size, to write the smaller side nearer. */
function sizeOf(decision: Decision, sizes: Map<Decision, number>): number {
  if (decision.kind === "return") return 0;
  const known = sizes.get(decision);
  if (known !== undefined) return known;
  const size = Math.min(1e6, 2 + sizeOf(decision.yes, sizes) + sizeOf(decision.no, sizes));
  sizes.set(decision, size);
  return size;
}

const JUMP_CODES: Readonly<Record<Test["operator"], number>> = {
  eq: BPF.JEQ_K,
  gt: BPF.JGT_K,
  ge: BPF.JGE_K,
};

function emitDecision(emission: Emission, decision: Decision, held: Accumulator | undefined): Target {
  if (decision.kind === "return") return { value: decision.value };
  const { writer, bigEndian, sizes, done, interner } = emission;
  const offset = offsetOf(decision.word, bigEndian);
  const loaded = held?.offset === offset && (held.mask === ALL || held.mask === decision.mask);
  const masked = loaded && held.mask === decision.mask;
  const key = `${interner.id(decision)} ${loaded} ${masked}`;
  const known = done.get(key);
  if (known !== undefined) return known;
  const after: Accumulator = { offset, mask: decision.mask };
  const yesFirst = sizeOf(decision.yes, sizes) >= sizeOf(decision.no, sizes);
  const first = emitDecision(emission, yesFirst ? decision.yes : decision.no, after);
  const second = emitDecision(emission, yesFirst ? decision.no : decision.yes, after);
  const [yes, no] = yesFirst ? [first, second] : [second, first];
  writer.jump(JUMP_CODES[decision.operator], decision.value, yes, no);
  if (!masked && decision.mask !== ALL) writer.push(BPF.AND_K, decision.mask);
  if (!loaded) writer.push(BPF.LD_ABS, offset);
  const target = { position: writer.position };
  done.set(key, target);
  return target;
}

function treeSize(tree: SearchTree, sizes: Map<Decision, number>): number {
  if (tree.kind === "found") return sizeOf(tree.decision, sizes);
  return 1 + treeSize(tree.above, sizes) + treeSize(tree.below, sizes);
}

function emitTree(emission: Emission, tree: SearchTree): Target {
  if (tree.kind === "found") return emitDecision(emission, tree.decision, undefined);
  const aboveFirst = treeSize(tree.above, emission.sizes) >= treeSize(tree.below, emission.sizes);
  const first = emitTree(emission, aboveFirst ? tree.above : tree.below);
  const second = emitTree(emission, aboveFirst ? tree.below : tree.above);
  const [above, below] = aboveFirst ? [first, second] : [second, first];
  return { position: emission.writer.jump(BPF.JGE_K, tree.boundary, above, below) };
}

function emitArch(emission: Emission, arch: ArchPlan): Target {
  const ranges = joinRanges(
    arch.ranges.map(({ from, decision }) => ({ from, decision: optimise(decision, emission.interner) })),
  );
  const only = ranges[0];
  if (ranges.length === 1 && only !== undefined) return emitDecision(emission, only.decision, undefined);
  const tree = optimalTree(ranges, weightsOf(ranges, arch));
  emission.writer.start(emitTree(emission, tree));
  return { position: emission.writer.push(BPF.LD_ABS, 0) };
}

/** Calls by frequency where it is known; otherwise every number below 1024 counts the same. */
function weightsOf(ranges: readonly { from: number }[], arch: ArchPlan): number[] {
  const base = (ranges.at(1)?.from ?? 0) & ~0x3ff;
  return ranges.map((range, index) => {
    const end = ranges[index + 1]?.from ?? 2 ** 32;
    const numbers = Math.max(0, Math.min(end, base + 1024) - Math.max(range.from, base));
    if (arch.frequencies === undefined) return numbers + 0.01;
    let sum = numbers * 1e-6 + 1e-9;
    for (const [number, count] of arch.frequencies) if (number >= range.from && number < end) sum += count;
    return sum;
  });
}

/**
 * The program of a plan: finds the arch by comparing, the number by an optimal search tree, then tests arguments;
 * every load is made once per path.
 * @param bigEndian byte order of the machine that will run it
 * @throws InputError when it has more instructions than the kernel takes
 */
export function assemble(plan: FilterPlan, bigEndian = false): Program {
  const emission: Emission = {
    writer: new Writer(),
    interner: new Interner(),
    bigEndian,
    sizes: new Map(),
    done: new Map(),
  };
  const { writer } = emission;
  let next: Target = emitDecision(emission, emission.interner.intern(plan.other), undefined);
  if (plan.arches.length === 0) {
    writer.start(next);
    return writer.finish();
  }
  const targets = plan.arches.toReversed().map(arch => ({ arch, target: emitArch(emission, arch) }));
  for (const { arch, target } of targets) {
    next = { position: writer.jump(BPF.JEQ_K, arch.audit, target, next) };
  }
  writer.push(BPF.LD_ABS, 4);
  const program = writer.finish();
  checkProgram(program);
  return program;
}
