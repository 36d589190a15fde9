import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { buildGo, GO_1_19 } from "../static/go/build.ts";
import type { Need } from "./needs.ts";
import { makeRoot, type Contents } from "./rootfs.ts";

/** A server as an image: its files, how it is started and how it is asked. */
export interface ImageServer {
  readonly name: string;
  readonly needs: readonly Need[];
  /** Fills an empty folder with the image's root. */
  readonly fill: (root: string) => void;
  readonly command: readonly string[];
  /** Options of `craft` that it cannot do without. */
  readonly options: readonly string[];
  readonly ready: string;
  /** Shell command that asks the server at $SECCRAFT_ADDRESS. */
  readonly exercise: string;
  /** Large programs, whose analysis takes long. */
  readonly large: boolean;
}

const JDK = "/usr/lib/jvm/java-17-openjdk-amd64";

function get(port: number, ...pages: readonly string[]): Pick<ImageServer, "ready" | "exercise"> {
  const urls = pages.map(page => `curl -sf -m 5 http://$SECCRAFT_ADDRESS:${port}${page}`);
  return { ready: `tcp:${port}`, exercise: urls.join(" && ") };
}

function debian(contents: Contents): (root: string) => void {
  return root => void makeRoot(root, contents);
}

function copyWeb(file: string): void {
  copyFileSync(buildGo({ program: "service", go: GO_1_19 }), file);
  chmodSync(file, 0o755);
}

function must(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, [...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}

const JAVA_SERVER = `
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
public class Server {
  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.createContext("/", exchange -> {
      byte[] body = "hello".getBytes();
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }
}
`;

/** A run-time image of the modules that the server uses, with its class, on a Debian root. */
function fillJava(root: string): void {
  const modules = ["--add-modules", "java.base,jdk.httpserver", "--strip-debug"];
  mkdirSync(path.join(root, "opt"), { recursive: true });
  const java = path.join(root, "opt/java");
  must(`${JDK}/bin/jlink`, [...modules, "--output", java]);
  makeRoot(root, {
    programs: [`${JDK}/bin/java`],
    libraries: ["java", "jli", "net", "nio", "zip", "server/libjvm"].map(
      name => `${JDK}/lib/${name.includes("/") ? name : `lib${name}`}.so`,
    ),
    texts: { "srv/Server.java": JAVA_SERVER },
  });
  rmSync(path.join(root, JDK), { recursive: true, force: true });
  must(`${JDK}/bin/javac`, ["-d", path.join(root, "srv"), path.join(root, "srv/Server.java")]);
}

const SHELL_SCRIPT =
  "#!/bin/sh\nset -e\nmkdir -p /tmp/www\necho hello > /tmp/www/index.html\nexec busybox httpd -f -p 8080 -h /tmp/www\n";
const NGINX_CONFIGURATION =
  "user www-data; worker_processes 2; events {} http { access_log /dev/stdout; server { listen 80; root /srv; } }";
const REDIS = 'redis-cli -h $SECCRAFT_ADDRESS set a 1 && [ "$(redis-cli -h $SECCRAFT_ADDRESS get a)" = 1 ]';

/** The servers for which profiles of images have to work. */
export const IMAGE_SERVERS: readonly ImageServer[] = [
  {
    name: "Go web server from scratch",
    needs: [`file:${GO_1_19}`],
    fill: root => copyWeb(path.join(root, "web")),
    command: ["/web"],
    options: [],
    ...get(8088, "/hello", "/headers"),
    large: false,
  },
  {
    name: "Go web server on a Debian root",
    needs: [`file:${GO_1_19}`],
    fill: root => {
      debian({ programs: ["/bin/bash", "/bin/ls", "/usr/bin/env"], files: ["/etc/debian_version"] })(root);
      copyWeb(path.join(root, "usr/bin/web"));
    },
    command: ["web"],
    options: [],
    ...get(8088, "/hello", "/headers"),
    large: false,
  },
  {
    name: "shell script that starts a server",
    needs: ["file:/bin/busybox"],
    fill: debian({
      programs: ["/bin/busybox"],
      texts: { "entry.sh": SHELL_SCRIPT, "usr/bin/sh": '#!/bin/busybox sh\nexec /bin/busybox sh "$@"\n' },
    }),
    command: ["/bin/busybox", "sh", "/entry.sh"],
    options: [],
    ...get(8080, "/"),
    large: false,
  },
  {
    name: "nginx",
    needs: ["file:/usr/sbin/nginx"],
    fill: debian({
      programs: ["/usr/sbin/nginx"],
      texts: { "etc/nginx.conf": NGINX_CONFIGURATION, "srv/index.html": "hello" },
      folders: ["var/log/nginx", "var/lib/nginx"],
    }),
    command: ["/usr/sbin/nginx", "-c", "/etc/nginx.conf", "-g", "daemon off;"],
    // It changes the owner of its folders, and its workers' user.
    options: ["--cap-add", "CHOWN", "--cap-add", "SETUID", "--cap-add", "SETGID"],
    ...get(80, "/index.html"),
    large: false,
  },
  {
    name: "redis",
    needs: ["file:/usr/bin/redis-server", "program:redis-cli"],
    fill: debian({ programs: ["/usr/bin/redis-server"], folders: ["data"] }),
    command: ["/usr/bin/redis-server", "--protected-mode", "no", "--dir", "/data"],
    options: [],
    ready: "tcp:6379",
    exercise: REDIS,
    large: false,
  },
  {
    name: "python http.server",
    needs: ["file:/usr/bin/python3.11"],
    fill: debian({
      programs: ["/usr/bin/python3.11"],
      files: ["/usr/lib/python3.11"],
      copies: { "usr/bin/python3": "/usr/bin/python3.11" },
      texts: { "srv/index.html": "hello" },
    }),
    command: ["/usr/bin/python3.11", "-m", "http.server", "--directory", "/srv", "8080"],
    options: [],
    ...get(8080, "/"),
    large: true,
  },
  {
    name: "node http",
    needs: [],
    fill: debian({
      programs: [process.execPath],
      texts: { "srv/server.js": 'require("http").createServer((q, s) => s.end("hello")).listen(8080)' },
    }),
    command: [process.execPath, "/srv/server.js"],
    options: [],
    ...get(8080, "/"),
    large: true,
  },
  {
    name: "Java server",
    needs: [`file:${JDK}/bin/jlink`],
    fill: fillJava,
    command: ["/opt/java/bin/java", "-cp", "/srv", "Server"],
    options: [],
    ...get(8080, "/"),
    large: true,
  },
];

/** A new root folder of a server's image. */
export function fillRoot(folder: string, { fill }: ImageServer): string {
  if (!existsSync(folder)) mkdirSync(folder);
  fill(folder);
  return folder;
}
