// Programs that were first run when the rules of the policies and their figures were settled. Not in the table of co-use.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fetchAll, site, until } from "./targets.js";

/** @returns {{name: string, needs: string[], prepare: (folder: string, port: number) => object}[]} */
export const FRESH = [
  {
    name: "squid",
    needs: ["squid", "curl", "/usr/bin/python3"],
    prepare(folder, port) {
      const www = site(folder);
      spawnSync("chmod", ["777", folder]);
      const conf = path.join(folder, "squid.conf");
      writeFileSync(
        conf,
        `http_port 127.0.0.1:${port}\nhttp_access allow all\ncache_mem 8 MB\npid_filename ${folder}/pid\naccess_log ${folder}/access.log\ncache_log ${folder}/cache.log\ncoredump_dir ${folder}\nnetdb_filename none\npinger_enable off\nunlinkd_program /bin/true\nshutdown_lifetime 0 seconds\n`,
      );
      const origin = `/usr/bin/python3 -m http.server ${port + 1} --bind 127.0.0.1 --directory ${www} >/dev/null 2>&1 & p=$!; ${until(`curl -sf http://127.0.0.1:${port + 1}/ -o /dev/null`)}`;
      const get = (what, more = "") =>
        `curl -s ${more} -x http://127.0.0.1:${port} http://127.0.0.1:${port + 1}${what} -o /dev/null`;
      return {
        argv: ["squid", "-N", "-f", conf],
        ready: `tcp:${port}`,
        small: [`${origin}; ${get("/")}; kill $p`],
        large: [
          `${origin}; ${get("/big.bin")}; ${get("/big.bin")}; ${get("/sub/")}; ${get("/none")}; ${get("/big.bin", "-r 5-900")}; for i in 1 2 3 4 5 6; do ${get("/big.bin")} & done; sleep 1; ${get("/", "-p")}; kill $p; true`,
          `kill -USR1 $SECCRAFT_PID; sleep 0.4; kill -HUP $SECCRAFT_PID; sleep 1; curl -s -x http://127.0.0.1:${port} http://127.0.0.1:1/ -o /dev/null; true`,
        ],
      };
    },
  },
  {
    name: "git daemon",
    needs: ["/usr/lib/git-core/git-daemon", "git"],
    prepare(folder, port) {
      const git = (...words) =>
        spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...words], { cwd: folder });
      for (const name of ["one", "two"]) {
        git("init", "-q", name);
        writeFileSync(path.join(folder, name, "file"), "text\n".repeat(5000));
        git("-C", name, "add", ".");
        git("-C", name, "commit", "-qm", "first");
      }
      const url = `git://127.0.0.1:${port}`;
      return {
        argv: [
          "/usr/lib/git-core/git-daemon",
          "--reuseaddr",
          "--listen=127.0.0.1",
          `--port=${port}`,
          "--export-all",
          `--base-path=${folder}`,
          "--enable=upload-archive",
        ],
        ready: `tcp:${port}`,
        small: [`rm -rf ${folder}/copy; git clone -q ${url}/one ${folder}/copy`],
        large: [
          `git clone -q --depth 1 ${url}/two ${folder}/deep; git ls-remote ${url}/one | grep HEAD`,
          `git ls-remote ${url}/none; for i in 1 2 3 4; do git clone -q ${url}/two ${folder}/c$i & done; wait; test -f ${folder}/c4/file`,
        ],
      };
    },
  },
  {
    name: "openssl s_server",
    needs: ["openssl", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      spawnSync(
        "openssl",
        [
          "req",
          "-x509",
          "-newkey",
          "rsa:2048",
          "-nodes",
          "-keyout",
          "key",
          "-out",
          "cert",
          "-subj",
          "/CN=localhost",
        ],
        { cwd: www },
      );
      const url = `https://127.0.0.1:${port}`;
      return {
        argv: [
          "openssl",
          "s_server",
          "-accept",
          `127.0.0.1:${port}`,
          "-cert",
          `${www}/cert`,
          "-key",
          `${www}/key`,
          "-WWW",
          "-quiet",
        ],
        directory: www,
        ready: `tcp:${port}`,
        small: [`curl -sk ${url}/index.html -o /dev/null`],
        large: [
          fetchAll([
            `-k ${url}/big.bin`,
            `-k ${url}/none`,
            `-k --tls-max 1.2 ${url}/index.html`,
            `-k ${url}/sub`,
          ]),
          `for i in 1 2 3 4; do curl -sk ${url}/index.html -o /dev/null & done; wait`,
          `curl -s http://127.0.0.1:${port}/ -o /dev/null; true`,
        ],
      };
    },
  },
  {
    name: "tar",
    needs: ["tar"],
    prepare(folder) {
      const www = site(folder);
      spawnSync("ln", ["-s", "page.txt", path.join(www, "sub/link")]);
      spawnSync("ln", [path.join(www, "sub/page.txt"), path.join(www, "sub/hard")]);
      mkdirSync(path.join(folder, "out"), { recursive: true });
      spawnSync("tar", ["-C", folder, "-cf", path.join(folder, "in.tar"), "www"]);
      return {
        argv: ["tar", "-C", folder, "-cf", path.join(folder, "made.tar"), "www"],
        largeArgv: [
          "tar",
          "--xattrs",
          "--acls",
          "-C",
          path.join(folder, "out"),
          "-xpf",
          path.join(folder, "in.tar"),
        ],
      };
    },
  },
  {
    name: "bash",
    needs: ["bash"],
    prepare(folder) {
      const script = path.join(folder, "large.sh");
      writeFileSync(
        script,
        `cd ${folder}; x=$(echo a); echo $x > f; read y < f; cat_() { while read -r l; do echo "$l"; done; }; cat_ < f | cat_ > g; (exit 3) & wait $!; trap 'echo t' USR1; kill -USR1 $$; umask 077; printf '%(%F)T' -1 >/dev/null; ulimit -n >/dev/null; test -w f && [[ -d . ]]; mapfile -t m < f; for f in *; do :; done; exec 5<>f; echo z >&5; exec 5>&-; times >/dev/null; coproc { read -r q; echo $q; }; echo hi >&"\${COPROC[1]}"; read -r back <&"\${COPROC[0]}"; [[ $back = hi ]]; diff_=$(cat_ < <(echo sub)); [[ $diff_ = sub ]]\n`,
      );
      return {
        argv: ["bash", "-c", "for i in 1 2 3; do echo $i; done; test -d /"],
        directory: folder,
        largeArgv: ["bash", script],
      };
    },
  },
];
