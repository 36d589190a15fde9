// Programs whose workloads were written before today's rule of choice was looked for and first run when it was settled.
// Not in the table of co-use.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { dnsClient } from "./sources.js";
import { fetchAll, site, until } from "./targets.js";

const NATS = `import json, socket, sys, threading
port = int(sys.argv[1])
class Client:
    def __init__(self, **words):
        self.s = socket.create_connection(("127.0.0.1", port)); self.s.settimeout(5); self.f = self.s.makefile("rwb"); self.f.readline()
        self.say("CONNECT " + json.dumps(dict(verbose=False, pedantic=False, headers=True, **words))); self.ping()
    def say(self, line, body=None):
        self.f.write(line.encode() + b"\\r\\n" + (b"" if body is None else body + b"\\r\\n")); self.f.flush()
    def ping(self):
        self.say("PING")
        while self.f.readline().strip() != b"PONG": pass
    def message(self):
        line = self.f.readline().split()
        while line[:1] != [b"MSG"]: assert line, "closed"; line = self.f.readline().split()
        return self.f.read(int(line[-1]) + 2)[:-2]
    def ask(self, subject, body):
        self.say("SUB answers.%d 9" % id(self)); self.say("PUB %s answers.%d %d" % (subject, id(self), len(body)), body); answer = self.message(); self.say("UNSUB 9"); return answer
a, b = Client(), Client()
a.say("SUB one.* 1"); a.ping(); b.say("PUB one.a 2", b"hi"); assert a.message() == b"hi"
if sys.argv[2] == "large":
    def load(n):
        c = Client(name="load%d" % n); c.say("SUB load.> group %d" % n)
        for i in range(500): c.say("PUB load.%d %d" % (i % 7, i), b"x" * i)
        c.ping()
    threads = [threading.Thread(target=load, args=(n,)) for n in range(8)]; [t.start() for t in threads]; [t.join() for t in threads]
    for name in "file", "memory":
        made = json.loads(a.ask("$JS.API.STREAM.CREATE.S" + name, json.dumps(dict(name="S" + name, subjects=["s%s.*" % name], storage=name, retention="limits", max_msgs=1000, discard="old", num_replicas=1)).encode()))
        assert "error" not in made, made
        for i in range(1500): b.say("PUB s%s.a %d" % (name, i % 900), b"y" * (i % 900))
        b.ask("s%s.b" % name, b"last"); a.ask("$JS.API.STREAM.INFO.S" + name, b"")
        a.ask("$JS.API.CONSUMER.DURABLE.CREATE.S%s.C" % name, json.dumps(dict(stream_name="S" + name, config=dict(durable_name="C", ack_policy="explicit", deliver_policy="all"))).encode())
        a.ask("$JS.API.CONSUMER.MSG.NEXT.S%s.C" % name, b"1"); a.ask("$JS.API.STREAM.PURGE.S" + name, b"")
    a.ask("$JS.API.STREAM.DELETE.Smemory", b"")
    c = Client(); c.say("NONSENSE"); c.s.close()
`;

