import { describe, expect, it } from 'vitest';
import type { ControlPlane, Delivery } from '../../action/adapters/control-plane.ts';
import type { Log } from '../../action/adapters/log.ts';
import { PermaframeError } from '../../action/contract/errors.ts';
import type { Report } from '../../action/contract/reports.ts';
import { createCorrespondence } from '../../action/correspondence.ts';

/** A correspondence of a run that owns its publish, with a control plane of which the test says how it answers an end. */
async function ownPublish(answerEnd: (signal: AbortSignal | undefined) => Promise<Delivery>) {
  const annotations: string[] = [];
  const log: Log = {
    ...{ mask() {}, line() {}, group() {}, output() {}, async summarize() {} },
    annotate: ({ title }) => void annotations.push(title),
  };
  const controlPlane: ControlPlane = {
    report: async ({ kind }, signal) => (kind === 'claim' ? { kind: 'delivered' } : answerEnd(signal)),
  };
  const { signal } = new AbortController();
  const publish = { id: 'k57publish', controlPlane };
  const correspondence = createCorrespondence({ publish, setStatus: null, log, onRefusal() {}, signal });
  await correspondence.claim();
  return { correspondence, annotations };
}

const failed = (publish: string): Report => ({
  kind: 'failed',
  publish,
  code: 'RUN_LOST',
  message: '',
  diagnostics: [],
});

describe('the report of an end', () => {
  it('is lost, not a bug of ours, when the run is cancelled or out of time while it waits for the answer', async () => {
    const untilAborted = (signal: AbortSignal | undefined) =>
      new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const { correspondence, annotations } = await ownPublish(untilAborted);
    for (const reason of [new DOMException('', 'AbortError'), new DOMException('', 'TimeoutError')]) {
      const stop = new AbortController();
      const ending = correspondence.end(failed, stop.signal);
      setTimeout(() => stop.abort(reason), 1);
      expect(await ending).toBe('lost');
    }
    expect(annotations).toEqual([]);
  });

  it('is lost with a warning when the control plane cannot be reached', async () => {
    const { correspondence, annotations } = await ownPublish(async () => {
      throw new PermaframeError('CONTROL_PLANE_UNAVAILABLE', 'nobody answers');
    });
    expect(await correspondence.end(failed, new AbortController().signal)).toBe('lost');
    expect(annotations).toEqual(['CONTROL_PLANE_UNAVAILABLE']);
  });

  it('does not hide a bug', async () => {
    const { correspondence } = await ownPublish(() => Promise.reject(new TypeError('a bug')));
    await expect(correspondence.end(failed, new AbortController().signal)).rejects.toThrow('a bug');
  });
});
