import { newerTwinsOf, olderTwinsOf } from "../abi/twins.ts";

/** Those of `names` that do the work of `name` too, sorted. */
export function twinsBetween(name: string, names: readonly string[]): string[] {
  const twins = new Set([
    ...newerTwinsOf(name).map(({ newer }) => newer),
    ...olderTwinsOf(name).map(({ older }) => older),
  ]);
  return [...new Set(names)].filter(other => twins.has(other)).sort();
}
