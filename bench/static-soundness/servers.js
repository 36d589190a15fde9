// Servers that are traced while clients are at them: what to write into their folders, how to ask them, how to stop them.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A port of 127.0.0.1 that nobody uses. */
export function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Sends text to a port and gives what comes back until it is silent for a moment; undefined when nobody answers. */
function talk(port, text) {
  return new Promise(resolve => {
    let answer = "";
    const socket = connect({ port, host: "127.0.0.1", timeout: 700 });
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => socket.write(text));
    socket.on("data", chunk => (answer += chunk.toString("latin1")));
    socket.on("timeout", end).on("end", end);
    socket.on("error", () => resolve(undefined));
  });
}

function http(port, options, body) {
  return new Promise(resolve => {
    const sent = request({ port, host: "127.0.0.1", timeout: 3000, ...options }, response => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    sent.on("error", () => resolve(undefined)).on("timeout", () => sent.destroy());
    sent.end(body);
  });
}

/** Waits until a port answers, for at most 15 seconds. */
export async function isListening(port) {
  for (let i = 0; i < 150; i++) {
    const ok = await new Promise(resolve => {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.on("connect", () => resolve(true) ?? socket.destroy()).on("error", () => resolve(false));
    });
    if (ok) return true;
    await sleep(100);
  }
  return false;
}

function site(folder) {
  mkdirSync(path.join(folder, "www/empty"), { recursive: true });
  writeFileSync(path.join(folder, "www/index.html"), "<p>hello</p>".repeat(100));
  writeFileSync(path.join(folder, "www/big"), Buffer.alloc(3_000_000, 65));
}

async function browse(port) {
  const paths = ["/", "/index.html", "/missing", "/empty/", "/big", "/../etc/passwd"];
  const list = Array.from({ length: 60 }, (_, i) => paths[i % paths.length]);
  await Promise.all(list.map(name => http(port, { path: name })));
  await http(port, { path: "/", method: "HEAD" });
  await http(port, { path: "/big", headers: { range: "bytes=5-500000" } });
  await http(port, { path: "/", headers: { "if-modified-since": "Sat, 01 Jan 2050 00:00:00 GMT" } });
  await http(port, { path: "/", method: "POST" }, Buffer.alloc(2_000_000, 66));
  await talk(port, "no such method\r\n\r\n");
}

async function redis(port) {
  const words = [
    ..."SET a 1|GET a|APPEND a x|INCR n|LPUSH l 1 2 3|SORT l|HSET h f v|ZADD z 1 m|EXPIRE a 1".split("|"),
    ..."PUBLISH c m|SUBSCRIBE c|CONFIG GET *|CLIENT LIST|INFO all|DEBUG SLEEP 0|SLOWLOG GET|MEMORY STATS".split(
      "|",
    ),
    ..."SAVE|BGSAVE|BGREWRITEAOF|LASTSAVE|FLUSHALL ASYNC|EVAL return{1} 0|OBJECT ENCODING l|TIME".split("|"),
  ];
  for (const line of words) await talk(port, `${line}\r\n`);
  await Promise.all(Array.from({ length: 30 }, () => talk(port, "PING\r\nGET a\r\n")));
  await sleep(1500);
}

async function memcached(port) {
  await talk(
    port,
    "set a 0 0 1\r\nx\r\nget a\r\ngets a\r\nincr a 1\r\ndelete a\r\nstats\r\nstats slabs\r\nversion\r\n",
  );
  await talk(port, `set big 0 0 500000\r\n${"x".repeat(500_000)}\r\nget big\r\n`);
  await Promise.all(Array.from({ length: 30 }, () => talk(port, "get a\r\n")));
  await talk(port, "flush_all\r\nverbosity 1\r\nquit\r\n");
}

/** Each with its program, arguments for a folder and a port, what it is asked, and signals that end it. */
export const SERVERS = [
  {
    program: "/usr/sbin/nginx",
    arguments: (folder, port) => {
      site(folder);
      const text = `pid ${folder}/pid; error_log ${folder}/error debug; daemon off; worker_processes 2; user root;
events {} http { access_log ${folder}/access; sendfile on; aio threads; client_max_body_size 8m;
client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; gzip on; proxy_cache_path ${folder}/cache keys_zone=c:1m;
server { listen 127.0.0.1:${port}; root ${folder}/www; autoindex on; location /empty/ { autoindex on; }
location /up/ { proxy_pass http://127.0.0.1:${port}/; proxy_cache c; } } }`;
      writeFileSync(path.join(folder, "nginx.conf"), text);
      return ["-c", path.join(folder, "nginx.conf")];
    },
    ask: async port => {
      await browse(port);
      for (const name of ["/up/", "/up/big", "/up/big"]) await http(port, { path: name });
    },
    signals: ["SIGHUP", "SIGUSR1", "SIGQUIT"],
  },
  {
    program: "/usr/bin/redis-server",
    arguments: (folder, port) =>
      `--port ${port} --bind 127.0.0.1 --dir ${folder} --save 1 1 --appendonly yes --io-threads 2 --logfile log`.split(
        " ",
      ),
    ask: redis,
    signals: ["SIGTERM"],
  },
  {
    program: "/usr/bin/memcached",
    arguments: (_, port) => `-u root -l 127.0.0.1 -p ${port} -m 16 -t 2 -vv`.split(" "),
    ask: memcached,
    signals: ["SIGTERM"],
  },
  {
    program: "/usr/sbin/lighttpd",
    arguments: (folder, port) => {
      site(folder);
      const text = `server.document-root = "${folder}/www"\nserver.port = ${port}\nserver.bind = "127.0.0.1"
server.modules = ( "mod_access", "mod_dirlisting", "mod_accesslog", "mod_status", "mod_deflate", "mod_staticfile" )
server.errorlog = "${folder}/error"\naccesslog.filename = "${folder}/access"\ndir-listing.activate = "enable"
index-file.names = ( "index.html" )\nserver.upload-dirs = ( "${folder}" )\n`;
      writeFileSync(path.join(folder, "lighttpd.conf"), text);
      return ["-D", "-f", path.join(folder, "lighttpd.conf")];
    },
    ask: browse,
    signals: ["SIGHUP", "SIGINT"],
  },
  {
    program: "/usr/sbin/haproxy",
    arguments: (folder, port) => {
      const text = `global\n maxconn 100\n nbthread 2\n stats socket ${folder}/socket\ndefaults\n mode http\n timeout client 3s
 timeout server 3s\n timeout connect 1s\nfrontend f\n bind 127.0.0.1:${port}\n default_backend b
backend b\n option httpchk\n server s 127.0.0.1:9 check inter 200\n stats uri /stats\n`;
      writeFileSync(path.join(folder, "haproxy.cfg"), text);
      return ["-db", "-W", "-f", path.join(folder, "haproxy.cfg")];
    },
    ask: async port => {
      await browse(port);
      await http(port, { path: "/stats" });
    },
    signals: ["SIGUSR2", "SIGTERM"],
  },
];
