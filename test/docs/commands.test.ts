import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { type Need, testWith } from "../support/needs.ts";
import { ROOT, temporaryFolder } from "../support/programs.ts";
import { lockThrottles } from "../support/throttles.ts";

interface Block {
  readonly line: number;
  readonly text: string;
  readonly needs: readonly Need[];
  /** Why it is not executed. */
  readonly notRun: string | undefined;
}

/** The `sh` blocks of a page. `<!-- needs: docker -->` and `<!-- not run: REASON -->` before a block speak of it. */
function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const pattern =
    /(?:^<!-- (needs|not run): ([^\n]+?) -->\n+)?^```(?:sh|bash|console|shell)\n([\s\S]*?)^```$/gm;
  for (const match of page.matchAll(pattern)) {
    const [, kind, what = "", text = ""] = match;
    blocks.push({
      line: page.slice(0, match.index).split("\n").length,
      text,
      needs: kind === "needs" ? (what.split(/,\s*/) as Need[]) : [],
      notRun: kind === "not run" ? what : undefined,
    });
  }
  return blocks;
}

/** A folder with seccraft on its PATH, and a server for pages that want one. */
function sandbox(context: { after(body: () => void): void }): { folder: string; env: NodeJS.ProcessEnv } {
  const folder = temporaryFolder(context);
  const bin = path.join(temporaryFolder(context), "bin");
  spawnSync("mkdir", [bin]);
  symlinkSync(path.join(ROOT, "bin/seccraft.js"), path.join(bin, "seccraft"));
  const server = path.join(folder, "server");
  writeFileSync(server, '#!/bin/sh\nexec python3 -m http.server "$2" --bind 127.0.0.1\n');
  chmodSync(server, 0o755);
  return { folder, env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, HOME: folder } };
}

/** In a network of its own, so that a page can use the port that a reader expects. */
function runBlock(block: Block, { folder, env }: ReturnType<typeof sandbox>): void {
  const script = `ip link set lo up\nset -e\n${block.text}`;
  const result = spawnSync("unshare", ["--net", "bash", "-c", script], {
    cwd: folder,
    env,
    encoding: "utf8",
    timeout: 120_000,
  });
  assert.equal(
    result.status,
    0,
    `${block.text}\n${result.stdout.slice(-2000)}\n${result.stderr.slice(-2000)}`,
  );
}

const pages = [
  "README.md",
  ...readdirSync(path.join(ROOT, "docs"))
    .filter(name => name.endsWith(".md"))
    .map(name => `docs/${name}`),
];
for (const page of pages) {
  const blocks = blocksOf(readFileSync(path.join(ROOT, page), "utf8"));
  for (const { line, notRun } of blocks)
    if (notRun !== undefined) void test(`${page}:${line} is not run`, { skip: notRun }, () => undefined);
  const plain = blocks.filter(block => block.notRun === undefined && block.needs.length === 0);
  if (plain.length > 0) {
    testWith(
      ["root", "program:unshare", "program:ip", "program:python3", "program:curl"],
      `the commands of ${page} work in their order`,
      context => {
        const place = sandbox(context);
        for (const block of plain) runBlock(block, place);
      },
    );
  }
  for (const block of blocks.filter(({ needs, notRun }) => needs.length > 0 && notRun === undefined)) {
    testWith(block.needs, `${page}:${block.line} works`, async context => {
      if (block.text.includes("complain")) context.after(await lockThrottles());
      const place = sandbox(context);
      for (const before of plain.filter(({ line }) => line < block.line)) runBlock(before, place);
      const result = spawnSync("bash", ["-ec", block.text], {
        cwd: place.folder,
        env: place.env,
        encoding: "utf8",
        timeout: 120_000,
      });
      assert.equal(result.status, 0, `${block.text}\n${result.stdout}\n${result.stderr}`);
    });
  }
}

test("no page hides a block of commands under another name", () => {
  for (const page of pages)
    for (const [, info] of readFileSync(path.join(ROOT, page), "utf8").matchAll(
      /^```(\S*)\n(?=(?:\$ )?seccraft )/gm,
    ))
      assert.match(info ?? "", /^(?:sh|bash|console|shell)$/, page);
});

testWith(["linux"], "the example of the library works", () => {
  const result = spawnSync(process.execPath, [path.join(ROOT, "examples/two-runs.js")], {
    encoding: "utf8",
    cwd: ROOT,
  });
  assert.equal(result.status, 0, result.stderr);
  assert.match(result.stdout, /ls -l needs \d+ calls more than ls: .*\n/);
  assert.match(result.stdout, /ptrace: \{ kind: 'errno', errno: 1 \}/);
});
