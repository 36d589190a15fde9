// Programs that were looked at once the rules were there, to see what those of targets.js do not show, each with a small exercise and a large, different workload.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { dnsClient } from "./sources.js";
import { fetchAll, site, until } from "./targets.js";

const POSTGRES = "/usr/lib/postgresql/15/bin";

const RUBY_SERVER = `
require "webrick"
root, port = ARGV
server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: port.to_i, DocumentRoot: root, AccessLog: [], Logger: WEBrick::Log.new(File.join(root, "log")))
server.mount_proc("/write") do |q, a|
  d = File.join(root, "made"); Dir.mkdir(d) unless Dir.exist?(d)
  f = File.join(d, "f"); File.write(f, q.body.to_s); File.rename(f, f + "2"); File.symlink("f2", f); File.readlink(f); File.truncate(f + "2", 1); File.chmod(0600, f + "2"); File.utime(1, 1, f + "2"); File.open(f + "2", "a") { |o| o.flock(File::LOCK_EX); o.fsync }
  File.delete(f, f + "2"); Dir.rmdir(d); a.body = "ok"
end
server.mount_proc("/sleep") { |q, a| sleep 0.05; a.body = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID).to_s }
server.mount_proc("/run") { |q, a| a.body = IO.popen("echo hi", &:read) }
trap("TERM") { server.shutdown }
server.start
`;

const PHP_PAGE = `<?php
switch ($_SERVER["SCRIPT_NAME"] === "/app.php" ? ($_GET["do"] ?? "") : "") {
  case "write": $f = tempnam(sys_get_temp_dir(), "x"); file_put_contents($f, "abc", LOCK_EX); $h = fopen($f, "r+"); ftruncate($h, 1); fsync($h); fclose($h); chmod($f, 0600); touch($f, 1); rename($f, "$f.2"); symlink("$f.2", $f); readlink($f); unlink($f); unlink("$f.2"); mkdir("$f.d"); rmdir("$f.d"); echo "ok"; break;
  case "list": echo count(scandir(".")); break;
  case "fetch": $c = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0); fwrite($c[0], "hi"); echo fread($c[1], 2); $s = stream_socket_server("tcp://127.0.0.1:0"); $k = stream_socket_client("tcp://" . stream_socket_get_name($s, false)); $r = [$k]; $w = null; $e = null; stream_select($r, $w, $e, 0, 1000); echo "ok"; break;
  case "sleep": usleep(20000); echo getmypid(), php_uname(), getrusage()["ru_utime.tv_usec"]; break;
  case "post": move_uploaded_file($_FILES["f"]["tmp_name"], sys_get_temp_dir() . "/up"); unlink(sys_get_temp_dir() . "/up"); echo "ok"; break;
  default: echo "hello";
}
`;

const PERL_SERVER = `use strict; use IO::Socket::INET; use IO::Select; use Fcntl qw(:flock); use File::Temp qw(tempdir); use POSIX qw(:sys_wait_h);
my ($port) = @ARGV; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port, Listen => 9, ReuseAddr => 1) or die $!;
$SIG{TERM} = sub { exit 0 };
while (1) { my $c = $s->accept or next; my $line = <$c>; next unless defined $line; chomp $line;
  if ($line eq "hello") { print $c "hi\\n" }
  elsif ($line eq "fork") { my $p = fork(); if (!$p) { exit 3 } waitpid($p, 0); print $c $? >> 8, "\\n" }
  elsif ($line eq "files") { my $d = tempdir(CLEANUP => 1); my $f = "$d/f"; open(my $o, ">", $f) or die; flock($o, LOCK_EX); print $o "x" x 9999; truncate($o, 5); close $o; rename $f, "$f.2"; symlink "f.2", $f; my $l = readlink $f; chmod 0600, "$f.2"; utime 1, 1, "$f.2"; unlink $f, "$f.2"; opendir(my $h, $d); my @n = readdir $h; closedir $h; print $c scalar(@n), "\\n" }
  elsif ($line eq "select") { my $t = IO::Select->new($s); $t->can_read(0.02); print $c "ok\\n" }
  elsif ($line eq "pipe") { pipe(my $r, my $w); syswrite $w, "hi"; close $w; sysread $r, my $b, 2; print $c "$b\\n" }
  elsif ($line eq "time") { print $c join(" ", times), " ", scalar(localtime), "\\n" }
  close $c }
`;

