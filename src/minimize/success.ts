import { parseReady } from "../engine/ready.ts";
import { UsageError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";

/** What makes a run a success, besides its end and its exercises, which always count. */
export type SuccessSpec =
  /** It prints what the untouched runs print; what matches `but` aside. */
  | { readonly kind: "output"; readonly but: RegExp | undefined }
  /** A line of its output matches. */
  | { readonly kind: "match"; readonly pattern: RegExp }
  /** No line of its output, or of what it appends to a file, looks like an error unless an untouched run's does. */
  | { readonly kind: "errors"; readonly file: string | undefined }
  /**
   * A GET is answered with the same status. Only for a target that becomes ready. `local`: no host was given, so it is
   * asked at the container's address.
   */
  | { readonly kind: "http"; readonly url: string; readonly local?: true }
  /** It takes at most this many times what the slowest untouched run takes. */
  | { readonly kind: "time"; readonly factor: number };

/** The forms of a success spec, for help and errors. */
const SUCCESS_FORMS: string =
  "exit, exercise, output, output:REGEX, output-but:REGEX, errors, errors:FILE, http:URL or time:FACTOR";

const KINDS = ["exit", "exercise", "output", "output-but", "errors", "http", "https", "time"];

/**
 * `exit` and `exercise` may be said, and give nothing: they always count.
 * @throws UsageError that says what is wrong with it
 */
export function parseSuccess(text: string): SuccessSpec | undefined {
  const colon = text.indexOf(":");
  const kind = colon < 0 ? text : text.slice(0, colon);
  const value = colon < 0 ? undefined : text.slice(colon + 1);
  const wrong = (reason: string, meant = ""): UsageError =>
    new UsageError(`--success ${JSON.stringify(text)}: ${reason}; write ${SUCCESS_FORMS}${meant}`);
  const pattern = (flags: string): RegExp => {
    try {
      return new RegExp(value ?? "", flags);
    } catch (error) {
      throw wrong((error as Error).message);
    }
  };
  if (value === "") throw wrong("nothing follows the colon");
  switch (kind) {
    case "exit":
    case "exercise":
      if (value !== undefined) throw wrong("it takes no value");
      return undefined;
    case "output":
      return value === undefined
        ? { kind: "output", but: undefined }
        : { kind: "match", pattern: pattern("m") };
    case "output-but":
      if (value === undefined) throw wrong("there is no pattern");
      return { kind: "output", but: pattern("gm") };
    case "errors":
      return { kind: "errors", file: value };
    case "http":
    case "https":
      return serverOf(text, wrong);
    case "time": {
      const factor = Number(value);
      if (!(factor >= 1 && factor <= 1000)) throw wrong("the factor must be from 1 to 1000");
      return { kind: "time", factor };
    }
    default:
      throw wrong("unknown kind", didYouMean(kind, KINDS));
  }
}

function serverOf(text: string, wrong: (reason: string) => UsageError): SuccessSpec {
  try {
    const spec = parseReady(text);
    if (spec.kind === "http") return spec;
  } catch {
    // Said below, in words of this option.
  }
  throw wrong("no http or https URL");
}
