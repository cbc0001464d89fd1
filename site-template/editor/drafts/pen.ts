/**
 * Of all windows of one person on one thread, one has the pen: a Web Lock, which the browser takes back when the window
 * dies. The others follow what it writes, and may ask for it.
 */

export interface PenEvents {
  /** This window may change the working copy now. */
  onTaken(): void;
  /** It may not any more. What is written must be on its way to the draft when this resolves. */
  onLost(): Promise<void>;
  /** The window that has the pen has written, or saved. */
  onWritten(): void;
}

type Message = 'letGo' | 'flushed' | 'wrote';

/** How long a window may take to put its draft away before the pen is taken from it, in milliseconds. */
const PATIENCE = 800;

export class Pen implements Disposable {
  readonly #name: string;
  readonly #events: PenEvents;
  readonly #channel: BroadcastChannel;
  readonly #closing = new AbortController();
  #waiting = new AbortController();
  #onFlushed = (): void => {};
  #isHeld = false;

  /** @param name the same for windows that must not write at a time */
  constructor(name: string, events: PenEvents) {
    this.#name = name;
    this.#events = events;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
    void this.#begin();
  }

  /** Takes the pen from whichever window has it. */
  async take(): Promise<void> {
    const flushed = new Promise<void>((resolve) => {
      this.#onFlushed = resolve;
      setTimeout(resolve, PATIENCE);
    });
    this.#say('letGo');
    await flushed;
    this.#waiting.abort();
    this.#request({ steal: true }, this.#closing.signal);
  }

  /** Tells the other windows that the draft has changed. */
  wrote(): void {
    this.#say('wrote');
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#waiting.abort();
    this.#channel.close();
  }

  #say(message: Message): void {
    if (!this.#closing.signal.aborted) this.#channel.postMessage(message);
  }

  #hear(message: Message): void {
    if (message === 'wrote') this.#events.onWritten();
    else if (message === 'flushed') this.#onFlushed();
    else if (this.#isHeld) void this.#events.onLost().then(() => this.#say('flushed'));
  }

  async #begin(): Promise<void> {
    let isFree = true;
    const request = navigator.locks.request(this.#name, { ifAvailable: true }, (lock) => {
      isFree = lock !== null;
      return isFree ? this.#hold() : undefined;
    });
    await request.catch(() => this.#lose(this.#closing.signal));
    if (isFree) return;
    await this.#events.onLost();
    this.#waitInLine();
  }

  /** For the window that has the pen to close. */
  #waitInLine(): void {
    if (this.#closing.signal.aborted) return;
    this.#waiting = new AbortController();
    this.#request({ signal: this.#waiting.signal }, this.#waiting.signal);
  }

  #request(options: LockOptions, givenUp: AbortSignal): void {
    navigator.locks.request(this.#name, options, () => this.#hold()).catch(() => this.#lose(givenUp));
  }

  /** Resolves when this window lets go by itself. */
  #hold(): Promise<void> {
    this.#isHeld = true;
    this.#events.onTaken();
    return new Promise((resolve) => this.#closing.signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** @param givenUp aborted when it was given up by ourselves, rather than taken from us */
  #lose(givenUp: AbortSignal): void {
    if (givenUp.aborted || this.#closing.signal.aborted) return;
    this.#isHeld = false;
    void this.#events.onLost().then(() => this.#waitInLine());
  }
}
