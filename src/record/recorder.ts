import type { ProfileDocument } from "../profile/document.ts";
import type { Evidence, Phase, Run, Target } from "../evidence/model.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import type { FilterToLoad, Running } from "../engine/engine.ts";

/** What a recording is about. */
export type Scope =
  /**
   * A target that is going to be started by an engine. In a container, what a process of its cgroup does before it has
   * loaded a filter is not the target's; so it has to be started under one, be it one that allows everything.
   */
  | {
      readonly kind: "launch";
      readonly container?: true;
      /** A daemon starts it, so that nothing of ours is inherited. */
      readonly byDaemon?: true;
    }
  /** A process that runs already, its threads and its descendants from now on. */
  | { readonly kind: "process"; readonly pid: number }
  /**
   * A container that its runtime is just setting up, by its first process: from that process's first prctl(2) on, which
   * every runtime makes late and few calls before it executes the program.
   */
  | { readonly kind: "starting"; readonly pid: number }
  /**
   * Everything in a cgroup v2 and below, now and later. In a container whose runtime loads a filter, what enters later
   * is the target's from then on only, and told apart.
   */
  | { readonly kind: "cgroup"; readonly path: string; readonly container?: boolean };

export interface RecordingOptions {
  readonly scope: Scope;
  readonly target: Target;
  readonly purpose: Run["purpose"];
  readonly phase: Phase;
  /** Takes note of what has to be removed should we be killed. */
  readonly folder: RunFolder;
  /** Never stop looking at results, whatever it costs: they are where denied calls show. Only eBPF sees them. */
  readonly allResults?: true;
  /** What this profile lets through need not be recorded; complain mode alone makes use of it. */
  readonly base?: ProfileDocument;
  /** Called once for each syscall that was not seen before in this recording, soon after it was. */
  readonly onNew?: (call: NewCall) => void;
  /** Called some times a second, while calls are made, with how many this recording has counted until now. */
  readonly onCalls?: (calls: number) => void;
}

export interface NewCall {
  readonly abi: string;
  readonly syscall: string;
  readonly executable: string | undefined;
}

/** How the target has to be started so that this recording sees it from its first call on. */
export interface LaunchNeeds {
  readonly cgroup?: string;
  readonly filter?: FilterToLoad;
  /** For a container, instead of the filter. */
  readonly profile?: ProfileDocument;
  readonly noNewPrivileges: boolean;
}

/** A recording under way. */
export interface Recording {
  readonly needs: LaunchNeeds;
  /**
   * To be called as soon as an engine has started the target. Resolves when the target is really under way, which it
   * is not before its calls are answered. Should the recorder fail later, it kills the target.
   */
  attach(running: Running): Promise<void>;
  setPhase(phase: Phase): void;
  /** What is known by now, as unfinished evidence. */
  snapshot(): Evidence;
  /** Ends the recording and frees what it holds. The target should be gone by then, or it goes on unwatched (eBPF) or is ended (notify). */
  finish(): Promise<Evidence>;
  /** Frees what it holds without a result; does nothing after `finish`. */
  abandon(): Promise<void>;
}

export interface Recorder {
  readonly name: "ebpf" | "notify" | "complain";
  open(options: RecordingOptions): Promise<Recording>;
}
