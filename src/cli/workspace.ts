import process from "node:process";
import { removeOfEngine } from "../engine/leftovers.ts";
import { recoverThrottles } from "../linux/held.ts";
import { openRunFolder, type RunFolder } from "../linux/runfolder.ts";
import { describeRestored, tell } from "./throttles.ts";

/** Opens the folder of this run, and says what was cleaned up after runs that were killed. */
export async function openWorkspace(): Promise<RunFolder> {
  tell(describeRestored(await recoverThrottles()).map(line => `after a run that was killed, ${line}`));
  const { folder, cleaned } = await openRunFolder(removeOfEngine);
  if (cleaned.length > 0) {
    process.stderr.write(`seccraft: cleaned up after a run that was killed: ${cleaned.join(", ")}\n`);
  }
  return folder;
}
