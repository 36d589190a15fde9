export {
  EXIT,
  InputError,
  InterruptedError,
  MachineError,
  SeccraftError,
  TargetError,
  UsageError,
} from "./errors.ts";
