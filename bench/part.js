// What the parts of `npm run bench` have in common: how they say ratios, and how they end.
import process from "node:process";

/** A part that ran to its end and missed a figure ends with this; what crashes in Node ends with 1. */
export const MISSED = 4;

/** Begins a line that `npm run bench` repeats at its end. */
export const MARK = "→ ";

/** Whether a part is to take a moment only, on small inputs, to see that it works. */
export const small = process.argv.includes("small");

/** Says what one thing costs against another. */
export function ratio(what, text) {
  console.log(`${MARK}${what}: ${text}`);
}

/** @param verdict whether the figures hold; in a small run they mean nothing */
export function end(verdict) {
  if (!verdict && !small) process.exitCode = MISSED;
}

/** `1.51 ×` */
export function times(a, b) {
  return `${(a / b).toFixed(2)} ×`;
}
