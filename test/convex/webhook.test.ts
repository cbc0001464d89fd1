import { afterEach, describe, expect, it, vi } from 'vitest';
import { toHex } from '../../action/contract/hash.ts';
import { renderRunName, runName, WEBHOOK_PATH } from '../../action/contract/reports.ts';
import { api, internal } from '../../convex/_generated/api.js';
import type { Id } from '../../convex/_generated/dataModel.js';
import {
  type Deployment,
  deploy,
  ENVIRONMENT,
  makeThread,
  publishFilm,
  receive,
  receiveRender,
  requestPublish,
  requestRender,
  runOf,
} from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

async function dispatched(): Promise<{ deployment: Deployment; id: Id<'publishes'> }> {
  const deployment = deploy();
  const ada = deployment.person('ada');
  await makeThread(ada);
  const id = await requestPublish(ada);
  await deployment.t.mutation(internal.dispatching.sent, { publish: id });
  await deployment.newlyStarted();
  return { deployment, id };
}

describe('GitHub’s webhook', () => {
  async function sign(body: string, secret = ENVIRONMENT.PERMAFRAME_GITHUB_WEBHOOK_SECRET): Promise<string> {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['sign']);
    const mac = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(body));
    return `sha256=${toHex(new Uint8Array(mac))}`;
  }

  async function hook(
    { t }: Deployment,
    body: unknown,
    headers: { event?: string; signature?: string } = {},
  ): Promise<number> {
    const text = JSON.stringify(body);
    const response = await t.fetch(WEBHOOK_PATH, {
      method: 'POST',
      body: text,
      headers: {
        'x-github-event': headers.event ?? 'workflow_run',
        'x-hub-signature-256': headers.signature ?? (await sign(text)),
      },
    });
    return response.status;
  }

  const event = (id: number, title = 'Anything', attempt = 1) => ({
    action: 'completed',
    repository: { id: 4711, full_name: 'acme/films' },
    workflow_run: { id, run_attempt: attempt, display_title: title, conclusion: 'cancelled', status: 'completed' },
  });

  it('has a publish looked into whose run ended: by run, or by name before it claimed', async () => {
    const { deployment, id } = await dispatched();
    expect(await hook(deployment, event(1001, runName('film', 1, id)))).toBe(202);
    expect(await deployment.newlyStarted()).toEqual(['inspect']);
    await receive(deployment, { kind: 'claim', publish: id });
    expect(await hook(deployment, event(1001))).toBe(202);
    expect(await deployment.newlyStarted()).toEqual(['inspect']);
  });

  it('has a render looked into whose run ended, and not the publish of the same version', async () => {
    const { deployment, ada } = await publishFilm();
    const id = await requestRender(ada);
    await deployment.t.mutation(internal.rendering.sent, { render: id });
    await deployment.newlyStarted();
    const title = renderRunName('film', 1, id);
    for (const foreign of [runName('film', 1, id), renderRunName('film', 2, id), `${title} `]) {
      expect(await hook(deployment, event(2001, foreign))).toBe(204);
    }
    // The run that has published the version.
    expect(await hook(deployment, event(1001))).toBe(204);
    expect(await deployment.newlyStarted()).toEqual([]);
    expect(await hook(deployment, event(2001, title))).toBe(202);
    expect(await deployment.newlyStarted()).toEqual(['inspectRender']);
    await receiveRender(deployment, { kind: 'claimRender', render: id }, runOf('2001', 2));
    expect(await hook(deployment, event(2001, title, 1))).toBe(204);
    expect(await hook(deployment, event(2002, title, 9))).toBe(204);
    expect(await hook(deployment, event(2001, 'Anything', 2))).toBe(202);
    expect(await deployment.newlyStarted()).toEqual(['inspectRender']);
    await ada.mutation(api.renders.cancel, { render: id });
    await deployment.newlyStarted();
    expect(await hook(deployment, event(2001, title, 3))).toBe(204);
    expect(await deployment.newlyStarted()).toEqual([]);
  });

  it('is not believed: wrong or missing signature, another body', async () => {
    const { deployment, id } = await dispatched();
    const body = event(1001, runName('film', 1, id));
    const text = JSON.stringify(body);
    const wrong = [await sign(text, 'another secret entirely'), await sign(`${text} `), '', 'sha1=00'];
    wrong.push((await sign(text)).toUpperCase(), `sha256=${'0'.repeat(64)}`);
    for (const signature of wrong) expect(await hook(deployment, body, { signature })).toBe(401);
    expect(await deployment.newlyStarted()).toEqual([]);
  });

  it('is not for us: other events, other repositories, other runs, older attempts, what is over', async () => {
    const { deployment, id } = await dispatched();
    const title = runName('film', 1, id);
    expect(await hook(deployment, event(1001, title), { event: 'push' })).toBe(204);
    expect(await hook(deployment, { ...event(1001, title), action: 'requested' })).toBe(204);
    expect(await hook(deployment, { ...event(1001, title), repository: { id: 4712 } })).toBe(204);
    expect(await hook(deployment, event(5, 'Publish other v1 (nothing)'))).toBe(204);
    expect(await hook(deployment, event(5, `${title} `))).toBe(204);
    expect(await hook(deployment, event(5, runName('film', 2, id)))).toBe(204);
    expect(await hook(deployment, 'nonsense')).toBe(204);
    await receive(deployment, { kind: 'claim', publish: id }, { id: '1001', attempt: 2, url: 'https://github.com/' });
    expect(await hook(deployment, event(1001, title, 1))).toBe(204);
    expect(await hook(deployment, event(1002, title, 9))).toBe(204);
    await deployment.person('ada').mutation(api.publishes.cancel, { publish: id });
    await deployment.newlyStarted();
    expect(await hook(deployment, event(1001, title, 2))).toBe(204);
    expect(await deployment.newlyStarted()).toEqual([]);
  });

  it('of more than a megabyte is refused unread', async () => {
    const { deployment } = await dispatched();
    expect(await hook(deployment, { ...event(1), padding: 'x'.repeat(1_000_001) })).toBe(413);
  });
});
