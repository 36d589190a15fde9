// Ten real servers and tools, each with a small exercise and a large, different workload. HOST ports are picked freely.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { dnsClient, GO_SERVER, NODE_SERVER, sqlScript } from "./sources.js";

/** Tries a command until it succeeds, at most 50 times 100 ms: how long things take depends on what else runs. */
export const until = command => `for i in $(seq 50); do ${command} && break; sleep 0.1; done`;

export const fetchAll = urls => urls.map(url => `curl -s -o /dev/null ${url}`).join("; ");

/** A folder with a few files to serve. */
export function site(folder) {
  const www = path.join(folder, "www");
  mkdirSync(path.join(www, "sub"), { recursive: true });
  writeFileSync(path.join(www, "index.html"), "<h1>It works</h1>\n".repeat(200));
  writeFileSync(path.join(www, "big.bin"), Buffer.alloc(3 << 20, 7));
  writeFileSync(path.join(www, "sub/page.txt"), "a page\n");
  for (const name of [folder, www, path.join(www, "sub")]) chmodSync(name, 0o755);
  return www;
}

/** The sections of tour.py, in the order of the tutorial. */
const TOUR_SECTIONS =
  "system wildcards arguments errors patterns mathematics internet dates compression performance quality batteries formatting templating records threads logs references lists decimals".split(
    " ",
  );

