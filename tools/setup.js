// Brings a fresh clone into a state in which everything can be built: npm packages, and Debian packages when root.
import { spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

export const root = path.resolve(import.meta.dirname, "..");

/** Runs a command in the repository, its output on ours; ends this process with its status when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) {
    console.error(`${command}: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
}

export function installNodePackages() {
  const stamp = path.join(root, "node_modules", ".package-lock.json");
  const lock = path.join(root, "package-lock.json");
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log("• installing npm packages (npm ci)");
  const cache = process.env.npm_config_cache ?? path.join(homedir(), ".npm");
  if (isWritable(cache)) {
    run("npm", ["ci", "--no-fund", "--no-audit"]);
    return;
  }
  const own = mkdtempSync(path.join(tmpdir(), "seccraft-npm-"));
  process.on("exit", () => rmSync(own, { recursive: true, force: true }));
  console.log(`  ${cache} cannot be written; npm keeps what it fetches in ${own} meanwhile`);
  run("npm", ["ci", "--no-fund", "--no-audit"], { env: { ...process.env, npm_config_cache: own } });
}

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs what is missing of the packages listed in a file, one a line, `#` starts a comment. */
export function installDebianPackages(listFile) {
  const wanted = readFileSync(path.join(root, listFile), "utf8")
    .split("\n")
    .map(line => line.replace(/#.*/, "").trim())
    .filter(line => line !== "");
  const query = spawnSync("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\n"], {
    encoding: "utf8",
  });
  if (query.error) {
    console.log("• not a Debian system: tests that need Debian packages are skipped by name");
    return;
  }
  const installed = new Set(
    query.stdout
      .split("\n")
      .filter(line => line.endsWith(" installed"))
      .map(line => line.split(" ")[0]),
  );
  const missing = wanted.filter(name => !installed.has(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    console.log(`• not root, so these Debian packages stay missing: ${missing.join(" ")}`);
    return;
  }
  console.log(`• installing Debian packages: ${missing.join(" ")}`);
  // Services of packages must not start by themselves.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  run("apt-get", ["-qq", "update"], { env, stdio: ["ignore", "ignore", "inherit"] });
  run("apt-get", ["-qq", "install", "-y", "--no-install-recommends", ...missing], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
}
