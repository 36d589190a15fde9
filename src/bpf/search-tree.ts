import type { Decision } from "./decision.ts";
import type { NumberRange } from "./plan.ts";

/** Finds the range of a number by comparisons: `number >= boundary` goes to `above`. */
export type SearchTree =
  | { readonly kind: "found"; readonly decision: Decision }
  | {
      readonly kind: "split";
      readonly boundary: number;
      readonly above: SearchTree;
      readonly below: SearchTree;
    };

/**
 * The tree with the fewest comparisons on average (D. E. Knuth, Optimum binary search trees, 1971, in the form for
 * keys in the leaves; its bounds on the root of each part make it quadratic).
 * @param weights one per range, not negative
 */
export function optimalTree(ranges: readonly NumberRange[], weights: readonly number[]): SearchTree {
  const n = ranges.length;
  const before = [0];
  for (const weight of weights) before.push((before.at(-1) ?? 0) + weight);
  const cost = new Float64Array(n * n);
  const root = new Int32Array(n * n);
  for (let i = 0; i < n; i++) root[i * n + i] = i;
  for (let length = 2; length <= n; length++) {
    for (let i = 0; i + length <= n; i++) {
      const j = i + length - 1;
      const first = Math.max(i, root[i * n + j - 1] ?? i);
      const last = Math.min(j - 1, root[(i + 1) * n + j] ?? j - 1);
      let least = Number.POSITIVE_INFINITY;
      let best = first;
      for (let k = first; k <= last; k++) {
        const sum = (cost[i * n + k] ?? 0) + (cost[(k + 1) * n + j] ?? 0);
        if (sum < least) {
          least = sum;
          best = k;
        }
      }
      cost[i * n + j] = least + (before[j + 1] ?? 0) - (before[i] ?? 0);
      root[i * n + j] = best;
    }
  }
  const build = (i: number, j: number): SearchTree => {
    if (i === j) return { kind: "found", decision: (ranges[i] as NumberRange).decision };
    const k = root[i * n + j] ?? i;
    const boundary = (ranges[k + 1] as NumberRange).from;
    return { kind: "split", boundary, above: build(k + 1, j), below: build(i, k) };
  };
  return build(0, n - 1);
}
