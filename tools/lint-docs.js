// node tools/lint-docs.js [--check]: writes docs/lint.md from the lint rules; with --check only says whether it is right.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { root } from "./setup.js";

const { LINT_RULES } = await import(path.join(root, "dist/profile/lint/lint.js"));

function example(id, name) {
  const text = readFileSync(path.join(root, "testdata/lint", id, `${name}.json`), "utf8");
  const { syscalls, ...rest } = JSON.parse(text);
  return JSON.stringify({ ...rest, syscalls });
}

const pages = LINT_RULES.map(
  rule => `## ${rule.id}

${rule.title}. Severity: ${rule.severity}.

${rule.why}

${rule.fix}

Source: [${rule.source.name}](${rule.source.url})

Found in:

\`\`\`json
${example(rule.id, "fail")}
\`\`\`

Not in:

\`\`\`json
${example(rule.id, "pass")}
\`\`\`
`,
);
const text = `# The rules of \`seccraft lint\`

Made from the rules themselves by \`tools/lint-docs.js\`.

Who reads the profile decides what is wrong with it. Without options it is judged for current versions; \`--target\` names
the reader, \`--runtime-version\` the version of runc, or, as \`NAME=VERSION\`, of crun, youki, docker or libseccomp,
\`--kernel\` that of the host, \`--libc\` the C library of the programs.

A finding that is intended can be suppressed with its reason: in the \`comment\` of a rule of the profile by
\`seccraft-ignore RULE: REASON\`, on the command line by \`--ignore RULE=REASON\`, and in a file for \`--suppressions\` by
lines \`RULE: REASON\`, or \`RULE FILE: REASON\` for one profile. Suppressed findings stay in JSON and SARIF, with the reason.

${pages.join("\n")}`;
const file = path.join(root, "docs/lint.md");
if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") !== text) {
    console.error("docs/lint.md is not what the rules say: run node tools/lint-docs.js");
    process.exit(1);
  }
} else {
  writeFileSync(file, text);
}
