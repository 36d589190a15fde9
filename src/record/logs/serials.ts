/** Serial numbers of audit events, which count up from the start of the machine over events of every kind. */
export class Serials {
  #first = -1;
  #last = -1;
  #seen = 0;
  #previous = -1;
  #missing = 0;

  saw(serial: number): void {
    // Several records of one event.
    if (serial === this.#previous) return;
    this.#previous = serial;
    // Smaller by far: the machine was restarted. By a little: two processors printed in another order.
    if (this.#seen > 0 && serial + 1000 < this.#last) this.#close();
    if (this.#seen === 0) this.#first = serial;
    if (serial < this.#first) this.#first = serial;
    if (serial > this.#last) this.#last = serial;
    this.#seen++;
  }

  #close(): void {
    this.#missing += Math.max(0, this.#last - this.#first + 1 - this.#seen);
    this.#first = this.#last = -1;
    this.#seen = 0;
  }

  /** How many numbers between those seen were not seen; ends the series. */
  missing(): number {
    if (this.#seen > 0) this.#close();
    return this.#missing;
  }
}
