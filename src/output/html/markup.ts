/** Text that is HTML already; everything else is escaped where it is put in. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a hole of a template takes; `undefined` and `false` show nothing. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Safe between tags and in a quoted attribute. What cannot be shown is shown as U+FFFD. */
function escapeText(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- HTML cannot hold them
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, "\ufffd")
      .replace(/[&<>"']/g, character => ENTITIES[character] ?? character)
  );
}

function render(content: Content): string {
  if (content === undefined || content === false) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "object") return content.map(render).join("");
  return escapeText(String(content));
}

/** A template whose holes are escaped, unless they are made by this function as well. */
export function html(strings: TemplateStringsArray, ...holes: readonly Content[]): Markup {
  let text = strings[0] ?? "";
  for (const [index, hole] of holes.entries()) text += render(hole) + (strings[index + 1] ?? "");
  return new Markup(text);
}

const LONGEST = 240;

/** Text of somebody else's making, cut to a length that a page can bear. */
export function clipped(text: string, longest: number = LONGEST): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
