import { looksLikeEvidence } from "../../evidence/codec.ts";
import { looksLikeOperator } from "./operator.ts";
import { parseStraceLine } from "./strace/line.ts";

export type LogKind =
  /** Seccomp records of the kernel in whatever log: syslog, dmesg, auditd, ausearch, journald. */
  "records" | "strace" | "operator" | "evidence" | "profile";

const SUMMARY = /^(?:% time|.*\bcalls\b.*\berrors\b.*\bsyscall\b|syscall\s+.*\bcalls\b)/;

/** Tells what a log is by its beginning; records are looked for when nothing else fits. */
export function kindOfLog(head: string): LogKind {
  if (looksLikeEvidence(head)) return "evidence";
  if (/^\s*\{/.test(head) && /"default_?[aA]ction"/.test(head)) return "profile";
  const lines = head.split(/\r?\n/).slice(0, 400);
  if (lines.some(line => /type=(?:1326|SECCOMP) |\bSECCOMP auid=/.test(line))) return "records";
  if (lines.some(line => looksLikeOperator(line))) return "operator";
  if (lines.some(line => SUMMARY.test(line))) return "strace";
  const calls = lines.filter(line => {
    const event = parseStraceLine(line)?.event;
    return event?.kind === "call" && (event.part !== "whole" || /\) += |^[^)]*$/.test(event.rest));
  });
  return calls.length > 0 ? "strace" : "records";
}

const MAGIC: readonly [name: string, bytes: readonly number[]][] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
  ["journal", [0x4c, 0x50, 0x4b, 0x53, 0x48, 0x48, 0x52, 0x48]],
  ["ELF", [0x7f, 0x45, 0x4c, 0x46]],
];

/** What the first bytes say a file is, when it is not text. */
export function formatOf(head: Uint8Array): string | undefined {
  return MAGIC.find(([, bytes]) => bytes.every((byte, i) => head[i] === byte))?.[0];
}
