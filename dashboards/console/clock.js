// The one clock of the page: the server's newest time, and the browser's monotonic clock since it arrived. The date of the
// device is never read for an age: it may be an hour off, and it may be set while the page is open.

export class Clock {
  #serverMs = null; #heardAt = null; #monotonic;

  /** @param {() => number} monotonic milliseconds that only ever grow */
  constructor(monotonic = () => performance.now()) { this.#monotonic = monotonic; }

  /**
   * The server told its time. ``asked``: it answered a question of ours just now; what merely came in may have lain
   * somewhere for an hour (a laptop that was woken), so that it moves the clock forward only.
   * @param {string} time @param {boolean} asked
   */
  hear(time, asked = false) {
    const told = Date.parse(time);
    if (Number.isNaN(told) || (!asked && this.#serverMs !== null && told <= this.#serverMs)) return;
    this.#serverMs = told; this.#heardAt = this.#monotonic();
  }

  /** Milliseconds since 1970 by the server's clock; null before it told any. */
  now() { return this.#serverMs === null ? null : this.#serverMs + this.#monotonic() - this.#heardAt; }

  /** Seconds since the server's clock was last heard to move on. */
  quiet() { return this.#heardAt === null ? Infinity : (this.#monotonic() - this.#heardAt) / 1000; }

  /** The device slept, or its date was set on: what was heard is older by so much, as far as anyone can tell. */
  slept(ms) { if (this.#heardAt !== null) this.#heardAt -= ms; }

  /** Seconds since this time; null where either is unknown. The only age there is on the page. @param {?string} time */
  age(time) {
    const now = this.now(), then = time == null ? NaN : Date.parse(time);
    return now === null || Number.isNaN(then) ? null : Math.max(0, (now - then) / 1000);
  }
}
