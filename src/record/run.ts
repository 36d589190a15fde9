import { randomBytes } from "node:crypto";
import { arch, release } from "node:os";
import process from "node:process";
import type { Environment, Run } from "../evidence/model.ts";
import { TOOL } from "../version.ts";

/** A run that starts now, on this machine. */
export function newRun(source: Run["source"], purpose: Run["purpose"], target: Run["target"]): Run {
  return {
    id: randomBytes(8).toString("hex"),
    source,
    purpose,
    target,
    tool: TOOL,
    started: new Date().toISOString(),
    finished: false,
    environment: environment(),
  };
}

function environment(): Environment {
  const user = process.getuid?.();
  return { kernel: release(), machine: arch(), ...(user === undefined ? {} : { user }) };
}
