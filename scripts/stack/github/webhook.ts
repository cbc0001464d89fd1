/** Sends GitHub's `workflow_run` webhook: signed, in order, once. GitHub does not repeat a delivery either. */
import { createHmac, randomUUID } from 'node:crypto';

/** GitHub's own limit, in milliseconds. */
const DELIVERY_MILLISECONDS = 10_000;
const KEPT_DELIVERIES = 200;

export interface WebhookTarget {
  url: string;
  secret: string;
}

export interface Delivery {
  action: string;
  runId: number;
  /** Null: nobody answered. */
  status: number | null;
}

export interface Webhook extends AsyncDisposable {
  deliver(action: 'requested' | 'in_progress' | 'completed', runId: number, body: Record<string, unknown>): void;
  /** The newest, oldest first. */
  deliveries: readonly Delivery[];
  /** Resolves when nothing is under way. */
  idle(): Promise<unknown>;
}

export function createWebhook(target: WebhookTarget | undefined): Webhook {
  const ended = new AbortController();
  const deliveries: Delivery[] = [];
  let last: Promise<void> = Promise.resolve();
  return {
    deliveries,
    deliver(action, runId, body) {
      if (target === undefined || ended.signal.aborted) return;
      last = last.then(async () => {
        const status = await post(target, { action, ...body }, ended.signal);
        if (deliveries.push({ action, runId, status }) > KEPT_DELIVERIES) deliveries.shift();
      });
    },
    idle: () => last,
    async [Symbol.asyncDispose]() {
      ended.abort();
      await last;
    },
  };
}

async function post({ url, secret }: WebhookTarget, body: unknown, ended: AbortSignal): Promise<number | null> {
  const text = JSON.stringify(body);
  const signature = createHmac('sha256', secret).update(text).digest('hex');
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body: text,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'GitHub-Hookshot/local',
        'x-github-event': 'workflow_run',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${signature}`,
      },
      signal: AbortSignal.any([ended, AbortSignal.timeout(DELIVERY_MILLISECONDS)]),
    });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return null;
  }
}
