import type { Phase } from "../evidence/model.ts";
import type { NewCall } from "../record/recorder.ts";
import { plural } from "../plural.ts";
import { Progress } from "./progress.ts";

/** Shows on stderr what `record` sees while it sees it: changing lines on a terminal, two plain ones elsewhere. */
export class RecordView {
  readonly live: boolean;
  readonly #progress = new Progress();
  readonly #counted = new Map<string, number>();
  readonly #names = new Set<string>();
  readonly #started = performance.now();
  #ended = false;

  constructor() {
    this.live = this.#progress.live;
  }

  begin(): void {
    this.#progress.show({ kind: "step", step: "record", round: 1, of: 1 });
  }

  /** What one of the recordings is to call; their calls are added up. */
  hooks(name: string): { onNew: (call: NewCall) => void; onCalls: (calls: number) => void } {
    return {
      onNew: call => {
        this.#names.add(`${call.abi} ${call.syscall}`);
        this.#progress.show({ kind: "new", call });
      },
      onCalls: calls => {
        this.#counted.set(name, calls);
        this.#progress.show({ kind: "calls", calls: this.#total() });
      },
    };
  }

  phase(phase: Phase): void {
    this.#progress.show({ kind: "phase", phase });
  }

  exercise(command: string, index: number): void {
    this.#progress.show({ kind: "exercise", index, command });
  }

  /** Output of the target, which goes above the view. */
  pass(output: Uint8Array): void {
    this.#progress.pass(output);
  }

  /** Leaves one line that stays; does nothing the second time. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const calls = this.#total();
    const counted = calls === 0 ? "" : `, ${calls.toLocaleString("en-US")} calls`;
    const seconds = (performance.now() - this.#started) / 1000;
    this.#progress.show({ kind: "done", seconds, text: `${plural(this.#names.size, "syscall")}${counted}` });
  }

  /** Removes what moves; to be called whatever happens. */
  stop(): void {
    this.#progress.stop();
  }

  #total(): number {
    return [...this.#counted.values()].reduce((sum, calls) => sum + calls, 0);
  }
}
