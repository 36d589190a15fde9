import process from "node:process";
import { ebpfRecorder } from "./ebpf/recorder.ts";
import { notifyRecorder } from "./notify/recorder.ts";
import type { Recorder } from "./recorder.ts";

export type RecorderChoice = "auto" | "ebpf" | "notify";

/** The recorder that a user asked for; `auto` takes eBPF for root where the kernel lets it, else notify. */
export function chooseRecorder(choice: RecorderChoice, canTrace: () => boolean): Recorder {
  if (choice === "ebpf") return ebpfRecorder;
  if (choice === "notify") return notifyRecorder;
  return process.getuid?.() === 0 && canTrace() ? ebpfRecorder : notifyRecorder;
}
