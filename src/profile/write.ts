import { type Abi, type AbiName, ABIS } from "../abi/abi.ts";
import { syscallByName, syscallByNumber } from "../abi/syscalls.ts";
import { InputError } from "../errors.ts";
import { decodeAction, encodeAction, letsThrough } from "./action.ts";
import { subsetCounterexample } from "./algebra.ts";
import { type ConditionStyle, rulesFor, type WrittenRule } from "./conditions.ts";
import { writtenAction } from "./derive.ts";
import type { ProfileDocument, RuleDocument } from "./document.ts";
import { type FunctionId, TooComplex } from "./function-store.ts";
import { type AbiFunctions, functionFor, functionsOf, type ProfileFunctions } from "./functions.ts";
import { multiplexed } from "./multiplex.ts";
import { resolveProfile } from "./resolve.ts";

export interface WriteOptions {
  /** What to do with calls for which no exact rules exist: let more through, or less. An error when absent. */
  readonly approximate?: "allow" | "deny";
}

export interface Written {
  readonly document: ProfileDocument;
  /** Names whose rules are only approximately what was wanted, sorted. */
  readonly approximated: readonly string[];
}

interface Named {
  readonly name: string;
  /** The ABIs that have the call, the native one first. */
  readonly abis: readonly Abi[];
}

function isUnlisted(profile: ProfileFunctions, functions: AbiFunctions): boolean {
  return (
    functions.numbers.size === 0 &&
    functions.fallback === profile.store.constant(encodeAction(profile.unlisted))
  );
}

/** ABIs that must be listed: those that do not simply do what an ABI that is not listed does. */
function listedAbis(profile: ProfileFunctions): Abi[] {
  const listed = [...profile.abis].filter(
    ([name, functions]) => name === profile.native || !isUnlisted(profile, functions),
  );
  const names = new Set(listed.map(([name]) => name));
  return ABIS.filter(abi => names.has(abi.name));
}

function namedCalls(profile: ProfileFunctions, abis: readonly Abi[]): Named[] {
  const names = new Set<string>();
  for (const abi of abis) {
    for (const number of profile.abis.get(abi.name)?.numbers.keys() ?? []) {
      const name = syscallByNumber(abi.name, number)?.name;
      if (name === undefined) {
        throw new InputError(`number ${number} of ${abi.name} has no name, and profiles know names alone`);
      }
      names.add(name);
    }
  }
  const nativeFirst = [...abis].sort(
    (a, b) => Number(b.name === profile.native) - Number(a.name === profile.native),
  );
  return [...names].sort().map(name => ({
    name,
    abis: nativeFirst.filter(abi => syscallByName(abi.name, name) !== undefined),
  }));
}

function functionOfName(profile: ProfileFunctions, abi: AbiName, name: string): FunctionId {
  const number = syscallByName(abi, name)?.number;
  return number === undefined ? profile.store.constant(0) : functionFor(profile, abi, number);
}

/** Whether rules for other names already say all about this one: `socketcall` by those for `socket`. */
function isMultiplexer(name: string): boolean {
  return name === "socketcall" || name === "ipc";
}

/** A call, and when it is a multiplexer all those that it stands for, whose rules become its own. */
function withMembers(named: Named, all: readonly Named[]): readonly Named[] {
  if (!isMultiplexer(named.name)) return [named];
  const stands = (name: string): boolean =>
    named.abis.some(abi => multiplexed(abi.name, name)?.through === named.name);
  return [named, ...all.filter(each => stands(each.name))];
}

class ProfileWriter {
  readonly profile: ProfileFunctions;
  readonly abis: readonly Abi[];
  readonly fallback: FunctionId;
  readonly rules: Map<string, readonly WrittenRule[]> = new Map();

  constructor(profile: ProfileFunctions) {
    this.profile = profile;
    this.abis = listedAbis(profile);
    const fallbacks = new Set(this.abis.map(abi => profile.abis.get(abi.name)?.fallback));
    const [only] = fallbacks;
    if (fallbacks.size !== 1 || only === undefined || profile.store.constantValue(only) === undefined) {
      const names = this.abis.map(abi => abi.name).join(", ");
      throw new InputError(`the default action is not the same on ${names}, and a profile has one for all`);
    }
    this.fallback = only;
  }

