import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { openForkEvents } from "../../src/linux/forks.ts";
import { testWith } from "../support/needs.ts";

testWith(["root"], "the kernel tells who started whom, before we can look", () => {
  const events = openForkEvents();
  try {
    const shell = spawnSync("sh", ["-c", "sh -c 'exit 0'; exit 0"]);
    const parents = new Map<number, number>();
    for (let event = events.next(); event !== undefined; event = events.next())
      if (event !== "lost") parents.set(event.child, event.parent);
    assert.equal(parents.get(shell.pid), process.pid);
    assert.ok([...parents.values()].includes(shell.pid), "its child, which is gone");
  } finally {
    events.close();
  }
});