/** @returns {{name: string, needs: string[], prepare: (folder: string, port: number) => object}[]} */
export const TARGETS = [
  {
    name: "nginx",
    needs: ["nginx", "wrk", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(name => `${name}_temp_path ${folder}/${name};`)
        .join(" ");
      const conf = path.join(folder, "nginx.conf");
      writeFileSync(
        conf,
        `daemon off; worker_processes 2; pid ${folder}/pid; error_log ${folder}/error.log; events {} http { ${temporary} access_log ${folder}/access.log; gzip on; gzip_min_length 100; client_max_body_size 10m; server { listen 127.0.0.1:${port}; root ${www}; autoindex on; location /proxy/ { proxy_pass http://127.0.0.1:${port}/; } location /post { client_body_buffer_size 16k; proxy_pass http://127.0.0.1:${port}/index.html; } } }`,
      );
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: ["nginx", "-e", `${folder}/error.log`, "-c", conf],
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: [
          `curl -sf -o /dev/null ${url}/proxy/big.bin`,
          `curl -sf -o /dev/null -H 'Accept-Encoding: gzip' ${url}/`,
          `curl -sf -o /dev/null -r 100-2000,5000-6000 ${url}/big.bin`,
          `curl -s -o /dev/null --data-binary @${www}/big.bin ${url}/post`,
          `curl -sf -o /dev/null ${url}/sub/`,
          `kill -HUP $SECCRAFT_PID; sleep 0.5`,
          `kill -USR1 $SECCRAFT_PID; sleep 0.3`,
          `wrk -d1 -c16 -t1 ${url}/ | grep requests`,
        ],
      };
    },
  },
  {
    name: "redis",
    needs: ["redis-server", "redis-cli", "redis-benchmark"],
    prepare(folder, port) {
      const cli = `redis-cli -p ${port}`;
      return {
        argv: [
          "redis-server",
          "--port",
          String(port),
          "--dir",
          folder,
          "--unixsocket",
          `${folder}/redis.sock`,
          "--bind",
          "127.0.0.1",
        ],
        ready: `tcp:${port}`,
        small: [`${cli} set a 1 | grep OK && ${cli} get a | grep 1`],
        large: [
          `redis-benchmark -p ${port} -n 3000 -q -t set,get,lpush,zadd,incr | grep -c second`,
          `${cli} config set appendonly yes; ${cli} config set appendfsync always; ${cli} set x y | grep OK`,
          `${cli} bgsave; sleep 0.6; ${cli} bgrewriteaof; sleep 0.6`,
          `${cli} config set maxmemory 3mb; ${cli} config set maxmemory-policy allkeys-lru; redis-benchmark -p ${port} -n 3000 -r 100000 -d 500 -q -t set; true`,
          `${cli} -s ${folder}/redis.sock ping | grep PONG`,
          `redis-server --port ${port + 1} --dir ${folder} --dbfilename other.rdb --replicaof 127.0.0.1 ${port} >/dev/null & p=$!; ${until(`${cli} info replication | grep -q state=online`)}; ${cli} info replication | grep connected_slaves:1; r=$?; kill $p; wait $p; exit $r`,
          `${cli} config rewrite; ${cli} debug sleep 0; ${cli} client list | grep -c addr; ${cli} info all | grep -c used_cpu`,
          // Refused while a replica's copy is still being written in the background.
          `timeout 5 sh -c 'until ${cli} save | grep OK; do sleep 0.1; done'`,
        ],
      };
    },
  },
  {
    name: "memcached",
    needs: ["memcached", "python3"],
    prepare(folder, port) {
      const talk = text =>
        `python3 -c 'import socket,sys; s=socket.create_connection(("127.0.0.1",${port})); s.sendall(b"${text}"); s.settimeout(3); print(s.recv(65536).decode())'`;
      const script = path.join(folder, "load.py");
      writeFileSync(
        script,
        `import socket, threading
def client(n):
    s = socket.create_connection(("127.0.0.1", ${port}))
    f = s.makefile("rwb")
    for i in range(200):
        v = b"x" * (i * 97 % 9000)
        f.write(b"set k%d-%d 0 %d %d\\r\\n%s\\r\\n" % (n, i, i % 3, len(v), v)); f.flush(); f.readline()
        f.write(b"get k%d-%d\\r\\n" % (n, i)); f.flush()
        while not f.readline().startswith(b"END"): pass
    for c in (b"stats", b"stats items", b"stats slabs", b"stats settings"):
        f.write(c + b"\\r\\n"); f.flush()
        while not f.readline().startswith(b"END"): pass
    f.write(b"flush_all\\r\\n"); f.flush(); print(f.readline())
t = [threading.Thread(target=client, args=(n,)) for n in range(20)]
[x.start() for x in t]; [x.join() for x in t]
`,
      );
      return {
        argv: ["memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", String(port), "-U", "0"],
        ready: `tcp:${port}`,
        small: [`${talk("set a 0 0 1\\r\\n1\\r\\nget a\\r\\n")} | grep STORED`],
        large: [
          `python3 ${script}`,
          `sleep 1.2`,
          `${talk("version\\r\\n")} | grep VERSION`,
          talk("gets nothing\\r\\nverbosity 1\\r\\n"),
        ],
      };
    },
  },
  {
    name: "lighttpd",
    needs: ["lighttpd", "wrk", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      const conf = path.join(folder, "lighttpd.conf");
      writeFileSync(
        path.join(www, "hello.cgi"),
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'; cat\n",
      );
      chmodSync(path.join(www, "hello.cgi"), 0o755);
      writeFileSync(
        conf,
        `server.modules = ("mod_indexfile", "mod_dirlisting", "mod_accesslog", "mod_cgi", "mod_deflate", "mod_proxy", "mod_status")\nserver.document-root = "${www}"\nserver.bind = "127.0.0.1"\nserver.port = ${port}\nserver.errorlog = "${folder}/error.log"\naccesslog.filename = "${folder}/access.log"\nindex-file.names = ("index.html")\ndir-listing.activate = "enable"\ncgi.assign = (".cgi" => "")\n$HTTP["url"] =~ "^/proxy/" { proxy.server = ("" => (("host" => "127.0.0.1", "port" => ${port + 1}))) }\nstatus.status-url = "/status"\ndeflate.mimetypes = ("text/html")\ndeflate.allowed-encodings = ("gzip")\nmimetype.assign = (".html" => "text/html")\n`,
      );
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: ["lighttpd", "-D", "-f", conf],
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: [
          `curl -sf -o /dev/null ${url}/sub/`,
          `curl -sf -o /dev/null -r 5-900 ${url}/big.bin`,
          `curl -sf -o /dev/null -H 'Accept-Encoding: gzip' ${url}/`,
          `curl -s -o /dev/null ${url}/nothing`,
          `kill -HUP $SECCRAFT_PID; sleep 0.3`,
          `wrk -d1 -c16 -t1 ${url}/ | grep requests`,
          `curl -sf ${url}/status -o /dev/null`,
          `python3 -m http.server ${port + 1} --bind 127.0.0.1 --directory ${folder} >/dev/null 2>&1 & p=$!; ${until(`curl -sf http://127.0.0.1:${port + 1}/ -o /dev/null`)}; curl -s ${url}/proxy/ -o /dev/null; curl -s --data-binary @${www}/big.bin ${url}/proxy/ -o /dev/null; kill $p`,
        ],
      };
    },
  },
  {
    name: "haproxy",
    needs: ["haproxy", "python3", "wrk", "curl"],
    prepare(folder, port) {
      const conf = path.join(folder, "haproxy.cfg");
      writeFileSync(
        conf,
        `global\n  stats socket ${folder}/stats.sock level admin\n  maxconn 200\ndefaults\n  mode http\n  timeout connect 2s\n  timeout client 5s\n  timeout server 5s\nfrontend f\n  bind 127.0.0.1:${port}\n  stats enable\n  stats uri /stats\n  default_backend b\nbackend b\n  server s 127.0.0.1:${port + 1} check inter 300ms\n`,
      );
      const www = site(folder);
      return {
        argv: ["haproxy", "-W", "-db", "-f", conf],
        ready: `tcp:${port}`,
        small: [`curl -sf -o /dev/null http://127.0.0.1:${port}/stats`],
        large: [
          `python3 -m http.server ${port + 1} --bind 127.0.0.1 --directory ${www} >/dev/null 2>&1 & p=$!; ${until(`curl -sf -o /dev/null http://127.0.0.1:${port}/sub/page.txt`)}; curl -sf -o /dev/null http://127.0.0.1:${port}/big.bin; r=$?; wrk -d1 -c8 -t1 http://127.0.0.1:${port}/ | grep requests; kill $p; exit $r`,
          `python3 -c 'import socket; s=socket.socket(socket.AF_UNIX); s.connect("${folder}/stats.sock"); s.sendall(b"show info\\n"); print(s.recv(9999))' | grep -c Uptime`,
          `kill -USR2 $SECCRAFT_PID; sleep 1; ${until(`curl -sf -o /dev/null http://127.0.0.1:${port}/stats`)}; curl -sf -o /dev/null http://127.0.0.1:${port}/stats`,
        ],
      };
    },
  },
  {
    name: "python http.server",
    needs: ["/usr/bin/python3", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      const script = path.join(folder, "server.py");
      copyFileSync(path.join(import.meta.dirname, "tour.py"), script);
      for (const name of ["work", "build/executables"])
        mkdirSync(path.join(folder, name), { recursive: true });
      for (const name of ["data.db", "mydata.txt", "one.py"])
        writeFileSync(path.join(folder, "work", name), "some text\n".repeat(99));
      const url = `http://127.0.0.1:${port}`;
      const mail = `timeout 20 /usr/bin/python3 ${import.meta.dirname}/mail.py ${port + 1} >${folder}/mail.log & m=$!; ${until(`grep -q ready ${folder}/mail.log`)}`;
      const sections = TOUR_SECTIONS.map(name => `curl -sf -o /dev/null ${url}/do/${name}`);
      return {
        argv: ["/usr/bin/python3", script, www, String(port), String(port + 1)],
        directory: folder,
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: [
          fetchAll([
            `${url}/big.bin`,
            `-I ${url}/big.bin`,
            `${url}/sub/`,
            `-L ${url}/sub`,
            `-H 'If-Modified-Since: Wed, 21 Oct 2099 07:28:00 GMT' ${url}/`,
            `-r 5-900 ${url}/big.bin`,
            `${url}/nothing`,
            `-d x ${url}/`,
          ]),
          `${mail}; ${sections.join(" && ")} && wait $m`,
          `for i in 1 2 3 4 5 6 7 8; do curl -sf ${url}/big.bin -o /dev/null & done; wait`,
        ],
      };
    },
  },
  {
    name: "node http",
    needs: ["curl"],
    prepare(folder, port) {
      const www = site(folder);
      const script = path.join(folder, "server.cjs");
      writeFileSync(script, NODE_SERVER);
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: [process.execPath, script, www, String(port)],
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: [
          ...["big", "list", "hash", "host", "tmp", "fetch", "run"].map(
            name => `curl -sf -o /dev/null ${url}/${name}`,
          ),
          `curl -sf --data-binary @${www}/big.bin ${url}/post | grep 3145728`,
          `for i in 1 2 3 4 5 6 7 8; do curl -sf ${url}/hash -o /dev/null & done; wait`,
        ],
      };
    },
  },
  {
    name: "Go net/http",
    needs: ["go", "curl"],
    build(folder, run) {
      writeFileSync(path.join(folder, "main.go"), GO_SERVER);
      writeFileSync(path.join(folder, "go.mod"), "module server\n\ngo 1.19\n");
      run("go", ["build", "-o", "server", "."], {
        cwd: folder,
        env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod" },
      });
    },
    prepare(folder, port) {
      const www = site(folder);
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: [path.join(folder, "server"), www, String(port)],
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: [
          ...["file", "list", "zip", "dns", "tmp", "fetch"].map(
            name => `curl -sf -o /dev/null ${url}/${name}`,
          ),
          `curl -sf --data-binary @${www}/big.bin ${url}/post | grep 3145728`,
          `for i in 1 2 3 4 5 6 7 8; do curl -sf ${url}/zip -o /dev/null & done; wait`,
        ],
      };
    },
  },
  {
    name: "sqlite3",
    needs: ["sqlite3"],
    prepare(folder) {
      site(folder);
      const input = path.join(folder, "large.sql");
      writeFileSync(input, sqlScript(folder));
      return {
        argv: [
          "sqlite3",
          path.join(folder, "small.db"),
          "create table if not exists a(b); insert into a values(1); select sum(b) from a;",
        ],
        largeArgv: ["sqlite3", path.join(folder, "large.db"), `.read ${input}`],
      };
    },
  },
  {
    name: "dnsmasq",
    needs: ["dnsmasq", "python3"],
    prepare(folder, port) {
      const hosts = path.join(folder, "hosts");
      const conf = path.join(folder, "dnsmasq.conf");
      writeFileSync(conf, "");
      writeFileSync(hosts, "10.1.2.3 one.test\n");
      const ask = path.join(folder, "ask.py");
      writeFileSync(ask, dnsClient(port));
      return {
        argv: [
          "dnsmasq",
          "-k",
          "-C",
          conf,
          "-p",
          String(port),
          "--listen-address=127.0.0.1",
          "--bind-interfaces",
          "--no-resolv",
          "--no-hosts",
          `--addn-hosts=${hosts}`,
          `--pid-file=${folder}/pid`,
          `--log-facility=${folder}/log`,
          "--log-queries",
          "--user=nobody",
        ],
        ready: `tcp:${port}`,
        small: [`python3 ${ask} one.test 1 udp`],
        large: [
          `python3 ${ask} one.test 1 tcp`,
          `python3 ${ask} nothing.test 28 udp; python3 ${ask} 3.2.1.10.in-addr.arpa 12 udp`,
          `echo 10.9.9.9 two.test >> ${hosts}; kill -HUP $SECCRAFT_PID; sleep 0.3; python3 ${ask} two.test 1 udp`,
          `kill -USR1 $SECCRAFT_PID; sleep 0.2; mv ${folder}/log ${folder}/log.1; kill -USR2 $SECCRAFT_PID; sleep 0.3`,
          `for i in 1 2 3 4 5 6 7 8; do python3 ${ask} one.test 1 tcp & done; wait`,
        ],
      };
    },
  },
];