const IRC = `import socket, sys, threading
port = int(sys.argv[1])
class Client:
    def __init__(self, nick):
        self.s = socket.create_connection(("127.0.0.1", port)); self.s.settimeout(8); self.f = self.s.makefile("rwb"); self.nick = nick
        self.say("NICK " + nick, "USER %s 0 * :A name" % nick); self.until(b" 422 ", b" 376 ")
    def say(self, *lines): self.f.write("".join(line + "\\r\\n" for line in lines).encode()); self.f.flush()
    def until(self, *words):
        while True:
            line = self.f.readline(); assert line, words
            if line.startswith(b"PING"): self.say(line.decode().strip().replace("PING", "PONG"))
            if any(word in line for word in words): return line
a = Client("one"); a.say("PING x"); a.until(b"PONG")
if sys.argv[2] == "large":
    b = Client("two"); a.say("JOIN #room"); a.until(b" 366 "); b.say("JOIN #room"); b.until(b" 366 ")
    a.say("PRIVMSG #room :hello"); b.until(b"hello"); b.say("PRIVMSG one :hi"); a.until(b":hi"); a.say("NOTICE two :note"); b.until(b"note")
    a.say("TOPIC #room :our topic", "MODE #room +nt", "MODE #room +k key", "MODE #room", "NAMES #room", "LIST", "WHO #room", "WHOIS two", "WHOWAS nobody", "LUSERS", "MOTD", "VERSION", "TIME", "ADMIN", "INFO", "STATS m", "LINKS", "ISON two", "USERHOST two", "AWAY :gone", "INVITE two #room", "OPER admin secret", "KICK #room two :out"); b.until(b"KICK")
    a.say("REHASH"); a.until(b" 382 "); a.say("NONSENSE", "x" * 600, "KILL two :bye"); a.until(b" 421 ")
    def load(n):
        c = Client("load%d" % n); c.say("JOIN #load"); c.until(b" 366 "); c.say(*["PRIVMSG #load :%d" % i for i in range(9)], "QUIT :done"); c.until(b"ERROR")
    threads = [threading.Thread(target=load, args=(n,)) for n in range(6)]; [t.start() for t in threads]; [t.join() for t in threads]
a.say("QUIT :bye"); a.until(b"ERROR")
`;

const LOG = `import socket, sys, threading, time
udp, tcp, how = int(sys.argv[2]), int(sys.argv[1]), sys.argv[3]
def send(n, count):
    with socket.create_connection(("127.0.0.1", tcp)) as s:
        for i in range(count): s.sendall(b"<%d>Jan  1 00:00:%02d host%d prog[%d]: message %d\\n" % (8 * (i % 5) + i % 8, i % 60, n, i, i))
send(1, 1)
if how == "large":
    threads = [threading.Thread(target=send, args=(n, 2000)) for n in range(6)]; [t.start() for t in threads]; [t.join() for t in threads]
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for i in range(300): u.sendto(b"<14>1 2026-01-01T00:00:00Z away app 1 ID [a b=\\"c\\"] over udp %d" % i, ("127.0.0.1", udp))
    with socket.create_connection(("127.0.0.1", tcp)) as s: s.sendall(b"7 <13>abc" + b"no number and a very long line " * 900 + b"\\n")
time.sleep(0.4)
`;

/** A server of www on the next port while the commands run. */
const besides = (port, www, commands) =>
  `/usr/bin/python3 -m http.server ${port} --bind 127.0.0.1 --directory ${www} >/dev/null 2>&1 & p=$!; ${until(`curl -sf http://127.0.0.1:${port}/ -o /dev/null`)}; ${commands}; r=$?; kill $p; exit $r`;

