// What an ordinary user does: a supervised command, and a filter that he may not load. Prints what came of it.
import process from "node:process";
import { libc } from "../../src/linux/libc.ts";
import { always, RET } from "../support/filters.ts";
import { supervise } from "../support/supervisor.ts";
import { launch } from "../support/target.ts";

const running = await launch(["id", "-u"], {
  filter: { program: always(RET.notify), flags: 0, listener: true },
  noNewPrivileges: true,
});
const listener = running.listener ?? -1;
const calls = await supervise(listener);
libc().close(listener);
const { code } = await running.exited;
await running.gone;
process.stdout.write(`id: ${running.outputTail().trim()}, exit code ${code}, ${calls.length > 20}\n`);
try {
  await launch(["id"], {
    filter: { program: always(RET.allow), flags: 0, listener: false },
    noNewPrivileges: false,
  });
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}
