import type { AbiName } from "../abi/abi.ts";
import { type Group, groupOf } from "../abi/groups.ts";
import { syscallByNumber } from "../abi/syscalls.ts";
import { decodeAction, encodeAction, letsThrough } from "./action.ts";
import { type FunctionId, type FunctionStore, Operation } from "./function-store.ts";
import { functionFor, type ProfileFunctions } from "./functions.ts";

/** What became of a call between two profiles. */
export type ChangeKind =
  /** No arguments were let through, some or all are now. */
  | "added"
  | "removed"
  /** More arguments than before. */
  | "widened"
  | "narrowed"
  /** Some arguments more, some less. */
  | "shifted"
  /** The same arguments are let through; the rest is answered otherwise. */
  | "answer";

export interface Change {
  readonly kind: ChangeKind;
  readonly name: string;
  readonly group: Group | "unknown";
  /** ABIs on which it is so, the native one first. */
  readonly abis: readonly AbiName[];
  /** What the call's function was and is, on the first of the ABIs. */
  readonly before: FunctionId;
  readonly after: FunctionId;
}

export interface ProfileDiff {
  readonly store: FunctionStore;
  /** Sorted by group, then name. */
  readonly changes: readonly Change[];
  /** What calls that no rule names are answered, where that changed: per ABI, encoded actions. */
  readonly fallbacks: readonly { readonly abi: AbiName; readonly before: number; readonly after: number }[];
}

function opens(value: number): boolean {
  return letsThrough(decodeAction(value));
}

class Comparer {
  readonly store: FunctionStore;
  private readonly gained = new Operation((a, b) => (!opens(a) && opens(b) ? 1 : 0));
  private readonly lost = new Operation((a, b) => (opens(a) && !opens(b) ? 1 : 0));

  constructor(store: FunctionStore) {
    this.store = store;
  }

  private somewhere(operation: Operation, f: FunctionId, g: FunctionId): boolean {
    return this.store.find(this.store.combine(operation, f, g), value => value === 1) !== undefined;
  }

  private opensSomewhere(id: FunctionId): boolean {
    return this.store.find(id, opens) !== undefined;
  }

  kind(before: FunctionId, after: FunctionId): ChangeKind {
    if (!this.opensSomewhere(before) && this.opensSomewhere(after)) return "added";
    if (this.opensSomewhere(before) && !this.opensSomewhere(after)) return "removed";
    const more = this.somewhere(this.gained, before, after);
    const less = this.somewhere(this.lost, before, after);
    if (more && less) return "shifted";
    return more ? "widened" : less ? "narrowed" : "answer";
  }
}

function fallbackValue(profile: ProfileFunctions, abi: AbiName): number {
  const id = profile.abis.get(abi)?.fallback;
  return id === undefined ? encodeAction(profile.unlisted) : (profile.store.constantValue(id) ?? 0);
}

/** What changed from one profile to another, call by call. Both must be of one store. */
export function diffProfiles(a: ProfileFunctions, b: ProfileFunctions): ProfileDiff {
  const comparer = new Comparer(a.store);
  const changes = new Map<string, Change & { readonly abis: AbiName[] }>();
  const abis = [...new Set([a.native, ...a.abis.keys(), ...b.abis.keys()])];
  const fallbacks = abis.flatMap(abi => {
    const [before, after] = [fallbackValue(a, abi), fallbackValue(b, abi)];
    return before === after ? [] : [{ abi, before, after }];
  });
  for (const abi of abis) {
    const numbers = [...(a.abis.get(abi)?.numbers.keys() ?? []), ...(b.abis.get(abi)?.numbers.keys() ?? [])];
    for (const number of [...new Set(numbers)].sort((x, y) => x - y)) {
      const [before, after] = [functionFor(a, abi, number), functionFor(b, abi, number)];
      if (before === after) continue;
      const name = syscallByNumber(abi, number)?.name ?? `syscall_${number}`;
      const kind = comparer.kind(before, after);
      const known = changes.get(`${kind} ${name}`);
      if (known === undefined) {
        changes.set(`${kind} ${name}`, {
          kind,
          name,
          group: groupOf(name) ?? "unknown",
          abis: [abi],
          before,
          after,
        });
      } else known.abis.push(abi);
    }
  }
  const sorted = [...changes.values()].sort((x, y) =>
    x.group !== y.group ? (x.group < y.group ? -1 : 1) : x.name < y.name ? -1 : 1,
  );
  return { store: a.store, changes: sorted, fallbacks };
}
