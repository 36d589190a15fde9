import { CommanderError } from "commander";
import { err as pc } from "./colors.ts";
import { EXIT, MachineError, SeccraftError, TargetError } from "../errors.ts";
import { tell } from "./say.ts";

/** What a system call can run out of anywhere, and what helps. */
const SHORTAGES: Readonly<Record<string, string>> = {
  ENOSPC: "Make room on the disk, or set TMPDIR to a folder that has some.",
  EDQUOT: "Make room within your quota, or set TMPDIR to a folder that has some.",
  EROFS: "Set TMPDIR to a folder that can be written to.",
  EMFILE: "Raise the limit of open files, as with `ulimit -n 4096`.",
  ENFILE: "The whole machine has too many files open: raise fs.file-max, or end something.",
};

function outOf(error: unknown): string | undefined {
  if (error instanceof SeccraftError) return undefined;
  return SHORTAGES[(error as NodeJS.ErrnoException | undefined)?.code ?? ""];
}

const TAIL_LINES = 12;

/** Tells the user what went wrong, on stderr, and gives the exit code for it. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.input;
  const reason = outOf(error);
  if (reason !== undefined) {
    tell(`${pc.red("seccraft:")} ${(error as Error).message}\n${pc.bold("what to do:")} ${reason}\n`);
    return EXIT.machine;
  }
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
