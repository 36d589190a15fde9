// npm test: set-up, build, lint, format, tests. `npm test -- PATTERN…` runs only test files whose path contains one.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import process from "node:process";
import { installDebianPackages, installNodePackages, root, run } from "./setup.js";

const patterns = process.argv.slice(2);
installNodePackages();
if (patterns.length === 0) installDebianPackages("test/debian-packages.txt");
console.log("• building");
run(process.execPath, ["tools/build.js"]);
if (patterns.length === 0) {
  console.log("• linting and checking the format");
  run("node_modules/.bin/oxlint", ["--type-aware", "--deny-warnings"]);
  run("node_modules/.bin/biome", ["format", "."]);
}
console.log("• compiling the tests");
run("node_modules/.bin/tsc", ["-p", "tsconfig.test.json"]);

const build = path.join(root, ".build", "test");
const files = readdirSync(build, { recursive: true })
  .map(String)
  .filter(name => name.endsWith(".test.js"))
  .filter(name => patterns.length === 0 || patterns.some(pattern => name.includes(pattern)))
  .sort()
  .map(name => path.join(build, name));
if (files.length === 0) {
  console.error(`no test file's path below test/ contains ${patterns.join(" or ")}`);
  process.exit(2);
}
console.log(`• running ${files.length} test files`);
const args = [
  "--test",
  "--enable-source-maps",
  // A failed test may leave its target running; the file still has to end, and the run to say so.
  "--test-force-exit",
  "--test-timeout=900000",
  `--test-concurrency=${Math.max(1, cpus().length)}`,
  "--test-reporter=spec",
  ...files,
];
const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
child.on("exit", status => process.exit(status ?? 1));
