// The programs of targets.js that are written for it: each server serves pages and, asked for it, does what such servers do
// besides; the script for sqlite3 goes through what its shell offers for files, journals and archives.

/** A script in Python that asks a name server: `NAME TYPE tcp|udp`. */
export const dnsClient = port => `import socket, struct, sys
name, kind, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
q = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\\0" + struct.pack(">HH", kind, 1)
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if how == "tcp" else socket.SOCK_DGRAM)
s.settimeout(3); s.connect(("127.0.0.1", ${port}))
s.sendall(struct.pack(">H", len(q)) + q if how == "tcp" else q)
print(len(s.recv(4096)))
`;

export const NODE_SERVER = `
const http = require("node:http"), fs = require("node:fs"), zlib = require("node:zlib"), crypto = require("node:crypto"), os = require("node:os"), path = require("node:path");
const root = process.argv[2];
http.createServer((q, a) => {
  const done = (code, body) => { a.statusCode = code; a.end(body); };
  const url = new URL(q.url, "http://x");
  if (url.pathname === "/") return fs.createReadStream(path.join(root, "index.html")).pipe(a);
  if (url.pathname === "/big") return fs.createReadStream(path.join(root, "big.bin")).pipe(zlib.createGzip()).pipe(a);
  if (url.pathname === "/list") return fs.readdir(root, { recursive: true }, (e, l) => done(200, String(l)));
  if (url.pathname === "/hash") return crypto.pbkdf2("a", "b", 1000, 32, "sha256", (e, k) => done(200, k));
  if (url.pathname === "/host") return require("node:dns").lookup("localhost", () => done(200, os.hostname()));
  if (url.pathname === "/tmp") {
    const d = fs.mkdtempSync(path.join(os.tmpdir(), "x-")); const f = path.join(d, "f");
    fs.writeFileSync(f, "x"); fs.appendFileSync(f, "y"); fs.renameSync(f, f + "2"); fs.copyFileSync(f + "2", f); fs.chmodSync(f, 0o600); fs.truncateSync(f, 1); fs.symlinkSync("f", path.join(d, "l")); fs.readlinkSync(path.join(d, "l")); fs.utimesSync(f, 1, 1); fs.fsyncSync(fs.openSync(f)); fs.rmSync(d, { recursive: true });
    return done(200, "ok");
  }
  if (url.pathname === "/fetch") return http.get("http://127.0.0.1:" + process.argv[3] + "/list", r => r.resume().on("end", () => done(200, "ok")));
  if (url.pathname === "/run") return require("node:child_process").execFile("/usr/bin/true", (e, out) => done(e ? 500 : 200, out));
  if (q.method === "POST") { let n = 0; q.on("data", b => (n += b.length)); return q.on("end", () => done(200, String(n))); }
  done(404, "no");
}).listen(Number(process.argv[3]), "127.0.0.1");
`;

export const GO_SERVER = `package main
import ("compress/gzip"; "fmt"; "io"; "net"; "net/http"; "os"; "path/filepath"; "time")
func main() {
  root := os.Args[1]
  http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello") })
  http.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, filepath.Join(root, "big.bin")) })
  http.HandleFunc("/list", func(w http.ResponseWriter, r *http.Request) { l, _ := os.ReadDir(root); fmt.Fprintln(w, len(l)) })
  http.HandleFunc("/zip", func(w http.ResponseWriter, r *http.Request) { g := gzip.NewWriter(w); f, _ := os.Open(filepath.Join(root, "big.bin")); io.Copy(g, f); f.Close(); g.Close() })
  http.HandleFunc("/post", func(w http.ResponseWriter, r *http.Request) { n, _ := io.Copy(io.Discard, r.Body); fmt.Fprintln(w, n) })
  http.HandleFunc("/fetch", func(w http.ResponseWriter, r *http.Request) { a, e := http.Get("http://127.0.0.1:" + os.Args[2] + "/list"); if e == nil { io.Copy(w, a.Body); a.Body.Close() } else { http.Error(w, e.Error(), 500) } })
  http.HandleFunc("/dns", func(w http.ResponseWriter, r *http.Request) { a, e := net.LookupHost("localhost"); fmt.Fprintln(w, a, e) })
  http.HandleFunc("/tmp", func(w http.ResponseWriter, r *http.Request) {
    d, _ := os.MkdirTemp("", "x"); f := filepath.Join(d, "f"); os.WriteFile(f, []byte("x"), 0o600); os.Rename(f, f+"2"); os.Chmod(f+"2", 0o644); os.Symlink("f2", f); os.Readlink(f); os.Truncate(f+"2", 0); os.Chtimes(f+"2", time.Now(), time.Now()); os.RemoveAll(d); fmt.Fprintln(w, "ok") })
  panic(http.ListenAndServe("127.0.0.1:"+os.Args[2], nil))
}
`;

/** Works on the files of site() in the folder. */
export function sqlScript(folder) {
  return `.timer on
pragma journal_mode=wal; create table t(a integer primary key, b text); with recursive n(i) as (select 1 union all select i+1 from n where i<20000) insert into t select i, hex(randomblob(40)) from n; create index x on t(b); delete from t where a%3=0; vacuum;
.backup ${folder}/copy.db
attach '${folder}/copy.db' as c; create table c.u as select * from t;
.output ${folder}/out.txt
.dump
.output stdout
pragma wal_checkpoint(truncate); pragma journal_mode=delete; begin exclusive; update t set b='x'; rollback; select count(*) from t; select datetime('now','localtime');
.headers on
.mode csv
.once ${folder}/t.csv
select * from t limit 2000;
.import ${folder}/t.csv v
pragma mmap_size=50000000; pragma cache_size=20; pragma temp_store=file; select count(*) from (select distinct b||a from v order by 1 desc);
pragma synchronous=extra; pragma journal_mode=persist; delete from v; pragma journal_mode=truncate; insert into v select * from t limit 9; vacuum into '${folder}/into.db';
select writefile('${folder}/new/f.txt', 'hello', 33188, 1000000000), writefile('${folder}/new/d', null, 16877), writefile('${folder}/new/l', 'f.txt', 41471), length(readfile('${folder}/www/big.bin')), count(*) from fsdir('${folder}/www');
.archive --create --file ${folder}/a.sqlar --directory ${folder}/www sub
.archive --extract --file ${folder}/a.sqlar --directory ${folder}/new
.restore ${folder}/copy.db
.clone ${folder}/clone.db
`;
}
