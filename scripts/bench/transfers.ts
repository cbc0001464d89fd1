/** What a page gets over the wire, as Chromium itself reports it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';

/** Nothing has moved for so long: the page has what it wants. In milliseconds. */
const QUIET_MILLISECONDS = 1000;
/** How long that may take, in milliseconds. */
const SETTLE_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 50;

/** A request that is over. */
export interface Transfer {
  url: string;
  status: number;
  contentType: string;
  /** `br`, `gzip`, or empty. */
  encoding: string;
  /** As they came over the wire: headers, and the body as it was encoded. */
  bytes: number;
}

export class TransferLog {
  /** In the order in which they were over. */
  readonly over: Transfer[] = [];
  readonly #open = new Map<string, Transfer>();
  readonly #failures: string[] = [];
  #movedAt = performance.now();

  /** @param session to which `Network.enable` was sent */
  constructor(session: CDPSession) {
    session.on('Network.requestWillBeSent', ({ requestId, request: { url } }) => {
      this.#movedAt = performance.now();
      if (/^https?:/.test(url)) this.#open.set(requestId, { url, status: 0, contentType: '', encoding: '', bytes: 0 });
    });
    session.on('Network.responseReceived', ({ requestId, response: { status, mimeType, headers } }) =>
      this.#move(requestId, (transfer) => {
        const encoding = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-encoding')?.[1] ?? '';
        Object.assign(transfer, { status, contentType: mimeType, encoding });
      }),
    );
    session.on('Network.dataReceived', ({ requestId, encodedDataLength }) =>
      this.#move(requestId, (transfer) => Object.assign(transfer, { bytes: transfer.bytes + encodedDataLength })),
    );
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
      this.#move(requestId, (transfer) => this.#close(requestId, { ...transfer, bytes: encodedDataLength })),
    );
    session.on('Network.loadingFailed', ({ requestId, errorText, canceled }) =>
      this.#move(requestId, (transfer) => {
        // A player gives up media that it has enough of for now. That is no failure, and what came did come.
        if (!canceled && errorText !== 'net::ERR_ABORTED') this.#failures.push(`${transfer.url}: ${errorText}`);
        this.#close(requestId, transfer);
      }),
    );
  }

  /**
   * Resolves when nothing has moved for a second.
   * @throws Error naming what failed, was refused, or is not over in time
   */
  async settle(): Promise<void> {
    const deadline = performance.now() + SETTLE_MILLISECONDS;
    while (this.#isBusy() || performance.now() - this.#movedAt < QUIET_MILLISECONDS) {
      if (performance.now() > deadline) throw new Error(`not over in time: ${this.#openUrls().join(', ')}`);
      await sleep(POLL_MILLISECONDS);
    }
    const refused = this.over.filter(({ status }) => status >= 400).map(({ url, status }) => `${url}: ${status}`);
    const problems = [...this.#failures, ...refused];
    if (problems.length > 0) throw new Error(problems.join('; '));
  }

  #isBusy(): boolean {
    // Media may be held open for as long as it plays.
    return [...this.#open.values()].some((transfer) => !isMedia(transfer));
  }

  #openUrls(): string[] {
    return [...this.#open.values()].map(({ url }) => url);
  }

  #move(requestId: string, change: (transfer: Transfer) => void): void {
    this.#movedAt = performance.now();
    const transfer = this.#open.get(requestId);
    if (transfer) change(transfer);
  }

  #close(requestId: string, transfer: Transfer): void {
    this.#open.delete(requestId);
    this.over.push(transfer);
  }
}

/** Sound and film come in parts, as many as have been played. */
export function isMedia({ contentType }: Transfer): boolean {
  return /^(audio|video)\//.test(contentType);
}

/** Sum of the transfers that a rule takes, in bytes. */
export function sumBytes(
  transfers: readonly Transfer[],
  isCounted: (transfer: Transfer) => boolean = () => true,
): number {
  return transfers.filter(isCounted).reduce((sum, { bytes }) => sum + bytes, 0);
}
