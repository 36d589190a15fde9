// A seccraft of its own that a test can kill: starts what its argument says, tells the pids, and waits for its end.
import process from "node:process";
import { nativeEngine } from "../../src/engine/native/native.ts";
import { createCgroup } from "../../src/linux/cgroup.ts";
import { openRunFolder } from "../../src/linux/runfolder.ts";
import { supervise } from "../support/supervisor.ts";

/** What to start. */
export interface VictimOrder {
  readonly argv: string[];
  readonly cgroup: boolean;
  readonly ownSession: boolean;
  /** A filter, in hex, with a listener. */
  readonly filter?: string;
  /** True: lets every call pass that the listener asks about, until killed; else nobody ever reads it. */
  readonly supervised?: boolean;
}

const order = JSON.parse(process.argv[2] ?? "") as VictimOrder;
const { folder, cleaned } = await openRunFolder();
const cgroup = order.cgroup ? createCgroup(name => folder.note({ kind: "cgroup", name })) : undefined;
const running = await nativeEngine().start({
  argv: order.argv,
  stdin: "null",
  output: "capture",
  noNewPrivileges: order.filter !== undefined,
  ownSession: order.ownSession,
  ...(cgroup === undefined ? {} : { cgroup: cgroup.path }),
  ...(order.filter === undefined
    ? {}
    : { filter: { program: Buffer.from(order.filter, "hex"), flags: 0, listener: true } }),
});
process.stdout.write(
  `${JSON.stringify({ pid: running.pid, folder: folder.path, cgroup: cgroup?.path, cleaned })}\n`,
);
if (order.supervised === true) await supervise(running.listener ?? -1);
await running.gone;
await folder.close();
