import { removeOfEngine } from "../engine/leftovers.ts";
import { recoverThrottles } from "../linux/held.ts";
import { openRunFolder, type RunFolder } from "../linux/runfolder.ts";
import { tell } from "./say.ts";
import { describeRestored, tellLines } from "./throttles.ts";

/** Opens the folder of this run, and says what was cleaned up after runs that were killed. */
export async function openWorkspace(): Promise<RunFolder> {
  tellLines(describeRestored(await recoverThrottles()).map(line => `after a run that was killed, ${line}`));
  const { folder, cleaned } = await openRunFolder(removeOfEngine);
  if (cleaned.length > 0) {
    tell(`seccraft: cleaned up after a run that was killed: ${cleaned.join(", ")}\n`);
  }
  return folder;
}
