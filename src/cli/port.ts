import { UsageError } from "../errors.ts";
import { resolveForHost } from "../profile/host.ts";
import { libcSafe, type PortNote, portProfile } from "../profile/port.ts";
import { printProfile } from "../profile/print.ts";
import { resolveProfile } from "../profile/resolve.ts";
import type { PortCliOptions } from "./commands/port.ts";
import { hostOf } from "./host.ts";
import { readProfileInput } from "./inputs.ts";
import { tell, writeOutput } from "./say.ts";

function showNote({ kind, name, by, reason }: PortNote): string {
  switch (kind) {
    case "replaced":
      return `${name} became ${by ?? ""}: ${reason}`;
    case "dropped":
      return `${name} is gone: ${reason}`;
    case "added":
      return `${name} added beside ${by ?? ""}: ${reason}`;
    case "answered-enosys":
      return `${name} answers ENOSYS: ${reason}`;
  }
}

/** @throws InputError for conditions that cannot be ported, UsageError without anything to do */
export async function runPort(file: string, options: PortCliOptions): Promise<void> {
  if (options.to === undefined && options.libcSafe !== true)
    throw new UsageError("port needs --to or --libc-safe");
  const host = hostOf(options);
  const { document } = await readProfileInput(file);
  const notes: PortNote[] = [];
  let plain = resolveForHost(document, host);
  const goal = options.to ?? host.abi;
  if (options.to !== undefined) {
    const ported = portProfile(plain, host.abi, options.to);
    plain = resolveForHost(ported.document, { ...host, abi: options.to });
    notes.push(...ported.notes);
  }
  if (options.libcSafe === true) {
    const safe = libcSafe(plain, goal);
    plain = resolveForHost(safe.document, { ...host, abi: goal });
    notes.push(...safe.notes);
  }
  resolveProfile(plain, { ...host, abi: goal });
  const added = notes.filter(note => note.kind === "added").length;
  for (const note of notes) tell(`${showNote(note)}\n`);
  if (options.libcSafe === true) tell(`${added} more calls are allowed than before\n`);
  writeOutput(printProfile(plain), options.output);
}
