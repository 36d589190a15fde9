// npm run build: TypeScript to dist/, all of that in few files to dist/bundle/, which is what is published, manual pages to
// dist/man/, native/launch.c to dist/native/. `--prebuilt` also cross-compiles for aarch64.
import { rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { bundle } from "./bundle.js";
import { describeCommands } from "./describe-commands.js";
import { compileLaunchers } from "./launcher.js";
import { installNodePackages, root, run } from "./setup.js";

installNodePackages();
rmSync(path.join(root, "dist"), { recursive: true, force: true });
run("node_modules/.bin/tsc", ["-p", "tsconfig.json"]);
await bundle();
await describeCommands();
compileLaunchers(process.argv.includes("--prebuilt"));
