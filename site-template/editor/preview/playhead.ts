/** Which frame is shown. A page tells with some delay: where a person has gone meanwhile counts more. */
export class Playhead {
  readonly #listeners = new Set<() => void>();
  #frame = 0;
  /** Seeks that the page has not heard yet. */
  #unheard = 0;

  get frame(): number {
    return this.#frame;
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  set(frame: number): void {
    this.#frame = frame;
    for (const listener of [...this.#listeners]) listener();
  }

  /** A page is told to go there; it will say that it has heard. */
  seek(frame: number): void {
    this.#unheard++;
    this.set(frame);
  }

  hearSought(): void {
    this.#unheard = Math.max(0, this.#unheard - 1);
  }

  /** What the page shows, as far as it knows. */
  hear(frame: number): void {
    if (this.#unheard === 0) this.set(frame);
  }

  /** Another page is shown, which has heard nothing yet. */
  turnTo(): void {
    this.#unheard = 0;
  }
}
