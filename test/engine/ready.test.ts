import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import process from "node:process";
import { test, type TestContext } from "node:test";
import { InterruptedError, TargetError, UsageError } from "../../src/errors.ts";
import type { LaunchSpec, Running } from "../../src/engine/engine.ts";
import { describeReady, parseReady, prepareReady, readyAt } from "../../src/engine/ready.ts";
import { temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";
import { eventually, launch, launchShell } from "../support/target.ts";

test("ready specs are read", () => {
  const loopback = ["127.0.0.1", "::1"];
  assert.deepEqual(parseReady("tcp:80"), { kind: "tcp", hosts: loopback, port: 80, local: true });
  const local = { kind: "http", url: "http://127.0.0.1:8080/a?b", local: true };
  assert.deepEqual(parseReady("http:8080/a?b"), local);
  assert.deepEqual(readyAt(parseReady("http:8080/a?b"), "10.0.0.2"), {
    kind: "http",
    url: "http://10.0.0.2:8080/a?b",
  });
  assert.deepEqual(readyAt(parseReady("tcp:80"), "10.0.0.2"), { kind: "tcp", hosts: ["10.0.0.2"], port: 80 });
  assert.deepEqual(readyAt(parseReady("tcp:h:80"), "10.0.0.2"), parseReady("tcp:h:80"));
  assert.deepEqual(parseReady("tcp:db.local:65535"), { kind: "tcp", hosts: ["db.local"], port: 65535 });
  assert.deepEqual(parseReady("tcp:[::1]:8080"), { kind: "tcp", hosts: ["::1"], port: 8080 });
  assert.deepEqual(parseReady("http:http://h:1/x"), { kind: "http", url: "http://h:1/x" });
  assert.deepEqual(parseReady("http://h:1/x?y=z"), { kind: "http", url: "http://h:1/x?y=z" });
  assert.deepEqual(parseReady("https://h/"), { kind: "http", url: "https://h/" });
  assert.deepEqual(parseReady("unix:/run/a:b"), { kind: "unix", path: "/run/a:b" });
  assert.deepEqual(parseReady("file:rel.pid"), { kind: "file", path: "rel.pid" });
  assert.deepEqual(parseReady("log:a:[0-9]+$"), { kind: "log", pattern: /a:[0-9]+$/ });
  assert.deepEqual(parseReady("delay:1.5s"), { kind: "delay", milliseconds: 1500 });
  assert.deepEqual(parseReady("exit"), { kind: "exit" });
});

test("nonsense is refused with what would make sense", () => {
  const nonsense =
    "|tcp|tcp:|tcp:0|tcp:65536|tcp:80x|tcp:::1:80|tcp:a:b:1|http|http:|http:ftp://h/|http://|unix|unix:|file:|log:|log:(|delay:|delay:3|exit:0|ready|TCP:80| tcp:80";
  for (const text of nonsense.split("|")) {
    assert.throws(() => parseReady(text), UsageError, text);
  }
  assert.throws(
    () => parseReady("tcp:99999"),
    /--ready "tcp:99999": no port between 1 and 65535; write tcp:PORT,/,
  );
});

test("a spec is described as it was written", () => {
  const texts = "tcp:80 tcp:h:80 http://h/ unix:/a file:/b log:a.b delay:3s exit".split(" ");
  assert.deepEqual(
    texts.map(text => describeReady(parseReady(text))),
    texts,
  );
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function start(context: TestContext, program: string, more?: Partial<LaunchSpec>): Promise<Running> {
  const running = await launch([process.execPath, "-e", program], more);
  context.after(async () => await running.killAll());
  return running;
}

const LONG = { timeoutMs: 10_000 };

testWith(["linux"], "a port, a socket and a URL are ready when a server answers", async t => {
  const port = await freePort();
  const socket = path.join(temporaryFolder(t), "socket");
  const checks = await Promise.all(
    [`tcp:${port}`, `unix:${socket}`, `http://127.0.0.1:${port}/`].map(
      async text => await prepareReady(parseReady(text)),
    ),
  );
  let answered = "";
  const running = await start(
    t,
    `const { createServer } = require("node:http");
     let asked = 0;
     const server = createServer((_, response) => {
       response.writeHead(asked++ < 2 ? 503 : 404).end();
       console.log("answered", response.statusCode);
     });
     setTimeout(() => server.listen(${port}, "127.0.0.1"), 50);
     require("node:net").createServer().listen(${JSON.stringify(socket)});`,
  );
  running.onOutput(bytes => {
    answered += Buffer.from(bytes).toString();
  });
  for (const check of checks) await check.wait(running, LONG);
  const whole = "answered 503\nanswered 503\nanswered 404\n";
  await eventually("all answers are printed", () => answered === whole);
});

testWith(["linux"], "what answers before the start is not the target", async t => {
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await assert.rejects(prepareReady(parseReady(`tcp:${port}`)), {
    name: "TargetError",
    message: `tcp:${port} answers already, before the target was started`,
  });
});

testWith(["linux"], "a file is ready when it is new or has changed", async t => {
  const file = path.join(temporaryFolder(t), "pid");
  writeFileSync(file, "stale");
  const check = await prepareReady(parseReady(`file:${file}`));
  const idle = await launchShell("sleep 1000");
  t.after(async () => await idle.killAll());
  await assert.rejects(
    check.wait(idle, { timeoutMs: 60 }),
    /not ready after 60ms: file:.* \(unchanged since before the start\)/,
  );
  const running = await launchShell(`sleep 0.05; echo $$ > ${file}; sleep 1000`);
  t.after(async () => await running.killAll());
  await check.wait(running, LONG);
});

testWith(["linux"], "a line of the output makes it ready, in pieces, before the wait or after", async t => {
  const running = await launchShell(
    "echo early; sleep 0.03; printf 'rea'; sleep 0.03; printf 'dy on 80\\n'; sleep 1000",
  );
  t.after(async () => await running.killAll());
  for (const text of ["log:^ready on \\d+$", "log:^early$"]) {
    await (await prepareReady(parseReady(text))).wait(running, LONG);
  }
  const never = await prepareReady(parseReady("log:^ready$"));
  await assert.rejects(never.wait(running, { timeoutMs: 50 }), error => {
    assert.ok(error instanceof TargetError);
    assert.equal(error.output, "early\nready on 80\n");
    return true;
  });
});

testWith(["linux"], "its end is an end to the wait, unless that is what we wait for", async () => {
  const port = await freePort();
  for (const text of [`tcp:${port}`, "log:never", "delay:10s", "file:/nowhere/x"]) {
    const check = await prepareReady(parseReady(text));
    const started = Date.now();
    const running = await launchShell("echo cannot bind; exit 3");
    await assert.rejects(check.wait(running, LONG), error => {
      assert.ok(error instanceof TargetError);
      assert.match(error.message, /^the target ended \(exit code 3\) before it was ready: /);
      assert.equal(error.output, "cannot bind\n");
      return true;
    });
    assert.ok(Date.now() - started < 2000);
  }
  for (const line of ["exit 3", "sleep 0.05"]) {
    const running = await launchShell(line);
    await (await prepareReady(parseReady("exit"))).wait(running, LONG);
  }
});

testWith(["linux"], "a daemon may become ready after its main process has ended", async t => {
  const file = path.join(temporaryFolder(t), "pid");
  const check = await prepareReady(parseReady(`file:${file}`));
  const running = await launchShell(`setsid sh -c 'sleep 0.1; echo > ${file}; sleep 1000' & exit 0`);
  t.after(async () => await running.killAll());
  await running.exited;
  await check.wait(running, LONG);
});

testWith(["linux"], "a wait can be cut short", async t => {
  const running = await launchShell("sleep 1000");
  t.after(async () => await running.killAll());
  const check = await prepareReady(parseReady("delay:10s"));
  const stop = new AbortController();
  const wait = check.wait(running, { timeoutMs: 10_000, signal: stop.signal });
  stop.abort();
  await assert.rejects(wait, InterruptedError);
  await assert.rejects(check.wait(running, { timeoutMs: 10_000, signal: stop.signal }), InterruptedError);
});