  /** Writes the rules of a call. False when that takes too many. */
  write(named: Named, style: ConditionStyle): boolean {
    const [abi] = named.abis;
    if (abi === undefined) return false;
    const id = functionOfName(this.profile, abi.name, named.name);
    try {
      this.rules.set(named.name, rulesFor(this.profile.store, id, this.fallback, abi.bits, style));
      return true;
    } catch (error) {
      if (!(error instanceof TooComplex)) throw error;
      return false;
    }
  }

  /** Replaces what cannot be said exactly by more or by less. */
  approximate(named: Named, side: "allow" | "deny"): void {
    const { store } = this.profile;
    const values = named.abis.map(abi => functionOfName(this.profile, abi.name, named.name));
    const opens = values.some(id => store.find(id, value => letsThrough(decodeAction(value))) !== undefined);
    const allow = encodeAction({ kind: "allow" });
    const all = side === "allow" && opens && this.fallback !== store.constant(allow);
    const deny = side === "deny" && this.lets(this.fallback);
    if (all) this.rules.set(named.name, [{ action: allow, conditions: [] }]);
    else if (deny)
      this.rules.set(named.name, [{ action: encodeAction({ kind: "errno", errno: 1 }), conditions: [] }]);
    else this.rules.delete(named.name);
  }

  private lets(id: FunctionId): boolean {
    return letsThrough(decodeAction(this.profile.store.constantValue(id) ?? 0));
  }

  document(): ProfileDocument {
    const groups = new Map<string, { names: string[]; rules: readonly WrittenRule[] }>();
    for (const [name, rules] of [...this.rules].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const key = JSON.stringify(rules, stringify);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { names: [name], rules });
      else group.names.push(name);
    }
    // What most people look for first: the long list of calls that are simply allowed.
    const order = [...groups.values()].sort((a, b) => b.names.length - a.names.length);
    const syscalls = order.flatMap(({ names, rules }) => rules.map(rule => writtenRule(names, rule)));
    const { name, errnoRet } = writtenAction(
      decodeAction(this.profile.store.constantValue(this.fallback) ?? 0),
    );
    return {
      defaultAction: name,
      ...(errnoRet === undefined ? {} : { defaultErrnoRet: errnoRet }),
      architectures: this.abis.map(abi => abi.scmp),
      ...(this.profile.flags === undefined ? {} : { flags: this.profile.flags }),
      syscalls,
    };
  }

  /** What a runtime would make of the document, or the name whose rules libseccomp refuses. */
  check(): ProfileFunctions | string {
    const document = this.document();
    try {
      const host = { abi: this.profile.native, capabilities: [], kernel: "6.1" };
      return functionsOf(resolveProfile(document, host, { enosysStub: false }), this.profile.store);
    } catch (error) {
      const index =
        error instanceof InputError ? /^syscalls\[(\d+)\]/.exec(error.place.field ?? "")?.[1] : undefined;
      const name = index === undefined ? undefined : document.syscalls?.[Number(index)]?.names[0];
      if (name === undefined) throw error;
      return name;
    }
  }

  /** Names whose functions are not what was wanted, sorted. */
  wrong(named: readonly Named[]): Named[] {
    const made = this.check();
    if (typeof made === "string") return named.filter(each => this.sharesRules(each.name, made));
    const numbers = (abi: Abi): Set<number> =>
      new Set([
        ...(this.profile.abis.get(abi.name)?.numbers.keys() ?? []),
        ...(made.abis.get(abi.name)?.numbers.keys() ?? []),
      ]);
    const names = new Set<string>();
    for (const abi of this.abis) {
      for (const number of numbers(abi)) {
        const same = functionFor(this.profile, abi.name, number) === functionFor(made, abi.name, number);
        if (!same) names.add(syscallByNumber(abi.name, number)?.name ?? "");
      }
    }
    const known = named.filter(each => names.delete(each.name));
    // Rules for a call also change its multiplexer, and the other way round.
    const extra = [...names].map(name => ({
      name,
      abis: this.abis.filter(abi => syscallByName(abi.name, name) !== undefined),
    }));
    return [...known, ...extra];
  }

  private sharesRules(a: string, b: string): boolean {
    return JSON.stringify(this.rules.get(a), stringify) === JSON.stringify(this.rules.get(b), stringify);
  }
}

