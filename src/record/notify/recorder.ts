import process from "node:process";
import { MachineError } from "../../errors.ts";
import { joinEvidence } from "../../evidence/join.ts";
import type { Evidence, Gap, Observation, Phase, Run } from "../../evidence/model.ts";
import type { Running } from "../../engine/engine.ts";
import { libc } from "../../linux/libc.ts";
import type { LaunchNeeds, Recorder, Recording, RecordingOptions } from "../recorder.ts";
import { newRun } from "../run.ts";
import {
  CONTROL,
  type Answer,
  type Denial,
  type Note,
  type SeenCall,
  type SupervisorMessage,
} from "./protocol.ts";
import { supervise } from "./threads.ts";

/** `BPF_RET | BPF_K` with SECCOMP_RET_USER_NOTIF: every call goes to the supervisor. */
const NOTIFY_ALL = Uint8Array.from([0x06, 0, 0, 0, 0, 0, 0xc0, 0x7f]);
const PHASES: readonly Phase[] = ["runtime", "startup", "serving", "shutdown"];

/** Sees every call through a seccomp listener, as an ordinary user too. Cannot see results. */
export const notifyRecorder: Recorder = {
  name: "notify",
  open: options => Promise.resolve(new NotifyRecording(options)),
};

/** A thread that answers for the listener of a target. Should it fail, the target is killed. */
class Supervision {
  /** Resolves when calls are answered, or never will be. */
  readonly ready: Promise<void>;
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL.words * 4));
  readonly #listener: number;
  readonly #ended: Promise<void>;
  #stopped: Promise<void> | undefined;

  constructor(
    running: Running,
    answer: Answer,
    startedNs: bigint,
    phase: Phase,
    onMessage: (message: SupervisorMessage) => void,
  ) {
    const { listener } = running;
    if (listener === undefined) throw new Error("the engine handed over no listener");
    this.#listener = listener;
    this.setPhase(phase);
    const { ready, ended } = supervise({ listener, control: this.#control, answer, startedNs }, onMessage);
    this.ready = ready;
    this.#ended = ended;
    ended.catch(() => void running.killAll());
  }

  setPhase(phase: Phase): void {
    Atomics.store(this.#control, CONTROL.phase, PHASES.indexOf(phase));
  }

  /** Stops answering: whoever still calls gets ENOSYS. Rejects when the thread failed. */
  stop(): Promise<void> {
    Atomics.store(this.#control, CONTROL.stop, 1);
    // Once only: by the second time the descriptor's number may be somebody else's.
    this.#stopped ??= this.#ended.finally(() => libc().close(this.#listener));
    return this.#stopped;
  }
}

class NotifyRecording implements Recording {
  readonly needs: LaunchNeeds;
  readonly #options: RecordingOptions;
  readonly #run: Run;
  readonly #startedNs = process.hrtime.bigint();
  readonly #announced = new Set<string>();
  #phase: Phase;
  #supervision: Supervision | undefined;
  #calls: readonly SeenCall[] = [];
  #notes: readonly Note[] = [];

  constructor(options: RecordingOptions) {
    if (options.scope.kind !== "launch") {
      throw new MachineError(
        "the notify recorder can only watch what it starts itself",
        "Use --recorder ebpf (as root) for what runs already.",
      );
    }
    this.#options = options;
    this.#phase = options.phase;
    this.#run = newRun("notify", options.purpose, options.target);
    this.needs = {
      filter: { program: NOTIFY_ALL, flags: 0, listener: true },
      noNewPrivileges: process.getuid?.() !== 0,
    };
  }

  async attach(running: Running): Promise<void> {
    this.#supervision = new Supervision(running, { kind: "observe" }, this.#startedNs, this.#phase, message =>
      this.#receive(message),
    );
    await this.#supervision.ready;
  }

  setPhase(phase: Phase): void {
    this.#phase = phase;
    this.#supervision?.setPhase(phase);
  }

  snapshot(): Evidence {
    return this.#evidence(false);
  }

  async finish(): Promise<Evidence> {
    await this.abandon();
    return this.#evidence(true);
  }

  async abandon(): Promise<void> {
    const supervision = this.#supervision;
    this.#supervision = undefined;
    await supervision?.stop();
  }

  #receive(message: SupervisorMessage): void {
    if (message.kind !== "seen") return;
    this.#calls = message.calls;
    this.#notes = message.notes;
    this.#options.onCalls?.(countCalls(message.calls));
    for (const call of message.calls) {
      const key = `${call.abi} ${call.syscall}`;
      if (this.#announced.has(key)) continue;
      this.#announced.add(key);
      this.#options.onNew?.({ abi: call.abi, syscall: call.syscall, executable: call.executable });
    }
  }

  #evidence(finished: boolean): Evidence {
    const seconds = Number(process.hrtime.bigint() - this.#startedNs) / 1e9;
    const run: Run = {
      ...this.#run,
      finished,
      seconds: Math.round(seconds * 1000) / 1000,
      environment: { ...this.#run.environment, noNewPrivileges: this.needs.noNewPrivileges },
    };
    const gaps: Gap[] = this.#notes.map(note => ({ run: run.id, kind: note.kind, reason: note.reason }));
    gaps.push({
      run: run.id,
      kind: "results-unseen",
      reason: "this recorder sees calls, not their results: errnos are not known",
    });
    return joinEvidence({
      seccraft: "evidence/1",
      runs: [run],
      observations: this.#calls.map(call => ({ run: run.id, ...call })),
      gaps,
    });
  }
}

function countCalls(calls: readonly Pick<Observation, "count">[]): number {
  return calls.reduce((sum, { count = 0 }) => sum + count, 0);
}

/** Denials of a profile, named as they happen. */
export interface DenialWatch {
  /** Resolves when denied calls are answered. */
  readonly ready: Promise<void>;
  setPhase(phase: Phase): void;
  readonly denials: readonly Denial[];
  stop(): Promise<void>;
}

/**
 * Answers for the listener of a filter whose denials are notifications: each as the profile would (`program` is the
 * profile's own filter), or, to learn, by letting it pass.
 */
export function watchDenials(
  running: Running,
  options: {
    readonly program: Uint8Array;
    readonly learn: boolean;
    readonly phase: Phase;
    readonly onDenial?: (denial: Denial) => void;
  },
): DenialWatch {
  const denials: Denial[] = [];
  const answer: Answer = { kind: "deny", program: options.program, learn: options.learn };
  const supervision = new Supervision(running, answer, process.hrtime.bigint(), options.phase, message => {
    if (message.kind !== "denial") return;
    denials.push(message.denial);
    options.onDenial?.(message.denial);
  });
  const { ready } = supervision;
  return { ready, denials, setPhase: phase => supervision.setPhase(phase), stop: () => supervision.stop() };
}
