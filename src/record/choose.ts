import process from "node:process";
import { ebpfRecorder } from "./ebpf/recorder.ts";
import { notifyRecorder } from "./notify/recorder.ts";
import { complainRecorder } from "./complain/recorder.ts";
import type { LogChannel } from "./complain/protocol.ts";
import type { Recorder } from "./recorder.ts";

export type RecorderChoice = "auto" | "ebpf" | "notify" | "complain";

/**
 * The recorder that a user asked for; `auto` takes eBPF for root where the kernel lets it, else notify.
 * @param channel where complain mode reads
 */
export function chooseRecorder(
  choice: RecorderChoice,
  canTrace: () => boolean,
  channel: LogChannel | "auto" = "auto",
): Recorder {
  if (choice === "complain") return complainRecorder(channel);
  if (choice === "ebpf") return ebpfRecorder;
  if (choice === "notify") return notifyRecorder;
  return process.getuid?.() === 0 && canTrace() ? ebpfRecorder : notifyRecorder;
}