/** @returns {{name: string, needs: string[], prepare: (folder: string, port: number) => object}[]} */
export const NEWEST = [
  {
    name: "nats-server",
    needs: ["nats-server", "/usr/bin/python3", "curl"],
    prepare(folder, port) {
      const [conf, client] = ["nats.conf", "client.py"].map(name => path.join(folder, name));
      writeFileSync(client, NATS);
      writeFileSync(
        conf,
        `listen: "127.0.0.1:${port}"\nhttp: "127.0.0.1:${port + 1}"\nlog_file: "${folder}/log"\npid_file: "${folder}/pid"\njetstream { store_dir: "${folder}/store", max_mem: 16mb, max_file: 64mb }\n`,
      );
      const python = how => `/usr/bin/python3 ${client} ${port} ${how}`;
      return {
        argv: ["nats-server", "-c", conf],
        ready: `tcp:${port}`,
        small: [python("small")],
        large: [
          python("large"),
          fetchAll(
            ["varz", "connz?subs=1", "routez", "subsz", "jsz?streams=1", "healthz", "nothing"].map(
              name => `'http://127.0.0.1:${port + 1}/${name}'`,
            ),
          ),
          `echo 'debug: true' >> ${conf}; kill -HUP $SECCRAFT_PID; sleep 0.4; mv ${folder}/log ${folder}/log.1; kill -USR1 $SECCRAFT_PID; sleep 0.3; ${python("small")}`,
        ],
      };
    },
  },
  {
    name: "bind9",
    needs: ["named", "rndc", "/usr/bin/python3"],
    prepare(folder, port) {
      const [conf, ask, zone, key] = ["named.conf", "ask.py", "one.zone", "rndc.conf"].map(name =>
        path.join(folder, name),
      );
      const secret = `key k { algorithm hmac-sha256; secret "c2VjcmV0"; };`;
      writeFileSync(ask, dnsClient(port));
      writeFileSync(
        zone,
        '$ORIGIN one.test.\n$TTL 60\n@ SOA ns. me. 1 60 60 60 60\n@ NS ns\nns A 10.1.2.3\nwww A 10.1.2.4\n* TXT "any"\n',
      );
      writeFileSync(key, `${secret}\noptions { default-key k; };\n`);
      writeFileSync(
        conf,
        `${secret}\noptions { directory "${folder}"; pid-file "${folder}/pid"; session-keyfile "${folder}/session"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; allow-transfer { any; }; querylog yes; };\ncontrols { inet 127.0.0.1 port ${port + 1} allow { any; } keys { k; }; };\nlogging { channel c { file "${folder}/log" versions 3 size 100k; print-time yes; }; category default { c; }; category queries { c; }; };\nzone "one.test" { type primary; file "${zone}"; };\nzone "made.test" { type primary; file "${folder}/made.zone"; allow-update { any; }; };\n`,
      );
      writeFileSync(
        path.join(folder, "made.zone"),
        "$ORIGIN made.test.\n$TTL 60\n@ SOA ns.one.test. me. 1 60 60 60 60\n@ NS ns.one.test.\n",
      );
      const dns = (name, kind, how) => `/usr/bin/python3 ${ask} ${name} ${kind} ${how}`;
      const rndc = words => `rndc -c ${key} -s 127.0.0.1 -p ${port + 1} ${words} >/dev/null`;
      return {
        argv: ["named", "-f", "-c", conf, "-p", String(port)],
        ready: `tcp:${port}`,
        small: [dns("www.one.test", 1, "udp")],
        large: [
          `${dns("www.one.test", 1, "tcp")} && ${dns("one.test", 252, "tcp")} && ${dns("x.one.test", 16, "udp")} && ${dns("none.else", 28, "udp")} && ${dns("one.test", 255, "udp")}`,
          `sed -i 's/10.1.2.4/10.1.2.5/; s/me. 1/me. 2/' ${zone}; kill -HUP $SECCRAFT_PID; sleep 0.6; ${dns("www.one.test", 1, "udp")}`,
          [
            "status",
            "stats",
            "dumpdb -all",
            "freeze made.test",
            "thaw made.test",
            "sync -clean",
            "addzone 'new.test { type primary; file \"made.zone\"; };' || true",
            "reload one.test",
            "reconfig",
            "flush",
            "querylog off",
            "zonestatus one.test",
          ]
            .map(rndc)
            .join("; "),
          `for i in 1 2 3 4 5 6; do ${dns("www.one.test", 1, "tcp")} & done; wait; sleep 0.3; ${rndc("status")}`,
        ],
      };
    },
  },
  {
    name: "ngircd",
    needs: ["ngircd", "/usr/bin/python3"],
    prepare(folder, port) {
      const [conf, client] = ["ngircd.conf", "client.py"].map(name => path.join(folder, name));
      writeFileSync(client, IRC);
      writeFileSync(path.join(folder, "motd"), "Welcome\n");
      writeFileSync(
        conf,
        `[Global]\nName = irc.example.net\nInfo = A server\nListen = 127.0.0.1\nPorts = ${port}\nMotdFile = ${folder}/motd\nPidFile = ${folder}/pid\nServerUID = irc\nServerGID = irc\n[Limits]\nMaxConnectionsIP = 20\nMaxPenaltyTime = 0\n[Options]\nPAM = no\nIdent = no\n[Operator]\nName = admin\nPassword = secret\n[Channel]\nName = #fixed\nTopic = A fixed one\n`,
      );
      chmodSync(folder, 0o777);
      const python = how => `/usr/bin/python3 ${client} ${port} ${how}`;
      return {
        argv: ["ngircd", "-n", "-f", conf],
        ready: `tcp:${port}`,
        small: [python("small")],
        large: [
          python("large"),
          `kill -HUP $SECCRAFT_PID; sleep 0.5; ${python("small")}`,
          `for i in 1 2 3; do /usr/bin/python3 -c 'import socket, time; s = socket.create_connection(("127.0.0.1", ${port})); time.sleep(0.5)' & done; wait; ${python("small")}`,
        ],
      };
    },
  },
  {
    name: "rsyslog",
    needs: ["rsyslogd", "/usr/bin/python3"],
    prepare(folder, port) {
      const [conf, client] = ["rsyslog.conf", "client.py"].map(name => path.join(folder, name));
      mkdirSync(path.join(folder, "spool"));
      mkdirSync(path.join(folder, "out"));
      writeFileSync(client, LOG);
      writeFileSync(path.join(folder, "input.log"), "a first line\n");
      writeFileSync(
        conf,
        `global(workDirectory="${folder}/spool")\nmodule(load="imtcp")\nmodule(load="imudp")\nmodule(load="imfile" mode="inotify")\ninput(type="imtcp" address="127.0.0.1" port="${port}")\ninput(type="imudp" address="127.0.0.1" port="${port}")\ninput(type="imfile" file="${folder}/input.log" tag="input:")\ntemplate(name="perhost" type="string" string="${folder}/out/%HOSTNAME%.log")\naction(type="omfile" file="${folder}/all.log")\nif $hostname startswith "host" then action(type="omfile" dynaFile="perhost" zipLevel="3" ioBufferSize="32k")\nif $msg contains "udp" then action(type="omfwd" target="127.0.0.1" port="${port + 1}" protocol="tcp" queue.type="LinkedList" queue.filename="away" queue.size="200" queue.saveOnShutdown="on" action.resumeRetryCount="-1" action.resumeInterval="1")\n`,
      );
      const python = how => `/usr/bin/python3 ${client} ${port} ${port} ${how}`;
      return {
        argv: ["rsyslogd", "-n", "-f", conf, "-i", `${folder}/pid`],
        ready: `tcp:${port}`,
        small: [python("small")],
        large: [
          `${python("large")}; for i in 1 2 3 4 5; do echo "line $i" >> ${folder}/input.log; done; sleep 0.5`,
          `mv ${folder}/all.log ${folder}/all.1; mv ${folder}/input.log ${folder}/input.1; echo new > ${folder}/input.log; kill -HUP $SECCRAFT_PID; sleep 0.5; ${python("small")}; ${until(`test -s ${folder}/all.log`)}`,
          `timeout 3 /usr/bin/python3 -c 'import socket; s=socket.create_server(("127.0.0.1",${port + 1})); c,_=s.accept(); print(len(c.recv(999)))'; ${python("large")}; sleep 0.5`,
        ],
      };
    },
  },
  {
    name: "monit",
    needs: ["monit", "curl"],
    prepare(folder, port) {
      const conf = path.join(folder, "monitrc");
      const other = path.join(folder, "other.sh");
      writeFileSync(path.join(folder, "watched"), "content\n");
      writeFileSync(other, `#!/bin/sh\necho $$ > ${folder}/other.pid\nexec sleep 20\n`);
      chmodSync(other, 0o755);
      writeFileSync(
        conf,
        `set daemon 1\nset log ${folder}/log\nset pidfile ${folder}/pid\nset idfile ${folder}/id\nset statefile ${folder}/state\nset httpd port ${port} and use address 127.0.0.1 allow admin:monit\ncheck system here if loadavg (1min) > 900 then alert\ncheck file watched path ${folder}/watched if changed checksum then exec "/bin/touch ${folder}/changed" if failed permission 644 then alert\ncheck filesystem disk path / if space usage > 99.9% then alert\ncheck process other pidfile ${folder}/other.pid start program "/bin/sh -c '${other} >/dev/null 2>&1 &'" stop program "/bin/sh -c 'kill $(cat ${folder}/other.pid)'" mode manual\ncheck host neighbour address 127.0.0.1 if failed port ${port + 1} protocol http then alert\n`,
      );
      chmodSync(conf, 0o600);
      const url = `http://admin:monit@127.0.0.1:${port}`;
      const www = site(folder);
      const order = (service, action) =>
        `curl -s -o /dev/null -b securitytoken=t -d securitytoken=t -d action=${action} ${url}/${service}`;
      return {
        argv: ["monit", "-I", "-c", conf],
        ready: `tcp:${port}`,
        small: [`curl -sf -o /dev/null ${url}/`],
        large: [
          fetchAll([
            `${url}/here`,
            `${url}/watched`,
            `${url}/disk`,
            `${url}/_status?format=xml`,
            `${url}/_runtime`,
            `${url}/_viewlog`,
            `${url}/none`,
            `http://127.0.0.1:${port}/`,
          ]),
          `echo more >> ${folder}/watched; chmod 600 ${folder}/watched; sleep 2.5; test -e ${folder}/changed`,
          `${order("other", "start")}; sleep 2; ${order("other", "restart")}; sleep 2; ${order("watched", "unmonitor")}; ${order("watched", "monitor")}; ${order("other", "stop")}; sleep 1.5`,
          besides(port + 1, www, "sleep 2.2"),
          `kill -HUP $SECCRAFT_PID; ${until(`curl -sf -o /dev/null ${url}/`)}; kill -USR1 $SECCRAFT_PID; sleep 0.6; curl -sf -o /dev/null ${url}/`,
        ],
      };
    },
  },
  {
    name: "privoxy",
    needs: ["privoxy", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      const conf = path.join(folder, "config");
      writeFileSync(
        path.join(folder, "own.action"),
        "{{description}}\nOwn actions\n{ +filter{own} +deanimate-gifs{last} }\n/\n{ +block{no ads} }\n/ads\n",
      );
      writeFileSync(path.join(folder, "own.filter"), "FILTER: own Changes words.\ns/works/sings/g\n");
      chmodSync(path.join(folder, "own.action"), 0o666);
      writeFileSync(
        conf,
        `confdir ${folder}\ntempldir /etc/privoxy/templates\nlogdir ${folder}\nlogfile log\nactionsfile own.action\nfilterfile own.filter\nlisten-address 127.0.0.1:${port}\ndebug 1\ndebug 512\nenable-edit-actions 1\nenable-remote-toggle 1\nsocket-timeout 10\n`,
      );
      const get = (url, more = "") => `curl -s ${more} -x http://127.0.0.1:${port} '${url}' -o /dev/null`;
      const origin = `http://127.0.0.1:${port + 1}`;
      return {
        argv: ["privoxy", "--no-daemon", conf],
        ready: `tcp:${port}`,
        small: [besides(port + 1, www, get(`${origin}/`))],
        large: [
          besides(
            port + 1,
            www,
            `${get(`${origin}/big.bin`)}; ${get(`${origin}/sub/`, "-p")}; ${get(`${origin}/ads`)}; ${get(`${origin}/none`)}; ${get(`${origin}/`, "-d x")}; ${get(`${origin}/`, "-I")}; for i in 1 2 3 4 5 6; do ${get(`${origin}/big.bin`)} & c="$c $!"; done; wait $c`,
          ),
          [
            "show-status",
            "show-request",
            "show-url-info?url=example.org",
            "edit-actions-list?f=0",
            "toggle?set=disable",
            "toggle?set=enable",
            "client-tags",
            "nothing-such",
          ]
            .map(name => get(`http://config.privoxy.org/${name}`))
            .join("; "),
          `${get("http://localhost:1/")}; ${get("http://nothing.invalid/", "-m 3")}; ${get("https://localhost:1/", "-m 3")}; true`,
          `echo '{ +block{more} }
/more' >> ${folder}/own.action; kill -HUP $SECCRAFT_PID; sleep 0.3; ${besides(port + 1, www, get(`${origin}/more`))}`,
        ],
      };
    },
  },
];
