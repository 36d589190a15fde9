// node bench/report.js [--shots FOLDER] FILE…: what the report of several targets' evidence takes: its bytes, and in a
// Chromium the time to the first picture, what axe finds, what the console says and what is asked of the network, in both
// themes. FILE: evidence, or what `bench/held-out/run.js --save FOLDER` writes. --shots keeps pictures and a print of it.
// Needs `npm test` before, which builds, and the Debian package chromium.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { parseEvidence } from "../dist/evidence/codec.js";
import { joinEvidence } from "../dist/evidence/join.js";
import { renderReport } from "../dist/output/html/page.js";

const OPENINGS = 5;
const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const FIRST_PICTURE = `new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntriesByName("first-contentful-paint")[0]?.startTime)).observe({ type: "paint", buffered: true }))`;
const axe = readFileSync(path.resolve(import.meta.dirname, "../node_modules/axe-core/axe.min.js"), "utf8");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shots: { type: "string" } },
});
if (positionals.length === 0) throw new Error("name files of evidence");

const parts = [];
for (const file of positionals) {
  const text = readFileSync(file, "utf8");
  const saved = JSON.parse(text);
  parts.push(await parseEvidence(saved.evidence === undefined ? text : JSON.stringify(saved.evidence), file));
}
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-report-"));
const file = path.join(folder, "report.html");
const html = renderReport({ evidence: joinEvidence(...parts) });
writeFileSync(file, html);
process.stdout.write(`${parts.length} targets: ${Buffer.byteLength(html)} bytes\n`);

async function open(browser, complaints) {
  const page = await browser.newPage();
  page.on("console", message => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", error => complaints.push(`error: ${error.message}`));
  page.on("request", request => {
    if (request.url() !== `file://${file}`) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${file}`);
  return page;
}

async function violations(page) {
  await page.evaluate(axe);
  const { violations: found, passes } = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(LEVELS)} })`,
  );
  return `${found.length} violations (${passes.length} rules passed)${found.map(({ id, nodes }) => ` ${id}: ${nodes[0].html.slice(0, 100)}`).join("")}`;
}

async function measure(browser, theme) {
  const complaints = [];
  const times = [];
  for (let i = 0; i < OPENINGS; i++) {
    const page = await open(browser, complaints);
    times.push(Math.round(await page.evaluate(FIRST_PICTURE)));
    await page.close();
  }
  const page = await open(browser, complaints);
  process.stdout.write(
    `${theme}: first picture after ${times.join(", ")} ms; axe: ${await violations(page)}`,
  );
  process.stdout.write(`; console, errors, requests: ${complaints.join("; ") || "none"}\n`);
  if (values.shots === undefined) return;
  await page.screenshot({ path: path.join(values.shots, `${theme}.png`), fullPage: true });
  await page.screenshot({ path: path.join(values.shots, `${theme}-top.png`) });
  if (theme === "light") await page.pdf({ path: path.join(values.shots, "print.pdf"), format: "A4" });
}

try {
  for (const colorScheme of ["light", "dark"]) {
    const browser = await chromium.launchPersistentContext(path.join(folder, colorScheme), {
      executablePath: "/usr/bin/chromium",
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
      viewport: { width: 1280, height: 900 },
      colorScheme,
    });
    try {
      await measure(browser, colorScheme);
    } finally {
      await browser.close();
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
