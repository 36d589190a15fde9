import type { Tally } from "./tally.ts";

const PRINTK = "run `seccraft complain prepare` before the program, which sets kernel.printk_ratelimit to 0";
const BACKLOG = "run `seccraft complain prepare` before the program, which raises audit's backlog_limit";
const READER = "record again with less other logging, or read the audit log instead of the kernel log";

interface Loss {
  readonly pattern: RegExp;
  readonly reason: string;
  readonly remedy: string;
  /** The number is a counter since boot, of which only the growth is this log's. */
  readonly total?: true;
}

/** What a line with an announcement is found by. Starts with a byte that is rare in logs: that is what is searched. */
export const LOSS_NEEDLES: readonly Buffer[] = ["_printk_skb: ", "_lost=", "journal", "** "].map(text =>
  Buffer.from(text),
);

/** How much before and behind a needle is looked at, in bytes. */
export const LOSS_CONTEXT: number = 512;

/**
 * What kernel and log daemons say when they lose records. Kernel: kernel/audit.c (audit_log_lost prints the counter,
 * then the cause), lib/ratelimit.c, kernel/printk; journald: journald-kmsg.c; rsyslog: imjournal.
 */
const LOSSES: readonly Loss[] = [
  {
    pattern: /^.*kauditd_printk_skb: (\d+) callbacks suppressed/,
    reason: "the kernel's limit on messages (printk_ratelimit) suppressed records",
    remedy: PRINTK,
  },
  {
    pattern: /^.*\baudit_lost=(\d+)[^]*\baudit: rate limit exceeded/,
    reason: "audit lost records: its rate limit was exceeded",
    remedy: "switch audit's own limit off while recording: auditctl -r 0",
    total: true,
  },
  {
    pattern: /^.*\baudit_lost=(\d+)[^]*\baudit: (?:backlog limit exceeded|kauditd \w+ queue overflow)/,
    reason: "audit lost records: its backlog was full",
    remedy: BACKLOG,
    total: true,
  },
  { pattern: /^.*\baudit_lost=(\d+)/, reason: "audit lost records", remedy: BACKLOG, total: true },
  {
    pattern: /^.*journal.*: Missed (\d+) kernel messages/,
    reason: "journald missed messages of the kernel",
    remedy: READER,
  },
  {
    pattern: /^.*journal.*kmsg buffer overrun, some messages lost/,
    reason: "the kernel's ring buffer was overwritten before journald had read it",
    remedy: READER,
  },
  {
    pattern: /^.*imjournal: (\d+) messages lost due to rate-limiting/,
    reason: "rsyslog's limit on the journal dropped messages",
    remedy: "set RatelimitInterval=0 for imjournal while recording",
  },
  {
    pattern: /^.*\*\* (\d+) printk messages dropped \*\*/,
    reason: "the kernel's ring buffer was overwritten before it was read",
    remedy: READER,
  },
];

/** Counts announcements of loss. */
export class LossWatch {
  readonly #tally: Tally;
  #total: number | undefined;
  /** Records that are known to be missing. */
  announced: number = 0;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** The counter's value before the log. */
  start(total: number): void {
    this.#total = total;
  }

  /** @param text the line with the needle and the next one. */
  line(text: string, offset: number): void {
    for (const { pattern, reason, remedy, total } of LOSSES) {
      const match = pattern.exec(text);
      if (match === null) continue;
      const told = match[1] === undefined ? 1 : Math.min(Number(match[1]), Number.MAX_SAFE_INTEGER);
      const count = total === true ? this.#growth(told) : told;
      if (count === 0) return;
      this.announced += count;
      this.#tally.gap("lost-events", reason, remedy, count, offset);
      return;
    }
  }

  /** What the counter grew by since it was last told; a smaller value means that the machine was restarted. */
  #growth(total: number): number {
    const before = this.#total;
    this.#total = total;
    return before === undefined || total < before ? 1 : total - before;
  }
}
