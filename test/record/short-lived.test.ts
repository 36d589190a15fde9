import assert from "node:assert/strict";
import { testWith } from "../support/needs.ts";
import { temporaryFolder } from "../support/programs.ts";
import { straceNames } from "../support/recording.ts";
import { recordShortLived } from "../support/short-lived.ts";

// A hundred times: node bench/short-lived.js
testWith(
  ["root", "program:runc", "program:gcc", "program:strace"],
  "a container that lives 5 ms is recorded completely, each time anew",
  async context => {
    const folder = temporaryFolder(context);
    const { recorded, argv } = await recordShortLived(folder, 10);
    const [first = []] = recorded;
    for (const seen of recorded) assert.deepEqual(seen, first);
    const names = first.map(line => line.split(" ")[0]);
    // The execve is the runtime's.
    const expected = [...straceNames(folder, argv)].filter(name => name !== "execve").sort();
    assert.deepEqual(names, expected);
    assert.ok(first.includes("times 1"), first.join(", "));
  },
);
