// Programs that were first run when the rules and figures of today's policies were settled. Not in the table of co-use.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fetchAll, site, until } from "./targets.js";

const ORIGIN = (port, www) =>
  `/usr/bin/python3 -m http.server ${port} --bind 127.0.0.1 --directory ${www} >/dev/null 2>&1 & p=$!; ${until(`curl -sf http://127.0.0.1:${port}/ -o /dev/null`)}`;

const SQL = folder => `create database d; use d;
create table t(a int primary key auto_increment, b varchar(200), key(b)) engine=innodb; insert into t(b) select md5(seq) from seq_1_to_20000;
create table m engine=aria select * from t; alter table t add c int default 1, add index(c); create table y engine=myisam select * from t limit 500; update t set c=a%7; delete from t where a%5=0;
select count(*) from (select t.b from t join m on t.a=m.a group by t.b order by t.b desc) x; set tmp_table_size=1024, sort_buffer_size=32768; select b, count(*) from m group by b order by 2, 1 limit 3;
select * from t into outfile '${folder}/t.csv'; truncate y; load data infile '${folder}/t.csv' into table y; optimize table m, t; analyze table t; check table m;
start transaction; savepoint s; insert into t(b) values ('x'); rollback to s; commit; create temporary table z select * from t; create procedure p() select sleep(0.02); call p(); rename table y to w; drop table w;
show global status like 'Uptime'; flush tables with read lock; unlock tables; flush logs; set global max_connections=50;
`;

const LINES = `import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); s.settimeout(5); f = s.makefile("rwb")
def ask(text, more=0):
    f.write(text.replace("|", "\\r\\n").encode() + b"\\r\\n"); f.flush(); line = f.readline().split(); assert line, text
    if line[0] in (b"RESERVED", b"FOUND", b"OK"): f.read(int(line[-1]) + 2)
    return line[0].decode()
if sys.argv[2] == "small": print(ask("put 1 0 60 2|hi"), ask("reserve"), ask("delete 1"))
else:
    for n in range(3000): ask("put %d 0 60 %d|%s" % (n % 9, n % 900, "x" * (n % 900)))
    print(ask("use other"), ask("put 1 1 1 2|hi"), ask("watch other"), ask("reserve-with-timeout 2"), ask("stats"), ask("list-tubes"), ask("stats-tube other"), ask("peek-ready"), ask("ignore default"))
    s2 = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); s2.sendall(b"reserve\\r\\n"); s2.close()
    ask("watch default")
    for n in range(1000): ask("reserve-with-timeout 0")
    print(ask("bury 5 1"), ask("kick 10"), ask("pause-tube other 1"), ask("nothing-such"))
`;

const ASK_DNS = `import socket, struct, sys
name, kind, how, port = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
q = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\\0" + struct.pack(">HH", kind, 1)
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if how == "tcp" else socket.SOCK_DGRAM)
s.settimeout(3); s.connect(("127.0.0.1", port))
s.sendall(struct.pack(">H", len(q)) + q if how == "tcp" else q)
print(len(s.recv(4096)))
`;

const AWK = `BEGIN { srand(1); while (("cat " ARGV[1]) | getline line > 0) n += length(line); close("cat " ARGV[1])
  print "b\\na" | "sort"; close("sort"); system("true"); out = ARGV[1] ".out"; for (i = 0; i < 5000; i++) print i, rand() > out; close(out)
  while ((getline x < out) > 0) sum += x; cmd = "tr a-z A-Z"; print "hello" |& cmd; close(cmd, "to"); cmd |& getline back; close(cmd); if (back != "HELLO") exit 3
  split("c b a", parts); asort(parts); print strftime("%Y", 0), parts[1], gensub(/a/, "x", "g", "banana"), ENVIRON["HOME"], PROCINFO["pid"] >> out; fflush(); print n, sum }
{ seen[$1]++ } END { for (k in seen) c++; print c, FILENAME, NR }
`;

