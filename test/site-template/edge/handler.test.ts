/** What a test in workerd cannot bring about: a store that fails, a clock that moves, other settings. */
import { describe, expect, it, vi } from 'vitest';
import { threadControlKey } from '../../../action/contract/keys.ts';
import { serializeMeta } from '../../../action/contract/meta.ts';
import { signLink } from '../../../action/contract/signing.ts';
import { newThreadControl, serializeThreadControl } from '../../../action/contract/thread-control.ts';
import { CONTROL_MEMORY_MILLISECONDS } from '../../../site-template/edge/thread-controls.ts';
import { makeMeta } from '../../support/edge.ts';
import { artifact, controlled, openEdge } from './memory-edge.ts';

const SECRET = '0f'.repeat(32);
const KEY = { id: 'k1', secret: new Uint8Array(32).fill(15) };
const LINK_KEYS = JSON.stringify([{ id: 'k1', secret: SECRET }]);

describe('a store that fails', () => {
  it('is answered with 503 and a wait, and is not mistaken for a missing page', async () => {
    using log = vi.spyOn(console, 'error').mockReturnValue();
    const edge = openEdge(artifact());
    edge.bucket.get = async () => Promise.reject(new Error('internal error (10001)'));
    const response = await edge.visit('/p/film/1');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('30');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).not.toContain('10001');
    expect(log).toHaveBeenCalledOnce();
  });

  it('fails the health check', async () => {
    using _log = vi.spyOn(console, 'error').mockReturnValue();
    const edge = openEdge({});
    edge.bucket.head = async () => Promise.reject(new Error('internal error (10001)'));
    const response = await edge.visit('/health');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ok: false, problems: ['the bucket does not answer'] });
  });

  it('costs no answer when it fails while the cache is filled', async () => {
    using log = vi.spyOn(console, 'warn').mockReturnValue();
    const edge = openEdge(artifact());
    edge.cache.put.mockRejectedValue(new Error('cache is full'));
    expect(await (await edge.visit('/p/film/1')).text()).toBe('the page');
    await edge.settled();
    expect(log).toHaveBeenCalledOnce();
  });
});

describe('what is known about a thread', () => {
  it('is at most ten seconds old, whatever memory and cache hold', async () => {
    const edge = openEdge(artifact({ latest: 1 }));
    expect((await edge.visit('/p/film/1')).status).toBe(200);
    Object.assign(edge.objects, controlled({ tombstones: [1] }));
    edge.clock.now += CONTROL_MEMORY_MILLISECONDS - 1;
    expect((await edge.visit('/p/film/1')).status).toBe(200);
    edge.clock.now += 1;
    expect((await edge.visit('/p/film/1')).status).toBe(410);
    expect((await edge.visit('/p/film/1/meta.json')).status).toBe(410);
    expect((await edge.visit('/p/film/1', { headers: { 'if-none-match': '*' } })).status).toBe(410);
    expect(CONTROL_MEMORY_MILLISECONDS).toBe(10_000);
  });

  it('is asked anew for the latest version, as whoever shared it opens it at once', async () => {
    const edge = openEdge(artifact({ latest: 1 }));
    expect((await edge.visit('/p/film/latest')).headers.get('location')).toBe('/p/film/1');
    Object.assign(edge.objects, controlled({ latest: 2 }));
    expect((await edge.visit('/p/film/latest')).headers.get('location')).toBe('/p/film/2');
  });

  it('is asked anew by a site that unfurls a link to the latest version', async () => {
    const edge = openEdge({});
    const ask = () => edge.visit(`/oembed?url=${encodeURIComponent('http://127.0.0.1:8787/p/film/latest')}`);
    expect((await ask()).status).toBe(404);
    Object.assign(edge.objects, artifact({ latest: 1 }), {
      'artifacts/film/1/meta.json': serializeMeta(makeMeta('film', 1)),
    });
    expect(await (await ask()).json()).toMatchObject({ title: 'Launch film' });
  });

  it.each(['', '{', '{"schema": 2}', serializeThreadControl(newThreadControl('other'))])(
    'keeps the doors shut when it reads %j',
    async (text) => {
      using _log = vi.spyOn(console, 'error').mockReturnValue();
      const edge = openEdge({ ...artifact(), [threadControlKey('film')]: text });
      for (const path of ['/p/film/1', '/p/film/latest', '/p/film/1/style.css']) {
        expect((await edge.visit(path)).status).toBe(503);
      }
    },
  );

  it('is asked once for many visits, and then the page comes from memory', async () => {
    const edge = openEdge(artifact());
    for (let i = 0; i < 5; i++) await edge.visit('/p/film/1');
    await edge.settled();
    expect(edge.reads.toSorted()).toEqual([
      'get artifacts/film/1/page.html', // for the viewer
      'get artifacts/film/1/page.html', // for the cache
      'get threads/film.json',
      'head artifacts/film/1/meta.json',
    ]);
  });
});

