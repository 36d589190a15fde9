import process from "node:process";
import picocolors from "picocolors";

type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours only on a terminal and without NO_COLOR; FORCE_COLOR asks for them elsewhere. A CI job is no terminal. */
function colorsFor(stream: { readonly isTTY?: boolean }): Colors {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const wanted = FORCE_COLOR !== undefined && FORCE_COLOR !== "0";
  return picocolors.createColors(
    (NO_COLOR ?? "") === "" && (wanted || (stream.isTTY === true && TERM !== "dumb")),
  );
}

/** For what goes to stdout. */
export const out: Colors = colorsFor(process.stdout);
/** For what goes to stderr. */
export const err: Colors = colorsFor(process.stderr);