function stringify(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

function writtenRule(names: readonly string[], rule: WrittenRule): RuleDocument {
  const { name, errnoRet } = writtenAction(decodeAction(rule.action));
  return {
    names,
    action: name,
    ...(errnoRet === undefined ? {} : { errnoRet }),
    ...(rule.conditions.length === 0 ? {} : { args: rule.conditions }),
  };
}

function whyNot(profile: ProfileFunctions, named: Named): string {
  const states = named.abis.map(abi => {
    const id = functionOfName(profile, abi.name, named.name);
    const value = profile.store.constantValue(id);
    const lets =
      value === undefined ? "for some arguments" : letsThrough(decodeAction(value)) ? "always" : "never";
    return `${lets} on ${abi.name}`;
  });
  return `${named.name} (${states.length === 0 ? "through a multiplexer" : `allowed ${states.join(", ")}`})`;
}

/**
 * A document that means exactly what the functions say when runc and libseccomp carry it out; this is verified.
 * @throws InputError that names the calls for which no rules say it and nothing was said about approximating
 */
export function writeProfile(profile: ProfileFunctions, options: WriteOptions = {}): Written {
  const writer = new ProfileWriter(profile);
  const named = namedCalls(profile, writer.abis);
  for (const each of named) if (!isMultiplexer(each.name)) writer.write(each, "readable");
  const failed = writeExactly(writer, named);
  if (failed.length === 0) return { document: writer.document(), approximated: [] };
  const side = options.approximate;
  if (side === undefined) {
    const shown = failed.slice(0, 5).map(each => whyNot(profile, each));
    const more = failed.length > 5 ? `; and ${failed.length - 5} more` : "";
    throw new InputError(
      `no rules say exactly this: ${shown.join("; ")}${more}. Approximate it by allowing or denying more (--approximate)`,
    );
  }
  const approximated = new Set<string>();
  let wrong: readonly Named[] = failed;
  while (wrong.length > 0) {
    for (const each of wrong.flatMap(name => withMembers(name, named))) {
      writer.approximate(each, side);
      approximated.add(each.name);
    }
    wrong = writer.wrong(named).filter(each => !approximated.has(each.name));
  }
  proveSide(profile, writer, side);
  return { document: writer.document(), approximated: [...approximated].sort() };
}

/**
 * Writes again, in the next style, what did not come out right: a multiplexer's rules of its own where those of its
 * calls do not suffice, masks where libseccomp mixes up orders. Returns what comes out right in no style.
 */
function writeExactly(writer: ProfileWriter, named: readonly Named[]): Named[] {
  const styles = new Map<string, ConditionStyle>();
  const failed = new Map<string, Named>();
  for (;;) {
    const wrong = writer.wrong(named).filter(each => !failed.has(each.name));
    if (wrong.length === 0) return [...failed.values()];
    for (const each of wrong) {
      const before = styles.get(each.name) ?? (isMultiplexer(each.name) ? undefined : "readable");
      const next = before === undefined ? "readable" : "masks";
      if (before === "masks" || !writer.write(each, next)) failed.set(each.name, each);
      styles.set(each.name, next);
    }
  }
}

function proveSide(profile: ProfileFunctions, writer: ProfileWriter, side: "allow" | "deny"): void {
  const made = writer.check();
  if (typeof made === "string")
    throw new InputError(`libseccomp refuses every way to write the rules for ${made}`);
  const counter =
    side === "allow" ? subsetCounterexample(profile, made) : subsetCounterexample(made, profile);
  if (counter !== undefined)
    throw new InputError(`${counter.name} on ${counter.abi} cannot even be approximated`);
}