describe('a cache that does not cut', () => {
  it('is passed by: a part comes from the store', async () => {
    const name = `${'a'.repeat(64)}.mp3`;
    const sound = '0123456789'.repeat(20_000);
    const edge = openEdge({ ...artifact(), [`artifacts/film/1/assets/${name}`]: sound });
    edge.cache.match.mockImplementation(async () => new Response(sound));
    const part = await edge.visit(`/p/film/1/assets/${name}`, { headers: { range: 'bytes=5-14' } });
    expect([part.status, part.headers.get('x-permaframe-source')]).toEqual([206, 'store']);
    expect(await part.text()).toBe('5678901234');
  });
});

describe('an object without a brotli copy', () => {
  it('is looked for in vain once in ten minutes', async () => {
    const edge = openEdge(artifact());
    const missed = () => edge.reads.filter((read) => read.endsWith('.br')).length;
    const headers = { 'accept-encoding': 'br' };
    for (let i = 0; i < 3; i++) expect(await (await edge.visit('/p/film/1', { headers })).text()).toBe('the page');
    expect(missed()).toBe(1);
    edge.clock.now += 600_000;
    edge.objects['artifacts/film/1/page.html.br'] = 'compressed';
    const response = await edge.visit('/p/film/1', { headers });
    expect([missed() > 1, response.headers.get('content-encoding')]).toEqual([true, 'br']);
  });
});

describe('signed links', () => {
  const scope = { host: 'share.example.com', thread: 'film', version: 1 };
  const now = Date.UTC(2026, 10, 17) / 1000;

  it('are good for the public address, which is not always what the request says', async () => {
    const token = await signLink(KEY, scope, now + 60, now);
    const edge = openEdge(artifact(), { LINK_KEYS, PUBLIC_URL: 'https://share.example.com' });
    expect((await edge.visit(`/s/${token}/p/film/1`)).status).toBe(200);
    expect((await openEdge(artifact(), { LINK_KEYS }).visit(`/s/${token}/p/film/1`)).status).toBe(403);
  });

  it('open until the second in which they expire', async () => {
    const token = await signLink(KEY, scope, now + 60, now);
    const edge = openEdge(artifact(), { LINK_KEYS, PUBLIC_URL: 'https://share.example.com' });
    edge.clock.now += 59_999;
    expect((await edge.visit(`/s/${token}/p/film/1`)).status).toBe(200);
    edge.clock.now += 1;
    expect((await edge.visit(`/s/${token}/p/film/1`)).status).toBe(403);
  });

  it('are all refused without keys, and before anything is read', async () => {
    const token = await signLink(KEY, { ...scope, host: '127.0.0.1:8787' }, now + 60, now);
    const edge = openEdge(artifact());
    expect((await edge.visit(`/s/${token}/p/film/1`)).status).toBe(403);
    expect(edge.reads).toEqual([]);
  });

  it('are not judged with keys that cannot be read, while public pages stay up', async () => {
    const edge = openEdge(artifact(), { LINK_KEYS: '[{"id":"k1","secret":"short"}]' });
    const token = await signLink(KEY, { ...scope, host: '127.0.0.1:8787' }, now + 60, now);
    expect((await edge.visit(`/s/${token}/p/film/1`)).status).toBe(503);
    expect((await edge.visit('/p/film/1')).status).toBe(200);
    const health = await edge.visit('/health');
    expect(health.status).toBe(503);
    expect(await health.text()).toContain('LINK_KEYS');
  });

  it('leave nothing behind in cache or memory', async () => {
    const token = await signLink(KEY, { ...scope, host: '127.0.0.1:8787' }, now + 60, now);
    const edge = openEdge(artifact({ visibility: 'unlisted' }), { LINK_KEYS });
    for (let i = 0; i < 2; i++) {
      expect(await (await edge.visit(`/s/${token}/p/film/1`)).text()).toBe('the page');
    }
    await edge.settled();
    expect(edge.cache.match).not.toHaveBeenCalled();
    expect(edge.cache.put).not.toHaveBeenCalled();
    expect(edge.reads.filter((read) => read.endsWith('page.html'))).toHaveLength(2);
  });
});

describe('the public address', () => {
  it('stands in the policy of a page, beside the one that the request came by', async () => {
    const edge = openEdge(artifact(), { PUBLIC_URL: 'https://share.example.com' });
    const policy = (await edge.visit('/p/film/1')).headers.get('content-security-policy');
    expect(policy).toContain('script-src https://share.example.com http://127.0.0.1:8787 ');
  });

  it('promises https only where the request came by https', async () => {
    const edge = openEdge(artifact());
    expect((await edge.visit('/p/film/1')).headers.has('strict-transport-security')).toBe(false);
    const secure = await edge.visit('https://share.example.com/p/film/1');
    expect(secure.headers.get('strict-transport-security')).toBe('max-age=31536000');
  });
});
