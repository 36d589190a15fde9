// Real work for programs of many kinds: the commands of work.txt, and the files that they find.
import { readFileSync } from "node:fs";
import path from "node:path";

/** The words of a command; a quote keeps words together. */
const wordsOf = line => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(match => match[1] ?? match[2]);

/** Groups of commands, one a line; those of a group, which an empty line ends, run in one folder, in order. */
export const WORK = readFileSync(path.join(import.meta.dirname, "work.txt"), "utf8")
  .trim()
  .split("\n\n")
  .map(group => group.split("\n").map(wordsOf));

/** What is there before a group starts. */
export const FILES = {
  a: "some text\nx y z\nsome text\n".repeat(500),
  "main.c": '#include <stdio.h>\nint main(void) { puts("main"); return 0; }\n',
  "main.f": "      program main\n      print *, 1\n      end\n",
  "main.asm": "section .text\nglobal f\nf: ret\n",
  "main.rs": 'fn main() { println!("{}", std::fs::read_to_string("a").unwrap().len()); }\n',
  "main.ll": "define i32 @main() {\n  ret i32 0\n}\n",
  "main.tcl":
    "puts [exec true]\nset s [socket -server x 0]\nclose $s\nfile copy -force a tcl\nafter 10\nputs [clock format [clock seconds]]\nexit\n",
  "main.gp": 'print(factor(2^67-1))\nsystem("true")\nquit\n',
  "main.cmake": "execute_process(COMMAND true)\nfile(WRITE cmake x)\nfile(DOWNLOAD http://127.0.0.1:9/ y)\n",
  "main.sh": "#!/bin/sh\necho $1\n",
  "main.xml": "<a><b>x</b></a>\n",
  "main.xsl":
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">x</xsl:template></xsl:stylesheet>\n',
  "main.json": '{"a":[1,2]}\n',
  "main.ps": "%!PS\n/Times-Roman findfont 20 scalefont setfont 72 700 moveto (x) show showpage\n",
  "main.1": ".TH X 1\n.SH NAME\nx\n",
  "main.smt2": "(declare-const x Int)(assert (> x 3))(check-sat)(get-model)\n",
  "main.cnf": "p cnf 2 2\n1 2 0\n-1 2 0\n",
  "Main.java":
    'class Main { public static void main(String[] a) throws Exception { new ProcessBuilder("true").start().waitFor(); new java.net.ServerSocket(0).close(); java.nio.file.Files.walk(java.nio.file.Path.of(".")).count(); } }\n',
  Makefile: "all: x y\nx:\n\ttouch x\ny:\n\ttouch y\n",
  "graph.dot": "digraph { a -> b; b -> c; }\n",
  "image.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">x</text></svg>\n',
  "image.ppm": `P3\n16 16\n255\n${"10 200 30 ".repeat(256)}\n`,
  "squid.conf":
    "http_port 127.0.0.1:8083\ncache_effective_user root\npid_filename none\ncache_dir ufs cache 10 1 1\n",
  "unbound.conf":
    'server:\n  interface: 127.0.0.1\n  port: 8082\n  username: ""\n  chroot: ""\n  pidfile: ""\n',
  "tinyproxy.conf": "Port 8081\nListen 127.0.0.1\n",
  "vsftpd.conf":
    "listen=YES\nlisten_port=8080\nrun_as_launching_user=YES\nbackground=NO\nsecure_chroot_dir=/tmp\n",
  "nsd.conf": 'server:\n  ip-address: 127.0.0.1@8079\n  username: ""\n  pidfile: ""\n',
  "stunnel.conf": "foreground=yes\npid=\n[x]\nclient=yes\naccept=127.0.0.1:8078\nconnect=127.0.0.1:9\n",
  "rsyslog.conf": 'module(load="imuxsock" SysSock.Name="log")\n*.* ./messages\n',
  "apache.conf":
    "ServerRoot /usr/lib/apache2\nListen 127.0.0.1:8077\nServerName x\nPidFile /tmp/apache.pid\nErrorLog /dev/stderr\nLoadModule mpm_event_module modules/mod_mpm_event.so\nLoadModule authz_core_module modules/mod_authz_core.so\nLoadModule dir_module modules/mod_dir.so\n",
  index: "",
  "tone.wav": tone(),
};

/** Empty files by their sizes in MB, for file systems. */
export const DISKS = { disk: 8, xdisk: 330, bdisk: 130 };

/** A tenth of a second of sound, 16 bit, one channel. */
function tone() {
  const samples = 4410;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(44100, 24);
  wav.writeUInt32LE(88200, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) wav.writeInt16LE(Math.round(9000 * Math.sin(i / 10)), 44 + i * 2);
  return wav;
}
