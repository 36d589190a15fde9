import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ROOT } from "../support/programs.ts";

const PAGES = [
  "README.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  ...readdirSync(path.join(ROOT, "docs"))
    .filter(name => name.endsWith(".md"))
    .map(name => `docs/${name}`),
];

const read = (page: string): string => readFileSync(path.join(ROOT, page), "utf8");

/** The page without its blocks of commands. */
const prose = (page: string): string => read(page).replaceAll(/^```[\s\S]*?^```$/gm, "");

/** What GitHub calls the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const headings = [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => text);
  return new Set(
    headings.map(text =>
      text
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\-_ ]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Places that a page names, relative to the root, each with what it names there. */
function linksOf(page: string): { link: string; file: string; anchor: string }[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter(link => !/^[a-z]+:/.test(link))
    .map(link => {
      const [file = "", anchor = ""] = link.split("#");
      return { link, file: file === "" ? page : path.join(path.dirname(page), file), anchor };
    });
}

test("every link of the pages leads to a file and a heading that are there", () => {
  let links = 0;
  for (const page of PAGES)
    for (const { link, file, anchor } of linksOf(page)) {
      links++;
      assert.ok(existsSync(path.join(ROOT, file)), `${page}: ${link}`);
      if (anchor !== "" && file.endsWith(".md")) assert.ok(anchorsOf(file).has(anchor), `${page}: ${link}`);
    }
  assert.ok(links > 30);
});

test("every page of docs/ can be reached from the README", () => {
  const reached = new Set(["README.md"]);
  for (const page of reached)
    for (const { file } of linksOf(page)) if (file.endsWith(".md")) reached.add(path.normalize(file));
  assert.deepEqual(
    PAGES.filter(page => !reached.has(page) && page !== "CHANGELOG.md"),
    [],
  );
});

test("files of the repository that the pages name are there", () => {
  for (const page of PAGES)
    for (const [, file = ""] of prose(page).matchAll(
      /(?<![\w/.])((?:src|test|bench|tools|schema|examples)\/[\w./-]+\.(?:ts|js|json|yml))\b/g,
    ))
      assert.ok(existsSync(path.join(ROOT, file)), `${page}: ${file}`);
});
