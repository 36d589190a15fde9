// npm run demo: crafts a profile for a real server, with an exercise, and ends on the summary.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { installDebianPackages, installNodePackages, run } from "./setup.js";

const has = program => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** nginx where it is or can be installed, else what a machine with Node has anyway. */
function serverCommand(folder, port) {
  mkdirSync(path.join(folder, "www"));
  writeFileSync(path.join(folder, "www/index.html"), "<h1>It works</h1>\n");
  if (has("nginx")) {
    const file = path.join(folder, "nginx.conf");
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map(name => `  ${name}_temp_path ${folder}/${name};`)
      .join("\n");
    writeFileSync(
      file,
      `daemon off;\nworker_processes 2;\npid ${folder}/nginx.pid;\nerror_log stderr warn;\nevents {}\nhttp {\n${temporary}\n  access_log ${folder}/access.log;\n  server { listen 127.0.0.1:${port}; root ${folder}/www; }\n}\n`,
    );
    return ["nginx", "-e", "stderr", "-c", file];
  }
  if (has("python3"))
    return [
      "python3",
      "-m",
      "http.server",
      String(port),
      "--bind",
      "127.0.0.1",
      "--directory",
      path.join(folder, "www"),
    ];
  const script = `require("node:http").createServer((q, a) => a.end("It works")).listen(${port}, "127.0.0.1")`;
  return [process.execPath, "-e", script];
}

installNodePackages();
installDebianPackages("tools/demo-packages.txt");
console.log("• building");
run(process.execPath, ["tools/build.js"]);

const folder = mkdtempSync(path.join(tmpdir(), "seccraft-demo-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
// nginx's workers are another user.
chmodSync(folder, 0o755);
const port = await freePort();
const server = serverCommand(folder, port);
const url = `http://127.0.0.1:${port}/`;
const exercise = has("curl")
  ? `curl -sSf ${url} ${url} && curl -sS ${url}missing >/dev/null`
  : `"${process.execPath}" -e 'fetch("${url}").then(r => process.exit(r.ok ? 0 : 1))'`;
const args = [
  "craft",
  "--runs",
  "3",
  "--out",
  "seccraft-out",
  "--ready",
  url,
  "--exercise",
  exercise,
  "--",
  ...server,
];
console.log(`\n$ seccraft ${args.map(arg => (/^[\w./:@-]+$/.test(arg) ? arg : `'${arg}'`)).join(" ")}\n`);
run(process.execPath, ["bin/seccraft.js", ...args], { stdio: ["ignore", "inherit", "inherit"] });