const ASK_LINE = `import socket, sys
for word in sys.argv[2:]:
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); s.settimeout(4)
    s.sendall(word.encode() + b"\\n"); f = s.makefile(); line = f.readline(); print(line); assert line != ""
`;

const FTP_CLIENT = `import ftplib, io, sys
port, how = int(sys.argv[1]), sys.argv[2]
f = ftplib.FTP(); f.connect("127.0.0.1", port, 5); f.login(); out = []
f.retrlines("LIST", out.append)
if how == "large":
    b = io.BytesIO(); f.retrbinary("RETR big.bin", b.write); assert len(b.getvalue()) == 3 << 20
    f.set_pasv(False); f.retrlines("NLST", out.append); f.set_pasv(True)
    f.cwd("up"); f.storbinary("STOR new.bin", io.BytesIO(b"x" * 300000)); f.rename("new.bin", "old.bin"); f.size("old.bin"); f.mkd("dir"); f.rmd("dir"); f.delete("old.bin")
    b = io.BytesIO(); f.cwd("/"); f.retrbinary("RETR big.bin", b.write, rest=1000)
print(len(out)); f.quit()
`;

/** @returns {{name: string, needs: string[], prepare: (folder: string, port: number) => object}[]} */
export const UNSEEN = [
  {
    name: "postgres",
    needs: [`${POSTGRES}/postgres`, `${POSTGRES}/initdb`, "psql", "runuser"],
    prepare(folder, port) {
      const data = path.join(folder, "data");
      chmodSync(folder, 0o777);
      spawnSync("runuser", ["-u", "postgres", "--", `${POSTGRES}/initdb`, "-A", "trust", "-N", "-D", data]);
      const sql = path.join(folder, "large.sql");
      writeFileSync(
        sql,
        `create table t(a int primary key, b text); insert into t select i, md5(i::text) from generate_series(1,60000) i; create index on t(b); analyze t; set max_parallel_workers_per_gather=2; set parallel_setup_cost=0; set parallel_tuple_cost=0; set min_parallel_table_scan_size=0; select count(*) from t where b like '%a%'; set work_mem='64kB'; select * from t order by b limit 1 offset 50000; copy t to '${folder}/t.csv'; truncate t; copy t from '${folder}/t.csv'; begin; savepoint x; delete from t; rollback to x; commit; vacuum full t; checkpoint; create database d; drop database d; listen c; notify c; select pg_sleep(0.05), pg_reload_conf(), pg_rotate_logfile(); create tablespace s location '${folder}/space'; drop tablespace s; select count(*) from pg_ls_dir('.');\n`,
      );
      mkdirSync(path.join(folder, "space"), { recursive: true });
      spawnSync("chown", ["postgres", path.join(folder, "space")]);
      const psql = `psql -X -q -h 127.0.0.1 -p ${port} -U postgres -v ON_ERROR_STOP=1 postgres`;
      return {
        argv: [
          "runuser",
          "-u",
          "postgres",
          "--",
          `${POSTGRES}/postgres`,
          "-D",
          data,
          "-p",
          String(port),
          "-k",
          folder,
        ],
        ready: `tcp:${port}`,
        small: [`${psql} -c 'create temp table s(a int); insert into s values (1); select sum(a) from s'`],
        large: [
          `${psql} -f ${sql} >/dev/null`,
          `psql -X -q -h ${folder} -p ${port} -U postgres postgres -c 'select 1' >/dev/null`,
          `for i in 1 2 3 4; do ${psql} -c "insert into t select i, 'x' from generate_series($((i * 100000)), $((i * 100000 + 500))) i" & done; wait`,
        ],
      };
    },
  },
  {
    name: "apache2",
    needs: ["apache2", "curl", "wrk"],
    prepare(folder, port) {
      const www = site(folder);
      const conf = path.join(folder, "apache2.conf");
      const modules =
        "mpm_event authz_core mime dir autoindex deflate filter proxy proxy_http status alias rewrite headers expires cgid env setenvif"
          .split(" ")
          .map(name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
          .join("\n");
      writeFileSync(
        path.join(www, "hello.cgi"),
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'; cat\n",
      );
      chmodSync(path.join(www, "hello.cgi"), 0o755);
      writeFileSync(
        conf,
        `${modules}\nServerRoot ${folder}\nServerName localhost\nListen 127.0.0.1:${port}\nPidFile ${folder}/pid\nDefaultRuntimeDir ${folder}\nUser www-data\nGroup www-data\nErrorLog ${folder}/error.log\nLogFormat "%h %r" c\nCustomLog ${folder}/access.log c\nTypesConfig /etc/mime.types\nDocumentRoot ${www}\n<Directory ${www}>\nOptions +Indexes +ExecCGI\nRequire all granted\n</Directory>\nAddHandler cgi-script .cgi\nScriptSock ${folder}/cgisock\nDirectoryIndex index.html\nAddOutputFilterByType DEFLATE text/html\nProxyPass /proxy/ http://127.0.0.1:${port}/\n<Location /status>\nSetHandler server-status\n</Location>\n`,
      );
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: ["apache2", "-D", "FOREGROUND", "-f", conf],
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: [
          fetchAll([
            `-r 5-900 ${url}/big.bin`,
            `-H 'Accept-Encoding: gzip' ${url}/`,
            `${url}/sub/`,
            `${url}/nothing`,
            `${url}/status`,
          ]),
          `curl -sf -o /dev/null ${url}/proxy/big.bin`,
          `curl -sf -d hello ${url}/hello.cgi | grep hello`,
          `wrk -d1 -c32 -t1 ${url}/big.bin | grep requests`,
          `kill -USR1 $SECCRAFT_PID; sleep 0.7; curl -sf -o /dev/null ${url}/`,
        ],
      };
    },
  },
  {
    name: "rsync",
    needs: ["rsync"],
    prepare(folder, port) {
      const www = site(folder);
      const conf = path.join(folder, "rsyncd.conf");
      mkdirSync(path.join(folder, "in"), { recursive: true });
      spawnSync("ln", ["-s", "page.txt", path.join(www, "sub/link")]);
      writeFileSync(
        conf,
        `port = ${port}\naddress = 127.0.0.1\nuse chroot = no\nuid = root\ngid = root\nlog file = ${folder}/log\npid file = ${folder}/pid\nlock file = ${folder}/lock\n[www]\npath = ${www}\nread only = yes\nmax connections = 9\n[in]\npath = ${folder}/in\nread only = no\n`,
      );
      const url = `rsync://127.0.0.1:${port}`;
      return {
        argv: ["rsync", "--daemon", "--no-detach", `--config=${conf}`],
        ready: `tcp:${port}`,
        small: [`rsync ${url}/www/index.html ${folder}/got`],
        large: [
          `rsync -a ${url}/www/ ${folder}/copy/ && test -f ${folder}/copy/big.bin`,
          `rsync -az --delete ${www}/ ${url}/in/ && cp ${www}/big.bin ${folder}/big2 && echo more >> ${www}/big.bin && rsync -a --inplace --delete ${www}/ ${url}/in/ && rm ${www}/sub/link && rsync -aH --delete --backup ${www}/ ${url}/in/`,
          `rsync ${url}/ | grep in; rsync -n --list-only ${url}/www/sub/ | grep page`,
          `rsync -aAX --sparse --partial --delay-updates ${www}/ ${url}/in/`,
        ],
      };
    },
  },
  {
    name: "sshd",
    needs: ["sshd", "ssh", "sftp", "ssh-keygen"],
    prepare(folder, port) {
      for (const key of ["host", "user"])
        spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(folder, key)]);
      spawnSync("cp", [path.join(folder, "user.pub"), path.join(folder, "authorized")]);
      mkdirSync("/run/sshd", { recursive: true });
      const conf = path.join(folder, "sshd_config");
      writeFileSync(
        conf,
        `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${folder}/host\nAuthorizedKeysFile ${folder}/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile ${folder}/pid\nSubsystem sftp internal-sftp\nPasswordAuthentication no\n`,
      );
      const options = `-q -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes -i ${folder}/user`;
      return {
        argv: ["/usr/sbin/sshd", "-D", "-e", "-f", conf],
        ready: `tcp:${port}`,
        small: [`ssh ${options} -p ${port} root@127.0.0.1 true`],
        large: [
          `ssh ${options} -p ${port} -tt root@127.0.0.1 'tty; stty size' </dev/null | grep dev`,
          `printf 'put ${conf} ${folder}/a\\nrename ${folder}/a ${folder}/b\\nchmod 600 ${folder}/b\\nsymlink ${folder}/b ${folder}/c\\nls -l ${folder}\\nget ${folder}/b ${folder}/d\\nrm ${folder}/b\\nmkdir ${folder}/e\\nrmdir ${folder}/e\\ndf\\n' > ${folder}/batch; sftp ${options} -P ${port} -b ${folder}/batch root@127.0.0.1 >/dev/null`,
          `ssh ${options} -p ${port} -o ControlPath=none -L ${port + 1}:127.0.0.1:${port} -N root@127.0.0.1 & p=$!; ${until(`python3 -c 'import socket; print(socket.create_connection(("127.0.0.1",${port + 1}),1).recv(3))' | grep -q SSH`)}; kill $p`,
          `head -c 3000000 /dev/zero | ssh ${options} -C -p ${port} root@127.0.0.1 'wc -c' | grep 3000000`,
          `ssh ${options} -i /nothing -o IdentitiesOnly=yes -p ${port} nobody@127.0.0.1 true; kill -HUP $SECCRAFT_PID; sleep 0.4; ssh ${options} -p ${port} root@127.0.0.1 'echo ok' | grep ok`,
        ],
      };
    },
  },
  {
    name: "php -S",
    needs: ["php", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      writeFileSync(path.join(www, "app.php"), PHP_PAGE);
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: ["php", "-S", `127.0.0.1:${port}`, "-t", www],
        ready: `tcp:${port}`,
        small: [`curl -sf ${url}/app.php | grep hello`],
        large: [
          fetchAll([`${url}/big.bin`, `${url}/nothing`, `-I ${url}/index.html`]),
          ...["write", "list", "fetch", "sleep"].map(
            name => `curl -sf -o /dev/null '${url}/app.php?do=${name}'`,
          ),
          `curl -sf -F f=@${www}/big.bin '${url}/app.php?do=post' | grep ok`,
          `for i in 1 2 3 4 5 6; do curl -sf ${url}/app.php -o /dev/null & done; wait`,
        ],
      };
    },
  },
  {
    name: "ruby webrick",
    needs: ["ruby", "curl"],
    prepare(folder, port) {
      const www = site(folder);
      const script = path.join(folder, "server.rb");
      writeFileSync(script, RUBY_SERVER);
      const url = `http://127.0.0.1:${port}`;
      return {
        argv: ["ruby", script, www, String(port)],
        ready: `tcp:${port}`,
        small: [fetchAll([`${url}/`])],
        large: [
          fetchAll([`${url}/big.bin`, `${url}/sub/`, `${url}/nothing`, `-r 5-900 ${url}/big.bin`]),
          ...["write", "sleep"].map(name => `curl -sf -o /dev/null -d abc ${url}/${name}`),
          `for i in 1 2 3 4 5 6; do curl -sf ${url}/sleep -o /dev/null & done; wait`,
        ],
      };
    },
  },
  {
    name: "perl",
    needs: ["perl", "python3"],
    prepare(folder, port) {
      const script = path.join(folder, "server.pl");
      const ask = path.join(folder, "ask.py");
      writeFileSync(script, PERL_SERVER);
      writeFileSync(ask, ASK_LINE);
      return {
        argv: ["perl", script, String(port)],
        ready: `tcp:${port}`,
        small: [`python3 ${ask} ${port} hello`],
        large: [`python3 ${ask} ${port} fork files select pipe time hello`],
      };
    },
  },
  {
    name: "mosquitto",
    needs: ["mosquitto", "mosquitto_pub", "mosquitto_sub"],
    prepare(folder, port) {
      chmodSync(folder, 0o777);
      const conf = path.join(folder, "mosquitto.conf");
      writeFileSync(
        conf,
        `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location ${folder}/\nautosave_interval 1\nlog_dest file ${folder}/log\nuser nobody\n`,
      );
      const at = `-h 127.0.0.1 -p ${port}`;
      return {
        argv: ["mosquitto", "-c", conf],
        ready: `tcp:${port}`,
        small: [`mosquitto_pub ${at} -t a -m hi`],
        large: [
          `mosquitto_sub ${at} -t 'x/#' -C 20 -q 2 -i one -c > ${folder}/got & p=$!; sleep 0.4; for i in $(seq 20); do mosquitto_pub ${at} -q 2 -r -t x/$i -m $i; done; wait $p; grep -c . ${folder}/got`,
          `mosquitto_pub ${at} -t big -s < ${conf}; kill -HUP $SECCRAFT_PID; kill -USR1 $SECCRAFT_PID; sleep 0.4; mosquitto_pub ${at} -t z -m end; sleep 1.2`,
        ],
      };
    },
  },
  {
    name: "unbound",
    needs: ["unbound", "unbound-control", "python3"],
    prepare(folder, port) {
      const conf = path.join(folder, "unbound.conf");
      const ask = path.join(folder, "ask.py");
      writeFileSync(ask, dnsClient(port));
      writeFileSync(
        conf,
        `server:\n  interface: 127.0.0.1@${port}\n  do-daemonize: no\n  chroot: ""\n  username: ""\n  directory: "${folder}"\n  pidfile: "${folder}/pid"\n  logfile: "${folder}/log"\n  num-threads: 2\n  local-zone: "test." static\n  local-data: "one.test. A 10.1.2.3"\n  do-not-query-localhost: no\nremote-control:\n  control-enable: yes\n  control-interface: ${folder}/control\n  control-use-cert: no\nforward-zone:\n  name: "up."\n  forward-addr: 127.0.0.1@${port + 1}\n`,
      );
      return {
        argv: ["unbound", "-d", "-c", conf],
        ready: `tcp:${port}`,
        small: [`python3 ${ask} one.test 1 udp`],
        large: [
          `python3 ${ask} one.test 1 tcp; python3 ${ask} none.test 28 udp`,
          `python3 ${ask} x.up 1 udp; true`,
          `for c in stats_noreset dump_cache 'local_data two.test. A 10.9.9.9' reload; do unbound-control -c ${conf} $c > /dev/null; done; sleep 0.3; python3 ${ask} one.test 1 udp`,
          `for i in 1 2 3 4 5 6; do python3 ${ask} one.test 1 tcp & done; wait`,
        ],
      };
    },
  },
  {
    name: "vsftpd",
    needs: ["vsftpd", "python3"],
    prepare(folder, port) {
      const www = site(folder);
      const conf = path.join(folder, "vsftpd.conf");
      const client = path.join(folder, "client.py");
      if (!existsSync(path.join(www, "up"))) mkdirSync(path.join(www, "up"));
      chmodSync(path.join(www, "up"), 0o777);
      mkdirSync("/var/run/vsftpd/empty", { recursive: true });
      writeFileSync(client, FTP_CLIENT);
      writeFileSync(
        conf,
        `listen=YES\nbackground=NO\nlisten_address=127.0.0.1\nlisten_port=${port}\nanonymous_enable=YES\nlocal_enable=NO\nanon_root=${www}\nwrite_enable=YES\nanon_upload_enable=YES\nanon_mkdir_write_enable=YES\nanon_other_write_enable=YES\nno_anon_password=NO\nxferlog_enable=YES\nvsftpd_log_file=${folder}/log\nxferlog_file=${folder}/xferlog\nseccomp_sandbox=NO\nport_enable=YES\nconnect_from_port_20=NO\n`,
      );
      return {
        argv: ["vsftpd", conf],
        ready: `tcp:${port}`,
        small: [`python3 ${client} ${port} small`],
        large: [
          `python3 ${client} ${port} large`,
          `for i in 1 2 3; do python3 ${client} ${port} small & done; wait`,
        ],
      };
    },
  },
];
