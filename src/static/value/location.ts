/** Low bytes of registers are told apart from the whole by this much. */
const LOW_BYTE = 32;

/** A place whose value is asked for. */
export interface Location {
  /** Register, or -1 for a slot. */
  readonly register: number;
  readonly isLowByte: boolean;
  /** Slot relative to the stack pointer at entry, and how many bytes are read from it. */
  readonly slot: number;
  readonly size: number;
}

export function registerLocation(register: number, isLowByte = false): Location {
  return { register, isLowByte, slot: 0, size: 8 };
}

export function slotLocation(slot: number, size: number): Location {
  return { register: -1, isLowByte: false, slot, size };
}

export function locationKey(l: Location): string {
  return l.register >= 0 ? `${l.register + (l.isLowByte ? LOW_BYTE : 0)}` : `s${l.slot}.${l.size}`;
}
