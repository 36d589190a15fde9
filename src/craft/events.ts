import type { Phase } from "../evidence/model.ts";
import type { NewCall } from "../record/recorder.ts";
import type { DeniedCall } from "./verify.ts";

/** What `craft` does while it does it, for whoever shows it. */
export type CraftEvent =
  | {
      readonly kind: "step";
      readonly step: "record" | "analyze" | "runtime" | "verify" | "enforce";
      readonly round: number;
      readonly of: number | undefined;
    }
  | { readonly kind: "phase"; readonly phase: Phase }
  | { readonly kind: "exercise"; readonly index: number; readonly command: string }
  | { readonly kind: "new"; readonly call: NewCall }
  /** How many calls the recording of this step has counted until now. */
  | { readonly kind: "calls"; readonly calls: number }
  | { readonly kind: "denial"; readonly denial: DeniedCall }
  | { readonly kind: "done"; readonly seconds: number; readonly text: string };
