import { afterEach, describe, expect, it, vi } from 'vitest';
import { MAX_LINK_SECONDS } from '../../action/contract/limits.ts';
import { verifyLink } from '../../action/contract/signing.ts';
import { api } from '../../convex/_generated/api.js';
import { beginFilm, codeOf, FILES, LINK_SECRET, publish, refusalOf, requestPublish } from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('what names and titles may be', () => {
  it.each(['', ' ', 'a\nb', 'a\u0000', '\u202eevil', 'a\u2028b', 'x'.repeat(121)])(
    'not the title %j',
    async (title) => {
      const { ada } = await beginFilm();
      const refused = { code: 'INPUT_INVALID', field: 'title' };
      expect(await refusalOf(ada.mutation(api.projects.create, { project: 'p', title }))).toMatchObject(refused);
      expect(await refusalOf(ada.mutation(api.projects.rename, { project: 'film-project', title }))).toMatchObject(
        refused,
      );
      const thread = { project: 'film-project', thread: 't', title };
      expect(await refusalOf(ada.mutation(api.threads.create, thread))).toMatchObject(refused);
    },
  );

  it.each(['', 'A', 'a b', '../a', 'a\n', '$(id)', '$' + '{{ x }}', '-a', 'a/b', 'x'.repeat(64)])(
    'not the name %j',
    async (name) => {
      const { ada } = await beginFilm();
      const refused = { code: 'INPUT_INVALID' };
      expect(await refusalOf(ada.mutation(api.projects.create, { project: name, title: 'T' }))).toMatchObject(refused);
      const thread = { project: 'film-project', thread: name, title: 'T' };
      expect(await refusalOf(ada.mutation(api.threads.create, thread))).toMatchObject(refused);
    },
  );

  it('a title with shell in it is only text; a name in use is taken', async () => {
    const { ada } = await beginFilm();
    const title = '$(id) `id` ' + '$' + '{{ secrets.X }} "; rm -rf / #';
    await ada.mutation(api.threads.create, { project: 'film-project', thread: 'tricks', title });
    expect(await ada.query(api.threads.get, { thread: 'tricks' })).toMatchObject({ title });
    expect(await codeOf(ada.mutation(api.projects.create, { project: 'film-project', title: 'T' }))).toBe('NAME_TAKEN');
    const again = { project: 'film-project', thread: 'tricks', title: 'T' };
    expect(await codeOf(ada.mutation(api.threads.create, again))).toBe('NAME_TAKEN');
  });

  it('versions are whole numbers', async () => {
    const { ada, save } = await beginFilm();
    await save(FILES);
    for (const version of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e12]) {
      expect(await codeOf(ada.mutation(api.publishes.request, { thread: 'film', version }))).toBe('INPUT_INVALID');
    }
    expect(await codeOf(ada.mutation(api.publishes.request, { thread: 'film', version: 2 }))).toBe('NOT_FOUND');
  });
});

describe('a signed link', () => {
  it('opens the one version that it is for, as long as it was asked for', async () => {
    const { deployment, ada, save } = await beginFilm();
    await save(FILES);
    const ask = (seconds: number) => ada.mutation(api.threads.createLink, { thread: 'film', version: 1, seconds });
    expect(await codeOf(ask(3600))).toBe('STATE_CONFLICT');
    await publish(deployment, await requestPublish(ada));
    const { url, expires } = await ask(3600);
    const now = Math.floor(Date.now() / 1000);
    expect(expires).toBe(now + 3600);
    const token = /^https:\/\/share\.example\.com\/s\/([^/]+)\/p\/film\/1$/.exec(url)?.[1] ?? '';
    const keys = [{ id: 'k1', secret: new Uint8Array(Buffer.from(LINK_SECRET, 'hex')) }];
    const scope = { host: 'share.example.com', thread: 'film', version: 1 };
    expect(await verifyLink(keys, token, scope, now)).toBe('valid');
    expect(await verifyLink(keys, token, { ...scope, version: 2 }, now)).toBe('invalid');
    expect(await verifyLink(keys, token, scope, expires)).toBe('expired');
    for (const seconds of [0, 59, 1.5, MAX_LINK_SECONDS + 1]) expect(await codeOf(ask(seconds))).toBe('INPUT_INVALID');
    await ask(MAX_LINK_SECONDS);
    vi.stubEnv('PERMAFRAME_LINK_KEY', JSON.stringify({ id: 'k1', secret: 'short' }));
    const refusal = await refusalOf(ask(3600));
    expect(refusal.code).toBe('CONFIG_INVALID');
    expect(refusal.message).not.toContain('short');
  });
});
