import { CommanderError } from "commander";
import { err as pc } from "./colors.ts";
import { EXIT, MachineError, SeccraftError, TargetError } from "../errors.ts";
import { tell } from "./say.ts";

const TAIL_LINES = 12;

/** Tells the user what went wrong, on stderr, and gives the exit code for it. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.input;
  if (!(error instanceof SeccraftError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell(`seccraft: this is a defect of seccraft, please report it:\n${text}\n`);
    return 70;
  }
  if (error instanceof MachineError) {
    const reason = error.message.slice(0, error.message.length - error.remedy.length).trimEnd();
    tell(`${pc.red("seccraft:")} ${reason}\n${pc.bold("what to do:")} ${error.remedy}\n`);
  } else {
    tell(`${pc.red("seccraft:")} ${error.message}\n`);
  }
  if (error instanceof TargetError && error.output.trim() !== "") {
    const lines = error.output.trimEnd().split("\n");
    const shown = lines.slice(-TAIL_LINES).map(line => `  │ ${line}`);
    tell(
      `${lines.length > TAIL_LINES ? `its last ${TAIL_LINES} lines` : "it printed"}:\n${shown.join("\n")}\n`,
    );
  }
  return error.exitCode;
}
