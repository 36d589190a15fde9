import process from "node:process";
import { abiByAudit, type Abi } from "../../abi/abi.ts";
import { syscallByName } from "../../abi/syscalls.ts";
import type { Phase } from "../../evidence/model.ts";
import { decodeProgram, type Program } from "../../bpf/program.ts";
import { Listener } from "../../linux/notify.ts";
import { Processes } from "./processes.ts";
import {
  CONTROL,
  type Denial,
  type Note,
  type SupervisorMessage,
  type SupervisorOptions,
} from "./protocol.ts";
import { CallTable, nameOf, type Hook } from "./table.ts";
import { judge, type Judgement } from "./judge.ts";

const IDLE_MS = 20;
/** How often the main thread is told what is known: at once when a call is new, else at this pace. */
const REPORT_MS = 250;
/** Looking at the clock costs as much as a look-up. */
const CALLS_BETWEEN_LOOKS = 64;
const PHASES: readonly Phase[] = ["runtime", "startup", "serving", "shutdown"];
const NEW_LISTENER = 8n;

/** Answers every call that reaches a listener until the target is gone or it is told to stop. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #post: (message: SupervisorMessage) => void;
  readonly #listener: Listener;
  readonly #table = new CallTable(() => this.#now());
  readonly #processes = new Processes();
  readonly #notes = new Map<string, Note>();
  readonly #setIdChecked = new Set<string>();
  readonly #program: Program;
  #first = true;
  #changed = false;
  #reported = 0;
  /** A call was seen for the first time. */
  #urgent = false;

  constructor(options: SupervisorOptions, post: (message: SupervisorMessage) => void) {
    this.#options = options;
    this.#post = post;
    this.#listener = new Listener(options.listener);
    this.#program = options.answer.kind === "deny" ? decodeProgram(options.answer.program) : [];
  }

  /** Blocks its thread. */
  run(): void {
    const { control } = this.#options;
    let end: "hangup" | "stopped" = "stopped";
    this.#post({ kind: "ready" });
    let calls = 0;
    while (Atomics.load(control, CONTROL.stop) === 0) {
      const event = this.#listener.next(IDLE_MS);
      if (event === "hangup") {
        end = "hangup";
        break;
      }
      if (event === "call") {
        if (this.#options.answer.kind === "observe") this.#observe();
        else this.#deny(this.#options.answer.learn);
        this.#first = false;
      }
      if (event === "nothing" || ++calls % CALLS_BETWEEN_LOOKS === 0 || this.#urgent) this.#reportIfDue();
    }
    this.#report();
    this.#post({ kind: "end", reason: end });
  }

  #reportIfDue(): void {
    if (this.#urgent || (this.#changed && performance.now() - this.#reported > REPORT_MS)) this.#report();
  }

  get #phase(): Phase {
    return PHASES[Atomics.load(this.#options.control, CONTROL.phase)] ?? "startup";
  }

  #now(): number {
    return Number((process.hrtime.bigint() - this.#options.startedNs) / 1000n) / 1e6;
  }

  #observe(): void {
    const listener = this.#listener;
    const thread = listener.thread;
    // The launcher loads the filter and then calls execve, nothing else: that is the runtime's share.
    const executable = this.#first ? undefined : this.#processes.executable(thread);
    const call = this.#first
      ? this.#table.add(listener, undefined, "runtime", "container-runtime")
      : this.#table.add(listener, executable, this.#phase, undefined);
    if (call.count === 1 && !this.#first) {
      this.#urgent = true;
      this.#checkSetId(thread, executable);
    }
    this.#changed = true;
    if (call.hook !== undefined) this.#follow(call.hook, thread);
    listener.continue();
  }

  #follow(hook: Hook, thread: number): void {
    if (hook === "exec") this.#processes.execs(thread);
    else if (hook === "fork") this.#processes.forks();
    else if (hook === "exit") this.#processes.ends(thread);
    else if ((this.#listener.argument(1) & NEW_LISTENER) !== 0n) {
      this.#note(
        "nested-listener",
        "the target asks for a seccomp listener of its own, which fails with EBUSY while it is watched through one",
      );
    }
  }

  #checkSetId(thread: number, executable: string | undefined): void {
    if (executable === undefined || this.#setIdChecked.has(executable)) return;
    this.#setIdChecked.add(executable);
    if (!this.#processes.isSetId(thread)) return;
    this.#note(
      "set-uid",
      `${executable} changes its user or group when it is started, which no_new_privs prevents here: what it does with those rights is not seen`,
    );
  }

  #note(kind: Note["kind"], reason: string): void {
    this.#notes.set(`${kind} ${reason}`, { kind, reason });
  }

  #deny(learn: boolean): void {
    const listener = this.#listener;
    const args = [0, 1, 2, 3, 4, 5].map(index => listener.argument(index));
    const judgement = judge(this.#program, {
      number: listener.number,
      arch: listener.audit,
      instructionPointer: listener.instructionPointer,
      args,
    });
    const denial = this.#describe(judgement, args, learn);
    // What /proc says is about the caller only if it still waits now.
    if (listener.stillWaiting()) this.#post({ kind: "denial", denial });
    if (learn) listener.continue();
    else if (judgement.kind === "kill") this.#kill(denial);
    else listener.fail(judgement.errno);
  }

  #kill(denial: Denial): void {
    // The kernel would use SIGSYS, but one that we send could be caught.
    try {
      process.kill(denial.process ?? denial.thread, "SIGKILL");
    } catch {
      this.#listener.fail(1);
    }
  }

  #describe(judgement: Judgement, args: readonly bigint[], learn: boolean): Denial {
    const { audit, number, thread } = this.#listener;
    const abi = abiByAudit(audit, number)?.name ?? "x86_64";
    return {
      abi,
      number: number,
      syscall: nameOf(abi, number),
      args,
      thread,
      process: this.#processes.process(thread),
      command: this.#processes.command(thread),
      executable: this.#executableNow(thread),
      phase: this.#first && number === this.#execNumber(abi) ? "runtime" : this.#phase,
      at: this.#now(),
      action: judgement.text,
      passed: learn,
    };
  }

  #execNumber(abi: Abi["name"]): number | undefined {
    return syscallByName(abi, "execve")?.number;
  }

  #executableNow(thread: number): string | undefined {
    // Execs that the profile allows do not reach us, so nothing can be remembered.
    this.#processes.ends(thread);
    return this.#processes.executable(thread);
  }

  #report(): void {
    this.#changed = false;
    this.#urgent = false;
    this.#reported = performance.now();
    this.#post({ kind: "seen", calls: this.#table.calls(), notes: [...this.#notes.values()] });
  }
}
