// Programs in Python and Node.js by others, first run when the reading of scripts was settled. Not in the table of co-use.
import { writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fetchAll, site } from "./targets.js";

/** Installs a package of npm beside the folders of the runs. */
function npm(name) {
  return (base, run) => {
    writeFileSync(path.join(base, "package.json"), "{}");
    run("npm", ["install", "--no-fund", "--no-audit", "--ignore-scripts", name], { cwd: base });
  };
}

const bin = (folder, name) => path.join(path.dirname(folder), "node_modules/.bin", name);

/** What a server of files is asked for beside the page of the small workload. */
function files(url) {
  return [
    fetchAll([
      `${url}/big.bin`,
      `-I ${url}/big.bin`,
      `-r 5-900 ${url}/big.bin`,
      `--compressed ${url}/sub/page.txt`,
      `${url}/sub/`,
      `-L ${url}/sub`,
      `-H 'If-Modified-Since: Wed, 21 Oct 2099 07:28:00 GMT' ${url}/`,
      `-H 'If-None-Match: x' ${url}/`,
      `${url}/nothing`,
      `-d x ${url}/`,
      `--path-as-is ${url}/../../etc/passwd`,
    ]),
    `for i in 1 2 3 4 5 6 7 8; do curl -s ${url}/big.bin -o /dev/null & done; wait`,
  ];
}

/** @returns {{name: string, needs: string[], prepare: (folder: string, port: number) => object}[]} */
export const SCRIPTS = [
  {
    name: "http-server (npm)",
    needs: ["curl", "npm"],
    build: npm("http-server@14.1.1"),
    prepare(folder, port) {
      const www = site(folder);
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: [
          process.execPath,
          bin(folder, "http-server"),
          www,
          "-a",
          "127.0.0.1",
          "-p",
          String(port),
          "-g",
          "--cors",
        ],
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: files(url),
      };
    },
  },
  {
    name: "express (npm)",
    needs: ["curl", "npm"],
    build: npm("express@4.21.2"),
    prepare(folder, port) {
      const www = site(folder);
      const url = `http://127.0.0.1:${port}`;
      const script = path.join(path.dirname(folder), "app.js");
      writeFileSync(
        script,
        `const express = require("express"), path = require("path"), [, , www, port] = process.argv;
const app = express();
app.use(express.json(), express.urlencoded({ extended: false }), express.static(www));
app.get("/get", (q, s) => s.download(path.join(www, "big.bin")));
app.post("/echo", (q, s) => s.json(q.body));
app.get("/redirect", (q, s) => s.redirect("/"));
app.get("/throw", () => { throw new Error("asked for"); });
app.listen(Number(port), "127.0.0.1");
`,
      );
      return {
        argv: [process.execPath, script, www, String(port)],
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: [
          ...files(url),
          fetchAll([
            `${url}/get`,
            `-H 'Content-Type: application/json' -d '{"a":1}' ${url}/echo`,
            `-d a=1 ${url}/echo`,
            `-L ${url}/redirect`,
            `${url}/throw`,
          ]),
        ],
      };
    },
  },
  {
    name: "python -m http.server",
    needs: ["curl", "/usr/bin/python3"],
    prepare(folder, port) {
      const www = site(folder);
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: [
          "/usr/bin/python3",
          "-m",
          "http.server",
          "--bind",
          "127.0.0.1",
          "--directory",
          www,
          String(port),
        ],
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: files(url),
      };
    },
  },
];