/** @returns {{name: string, needs: string[], prepare: (folder: string, port: number) => object}[]} */
export const LATER = [
  {
    name: "mariadb",
    needs: ["mariadbd", "mariadb-install-db", "mariadb"],
    prepare(folder, port) {
      chmodSync(folder, 0o777);
      const data = path.join(folder, "data");
      const common = ["--no-defaults", "--user=mysql", `--datadir=${data}`];
      spawnSync("mariadb-install-db", [...common, "--auth-root-authentication-method=normal"]);
      writeFileSync(path.join(folder, "large.sql"), SQL(folder));
      const client = `mariadb --no-defaults -uroot -S ${folder}/sock`;
      return {
        argv: [
          "/usr/sbin/mariadbd",
          ...common,
          `--port=${port}`,
          "--bind-address=127.0.0.1",
          `--socket=${folder}/sock`,
          `--pid-file=${folder}/pid`,
          `--log-error=${folder}/error.log`,
          "--innodb-buffer-pool-size=16M",
        ],
        ready: `tcp:${port}`,
        small: [
          `${client} -e 'create table test.s(a int); insert into test.s values (1); select sum(a) from test.s; drop table test.s' >/dev/null`,
        ],
        large: [
          `${client} < ${folder}/large.sql >/dev/null`,
          `for i in 1 2 3 4; do mariadb --no-defaults -uroot -h 127.0.0.1 -P ${port} d -e "insert into t(b) select seq from seq_1_to_500; select count(*) from t" >/dev/null & done; wait`,
          `${client} -e 'drop database d'; kill -HUP $SECCRAFT_PID; sleep 0.3; ${client} -e 'select 1' >/dev/null`,
        ],
      };
    },
  },
  {
    name: "stunnel",
    needs: ["stunnel4", "openssl", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      const words = "req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=localhost".split(" ");
      spawnSync("openssl", words, { cwd: folder });
      const conf = path.join(folder, "stunnel.conf");
      writeFileSync(
        conf,
        `foreground = yes\npid = ${folder}/pid\noutput = ${folder}/log\ncert = ${folder}/cert\nkey = ${folder}/key\nsyslog = no\n[web]\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:${port + 1}\n`,
      );
      const url = `https://127.0.0.1:${port}`;
      return {
        argv: ["stunnel4", conf],
        ready: `tcp:${port}`,
        small: [`${ORIGIN(port + 1, www)}; curl -sfk ${url}/ -o /dev/null; r=$?; kill $p; exit $r`],
        large: [
          `curl -sk ${url}/ -o /dev/null; true`,
          `${ORIGIN(port + 1, www)}; ${fetchAll([`-k ${url}/big.bin`, `-k --tls-max 1.2 ${url}/sub/`, `-k -X POST -d x ${url}/`])}; for i in 1 2 3 4 5 6; do curl -sk ${url}/big.bin -o /dev/null & c="$c $!"; done; wait $c; kill -HUP $SECCRAFT_PID; sleep 0.5; kill -USR1 $SECCRAFT_PID; sleep 0.3; curl -sfk ${url}/ -o /dev/null; r=$?; kill $p; exit $r`,
          `curl -s http://127.0.0.1:${port}/ -o /dev/null; true`,
        ],
      };
    },
  },
  {
    name: "tinyproxy",
    needs: ["tinyproxy", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      const conf = path.join(folder, "tinyproxy.conf");
      writeFileSync(path.join(folder, "filter"), "forbidden\n");
      writeFileSync(
        conf,
        `Port ${port}\nListen 127.0.0.1\nTimeout 5\nLogFile "${folder}/log"\nPidFile "${folder}/pid"\nMaxClients 30\nFilter "${folder}/filter"\nConnectPort ${port + 1}\nStatHost "stats.test"\n`,
      );
      const get = (what, more = "") =>
        `curl -s ${more} -x http://127.0.0.1:${port} http://127.0.0.1:${port + 1}${what} -o /dev/null`;
      return {
        argv: ["tinyproxy", "-d", "-c", conf],
        ready: `tcp:${port}`,
        small: [`${ORIGIN(port + 1, www)}; ${get("/")}; kill $p`],
        large: [
          `${ORIGIN(port + 1, www)}; ${get("/big.bin")}; ${get("/sub/", "-p")}; ${get("/none")}; ${get("/", "-d x")}; for i in 1 2 3 4 5 6; do ${get("/big.bin")} & c="$c $!"; done; wait $c; kill $p`,
          `curl -s -x http://127.0.0.1:${port} http://stats.test/ -o /dev/null; curl -s -x http://127.0.0.1:${port} http://forbidden.test/ -o /dev/null; curl -s -x http://127.0.0.1:${port} http://localhost:1/ -o /dev/null; true`,
          `kill -USR1 $SECCRAFT_PID; sleep 0.4; curl -s -x http://127.0.0.1:${port} http://stats.test/ -o /dev/null`,
        ],
      };
    },
  },
  {
    name: "beanstalkd",
    needs: ["beanstalkd", "/usr/bin/python3"],
    prepare(folder, port) {
      const client = path.join(folder, "client.py");
      writeFileSync(client, LINES);
      return {
        argv: [..."beanstalkd -l 127.0.0.1 -s 400000 -f 0".split(" "), "-p", String(port), "-b", folder],
        ready: `tcp:${port}`,
        small: [`/usr/bin/python3 ${client} ${port} small`],
        large: [
          `/usr/bin/python3 ${client} ${port} large`,
          `sleep 1.2; for i in 1 2 3; do /usr/bin/python3 ${client} ${port} large >/dev/null & done; wait; kill -USR1 $SECCRAFT_PID; sleep 0.2`,
        ],
      };
    },
  },
  {
    name: "caddy",
    needs: ["caddy", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      const conf = path.join(folder, "Caddyfile");
      writeFileSync(
        conf,
        `{\n admin unix/${folder}/admin.sock\n auto_https off\n storage file_system ${folder}/store\n}\nhttp://127.0.0.1:${port} {\n log {\n  output file ${folder}/access.log\n }\n encode gzip\n handle_path /proxy/* {\n  reverse_proxy 127.0.0.1:${port + 1}\n }\n handle /text {\n  templates\n  respond "{{now}} {{env \\"HOME\\"}}"\n }\n root * ${www}\n file_server browse\n}\n`,
      );
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: ["caddy", "run", "--config", conf, "--adapter", "caddyfile"],
        directory: folder,
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: [
          fetchAll([
            `${url}/sub/`,
            `-r 5-900 ${url}/big.bin`,
            `-H 'Accept-Encoding: gzip' ${url}/`,
            `${url}/nothing`,
            `${url}/text`,
            `${url}/proxy/none`,
          ]),
          `${ORIGIN(port + 1, www)}; curl -sf ${url}/proxy/big.bin -o /dev/null; r=$?; kill $p; exit $r`,
          `for i in 1 2 3 4 5 6 7 8; do curl -sf ${url}/big.bin -o /dev/null & done; wait`,
          `echo '# more' >> ${conf}; curl -sf --unix-socket ${folder}/admin.sock -H 'Content-Type: text/caddyfile' --data-binary @${conf} http://localhost/load; sleep 0.3; curl -sf ${url}/ -o /dev/null`,
        ],
      };
    },
  },
  {
    name: "nsd",
    needs: ["nsd", "/usr/bin/python3"],
    prepare(folder, port) {
      const [conf, ask, zone] = ["nsd.conf", "ask.py", "one.zone"].map(name => path.join(folder, name));
      writeFileSync(ask, ASK_DNS);
      writeFileSync(
        zone,
        '$ORIGIN one.test.\n$TTL 60\n@ SOA ns. me. 1 60 60 60 60\n@ NS ns\nns A 10.1.2.3\nwww A 10.1.2.4\n* TXT "any"\n',
      );
      writeFileSync(
        conf,
        `server:\n  ip-address: 127.0.0.1@${port}\n  username: ""\n  chroot: ""\n  zonesdir: "${folder}"\n  database: ""\n  pidfile: "${folder}/pid"\n  logfile: "${folder}/log"\n  xfrdfile: "${folder}/xfrd"\n  xfrdir: "${folder}"\n  zonelistfile: "${folder}/list"\nremote-control:\n  control-enable: no\nzone:\n  name: one.test\n  zonefile: one.zone\n  provide-xfr: 127.0.0.1 NOKEY\n`,
      );
      const dns = (name, kind, how) => `/usr/bin/python3 ${ask} ${name} ${kind} ${how} ${port}`;
      return {
        argv: ["nsd", "-d", "-c", conf],
        ready: `tcp:${port}`,
        small: [dns("www.one.test", 1, "udp")],
        large: [
          `${dns("www.one.test", 1, "tcp")}; ${dns("one.test", 252, "tcp")}; ${dns("x.one.test", 16, "udp")}; ${dns("none.test", 28, "udp")}`,
          `sed -i 's/10.1.2.4/10.1.2.5/; s/me. 1/me. 2/' ${zone}; kill -HUP $SECCRAFT_PID; sleep 0.8; ${dns("www.one.test", 1, "udp")}`,
          `for i in 1 2 3 4 5 6; do ${dns("www.one.test", 1, "tcp")} & done; wait; kill -USR1 $SECCRAFT_PID; sleep 0.3`,
        ],
      };
    },
  },
  {
    name: "socat",
    needs: ["socat", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: [
          "socat",
          `TCP4-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,max-children=20`,
          `TCP4:127.0.0.1:${port + 1}`,
        ],
        ready: `tcp:${port}`,
        small: [`${ORIGIN(port + 1, www)}; curl -sf ${url}/ -o /dev/null; r=$?; kill $p; exit $r`],
        large: [
          `curl -s ${url}/ -o /dev/null; true`,
          `${ORIGIN(port + 1, www)}; ${fetchAll([`${url}/sub/`, `-m 0.01 ${url}/big.bin`, `-X POST -d x ${url}/`])}; for i in 1 2 3 4 5 6 7 8; do curl -sf ${url}/big.bin -o /dev/null & c="$c $!"; done; wait $c; curl -sf ${url}/ -o /dev/null; r=$?; kill $p; exit $r`,
        ],
      };
    },
  },
  {
    name: "iperf3",
    needs: ["iperf3"],
    prepare(folder, port) {
      const client = `iperf3 -c 127.0.0.1 -p ${port}`;
      return {
        argv: ["iperf3", "-s", "-B", "127.0.0.1", "-p", String(port)],
        ready: `tcp:${port}`,
        small: [`${client} -n 1M >/dev/null`],
        large: [
          `${client} -n 20M -P 4 >/dev/null`,
          `${client} -R -n 20M -Z >/dev/null`,
          `${client} -u -b 20M -n 2M --json --get-server-output >/dev/null; ${client} --bidir -t 1 -i 0.2 >/dev/null`,
        ],
      };
    },
  },
  {
    name: "gawk",
    needs: ["gawk"],
    prepare(folder) {
      const www = site(folder);
      const script = path.join(folder, "large.awk");
      mkdirSync(path.join(folder, "work"), { recursive: true });
      writeFileSync(script, AWK);
      return {
        argv: ["gawk", "{ n += length($0) } END { print n }", path.join(www, "index.html")],
        largeArgv: ["gawk", "-f", script, path.join(www, "index.html")],
      };
    },
  },
];
