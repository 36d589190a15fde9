import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import type { Workload } from "../../src/craft/session.ts";
import type { Need } from "../support/needs.ts";

/** A real program at real work: what a template was measured with and is proven with. */
export interface Proof {
  readonly program: string;
  readonly needs: readonly Need[];
  /** @param folder empty, for the program alone @param port of 127.0.0.1, free */
  prepare(folder: string, port: number): Pick<Workload, "argv" | "ready" | "exercises"> & Partial<Workload>;
}

const PYTHON = "/usr/bin/python3";
const WITH_PYTHON: Need = `file:${PYTHON}`;
const tcp = (port: number): Workload["ready"] => ({ kind: "tcp", hosts: ["127.0.0.1"], port });

function script(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

function fetching(port: number): readonly string[] {
  return [
    `curl -sf http://127.0.0.1:${port}/hello.txt | grep hello`,
    `for i in 1 2 3 4 5 6 7 8; do curl -sf http://127.0.0.1:${port}/hello.txt >/dev/null & done; wait`,
    `curl -s -o /dev/null -d a=b http://127.0.0.1:${port}/form`,
  ];
}

const nginx: Proof = {
  program: "nginx",
  needs: ["root", "program:nginx", "program:curl"],
  prepare(folder, port) {
    execFileSync("chmod", ["755", folder]);
    mkdirSync(path.join(folder, "www"));
    script(path.join(folder, "www"), "hello.txt", "hello\n");
    script(path.join(folder, "www"), "large.txt", "large\n".repeat(200_000));
    const config = script(
      folder,
      "nginx.conf",
      `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; user www-data; worker_processes 2;
events { worker_connections 64; }
http { access_log ${folder}/access.log; sendfile on; gzip on; gzip_types text/plain; root ${folder}/www;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server { listen 127.0.0.1:${port}; location /up/ { proxy_pass http://127.0.0.1:${port}/; } } }\n`,
    );
    return {
      argv: ["nginx", "-c", config],
      ready: tcp(port),
      exercises: [
        ...fetching(port),
        `curl -sf --compressed http://127.0.0.1:${port}/large.txt | tail -1 | grep large`,
        `curl -sf http://127.0.0.1:${port}/up/large.txt | tail -1 | grep large`,
        "kill -HUP $SECCRAFT_PID; sleep 0.3",
        `curl -sf http://127.0.0.1:${port}/hello.txt | grep hello`,
      ],
    };
  },
};

const redis: Proof = {
  program: "redis-server",
  needs: ["program:redis-server", "program:redis-cli"],
  prepare: (folder, port) => ({
    argv: `redis-server --port ${port} --bind 127.0.0.1 --dir ${folder} --appendonly yes`.split(" "),
    ready: tcp(port),
    exercises: [
      "SET a 1",
      "GET a",
      "LPUSH list x y z",
      'EVAL \'return redis.call("GET","a")\' 0',
      "BGSAVE",
      "INFO",
      "CONFIG GET *",
    ]
      .map(command => `redis-cli -p ${port} ${command} >/dev/null`)
      .concat("sleep 0.3", `redis-cli -p ${port} BGREWRITEAOF`, "sleep 0.3"),
  }),
};

const memcached: Proof = {
  program: "memcached",
  needs: ["root", "program:memcached", WITH_PYTHON],
  prepare(folder, port) {
    const client = script(
      folder,
      "client.py",
      `import socket
s = socket.create_connection(("127.0.0.1", ${port}))
f = s.makefile("rwb")
for line, answers in ((b"set a 0 0 1\\r\\n1", [b"STORED"]), (b"get a", [b"VALUE", b"1", b"END"]), (b"stats", [b"STAT"])):
    f.write(line + b"\\r\\n"); f.flush()
    for answer in answers: assert f.readline().startswith(answer)
`,
    );
    return {
      argv: `memcached -u nobody -l 127.0.0.1 -p ${port}`.split(" "),
      ready: tcp(port),
      exercises: [`${PYTHON} ${client}`],
    };
  },
};

const node: Proof = {
  program: "node http",
  needs: ["program:node", "program:curl"],
  prepare(folder, port) {
    script(folder, "hello.txt", "hello\n");
    const server = script(
      folder,
      "server.mjs",
      `import http from "node:http"; import dns from "node:dns"; import { readFile, writeFile } from "node:fs/promises";
http.createServer(async (q, r) => {
  await dns.promises.lookup("localhost");
  let body = ""; for await (const part of q) body += part;
  if (body !== "") await writeFile("${folder}/form", body);
  r.end(await readFile("${folder}/hello.txt"));
}).listen(${port}, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));\n`,
    );
    return { argv: ["node", server], ready: tcp(port), exercises: fetching(port) };
  },
};

const python: Proof = {
  program: "python3 http.server",
  needs: [WITH_PYTHON, "program:curl"],
  prepare(folder, port) {
    script(folder, "hello.txt", "hello\n");
    return {
      argv: [PYTHON, "-m", "http.server", "--bind", "127.0.0.1", "--directory", folder, String(port)],
      ready: tcp(port),
      exercises: fetching(port),
    };
  },
};

const go: Proof = {
  program: "Go net server",
  needs: ["program:go", "program:curl"],
  prepare(folder, port) {
    script(folder, "hello.txt", "hello\n");
    const source = script(
      folder,
      "server.go",
      `package main
import ("bufio"; "net"; "os"; "os/signal"; "strconv"; "syscall"; "time")
func serve(c net.Conn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	bufio.NewReader(c).ReadString('\\n')
	text, err := os.ReadFile(os.Args[2])
	if err != nil { panic(err) }
	c.Write([]byte("HTTP/1.0 200 OK\\r\\nContent-Length: " + strconv.Itoa(len(text)) + "\\r\\n\\r\\n"))
	c.Write(text)
}
func main() {
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil { panic(err) }
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() { <-stop; os.Exit(0) }()
	for { c, err := l.Accept(); if err == nil { go serve(c) } }
}\n`,
    );
    const program = path.join(folder, "server");
    execFileSync("go", ["build", "-o", program, source], {
      env: { ...process.env, CGO_ENABLED: "0", GO111MODULE: "off", GOTOOLCHAIN: "local", GOFLAGS: "" },
      stdio: "pipe",
    });
    return {
      argv: [program, String(port), path.join(folder, "hello.txt")],
      ready: tcp(port),
      exercises: fetching(port).slice(0, 2),
    };
  },
};

const java: Proof = {
  program: "Java HttpServer",
  needs: ["program:javac", "program:java", "program:curl"],
  prepare(folder, port) {
    script(folder, "hello.txt", "hello\n");
    const source = script(
      folder,
      "Hello.java",
      `import com.sun.net.httpserver.HttpServer; import java.net.InetSocketAddress; import java.nio.file.*;
public class Hello { public static void main(String[] a) throws Exception {
  HttpServer s = HttpServer.create(new InetSocketAddress("127.0.0.1", ${port}), 0);
  s.setExecutor(java.util.concurrent.Executors.newFixedThreadPool(4));
  s.createContext("/", e -> { e.getRequestBody().readAllBytes(); byte[] b = Files.readAllBytes(Path.of("${folder}/hello.txt"));
    e.sendResponseHeaders(200, b.length); e.getResponseBody().write(b); e.close(); });
  s.start(); } }\n`,
    );
    execFileSync("javac", ["-d", folder, source], { stdio: "pipe" });
    return { argv: ["java", "-cp", folder, "Hello"], ready: tcp(port), exercises: fetching(port) };
  },
};

const sqlite: Proof = {
  program: "sqlite3",
  needs: ["program:sqlite3"],
  prepare(folder) {
    const sql =
      "CREATE TABLE t(a); INSERT INTO t VALUES (1),(2); UPDATE t SET a=a+1; SELECT sum(a) FROM t; VACUUM;";
    return {
      argv: ["sqlite3", path.join(folder, "data.db"), `PRAGMA journal_mode=WAL; ${sql}`],
      ready: { kind: "exit" },
      exercises: [],
    };
  },
};

const batch: Proof = {
  program: "shell batch",
  needs: [],
  prepare(folder) {
    const lines = `set -e
cd ${folder}
mkdir -p in out; for i in 1 2 3 4; do echo "line $i" > in/$i; done
find in -type f | sort | xargs -n 2 cat | grep line | sed s/line/row/ | awk '{ print $2 }' > out/numbers
tar -cf - in | gzip > out/in.tar.gz; gunzip -c out/in.tar.gz | tar -tf - >/dev/null
cp -a in copy; mv copy moved; ln -s moved link; touch -d yesterday moved/1; chmod 600 moved/1; rm -r moved link
sha256sum out/numbers > sums; sha256sum -c sums; date; df . >/dev/null; sleep 0.1 & wait
test "$(wc -l < out/numbers)" = 4\n`;
    return { argv: ["sh", script(folder, "batch.sh", lines)], ready: { kind: "exit" }, exercises: [] };
  },
};

const gcc: Proof = {
  program: "make and gcc",
  needs: ["program:gcc", "program:make"],
  prepare(folder) {
    script(folder, "a.c", "int b(void); int main(void) { return b(); }\n");
    script(folder, "b.c", "int b(void) { return 0; }\n");
    script(folder, "Makefile", "a: a.o b.o\n\tgcc -pipe -o $@ $^\n\t./a\n%.o: %.c\n\tgcc -O2 -c $<\n");
    return { argv: ["make", "-j2", "-C", folder], ready: { kind: "exit" }, exercises: [] };
  },
};

const worker: Proof = {
  program: "python3 worker",
  needs: [WITH_PYTHON],
  prepare(folder) {
    const text = `import concurrent.futures, hashlib, json, os, socket, sqlite3, subprocess, tempfile, time
os.chdir("${folder}")
os.mkdir("queue"); os.mkdir("done")
for i in range(8): open(f"queue/{i}.tmp", "w").write(json.dumps({"n": i})); os.rename(f"queue/{i}.tmp", f"queue/{i}.json")
def work(name):
    with open(f"queue/{name}") as job: n = json.load(job)["n"]
    with tempfile.NamedTemporaryFile(dir="done", delete=False) as out:
        out.write(hashlib.sha256(str(n).encode()).digest()); out.flush(); os.fsync(out.fileno())
    os.replace(out.name, f"done/{n}"); os.unlink(f"queue/{name}")
    return n
socket.getaddrinfo("localhost", 80)
with concurrent.futures.ThreadPoolExecutor(4) as pool: assert sum(pool.map(work, os.listdir("queue"))) == 28
db = sqlite3.connect("state.db"); db.execute("create table jobs(n)"); db.executemany("insert into jobs values (?)", [(n,) for n in range(8)]); db.commit()
assert subprocess.run(["ls", "done"], capture_output=True, check=True).stdout.count(b"\\n") == 8
time.sleep(0.01)\n`;
    return { argv: [PYTHON, script(folder, "worker.py", text)], ready: { kind: "exit" }, exercises: [] };
  },
};

const curl: Proof = {
  program: "curl and ls",
  needs: ["program:curl"],
  prepare(folder) {
    script(folder, "hello.txt", "hello\n");
    const line = `ls -la ${folder}; curl -sf file://${folder}/hello.txt -o ${folder}/copy; cmp ${folder}/copy ${folder}/hello.txt; curl -s http://127.0.0.1:1/ || true`;
    return { argv: ["sh", "-c", line], ready: { kind: "exit" }, exercises: [] };
  },
};

/** By the program's name in `template/measured.gen.ts`. */
export const PROOFS: readonly Proof[] = [
  nginx,
  redis,
  memcached,
  node,
  python,
  go,
  java,
  sqlite,
  batch,
  gcc,
  worker,
  curl,
];
