/** What keeping, tags and ranges come to for videos, where a test in workerd could not look. */
import { describe, expect, it } from 'vitest';
import { videoKey } from '../../../action/contract/keys.ts';
import { serializeMeta } from '../../../action/contract/meta.ts';
import { signLink } from '../../../action/contract/signing.ts';
import type { AttachedVideo } from '../../../action/contract/video.ts';
import { MAX_CACHED_FOR_A_PART_BYTES } from '../../../site-template/edge/objects.ts';
import { CONTROL_MEMORY_MILLISECONDS } from '../../../site-template/edge/thread-controls.ts';
import { makeMeta } from '../../support/edge.ts';
import { artifact, controlled, openEdge } from './memory-edge.ts';

const VIDEO: AttachedVideo = { key: 'a'.repeat(64), format: 'mp4', width: 1280, height: 720, bytes: 4_100_000 };
const NEWER: AttachedVideo = { ...VIDEO, key: 'b'.repeat(64) };
const VIDEO_KEY = videoKey('film', 1, VIDEO.key, 'mp4');
const VIDEO_PATH = `/p/film/1/video/${VIDEO.key}.mp4`;
const BROTLI = { 'accept-encoding': 'br' };

const withVideos = (...videos: AttachedVideo[]) => artifact({ videos: { 1: videos } });

describe('the page of a version with videos', () => {
  it('says what is there, once it is known, under another tag', async () => {
    const edge = openEdge(artifact({ latest: 1 }));
    const before = await edge.visit('/p/film/1');
    expect(await before.text()).toBe('the page');
    Object.assign(edge.objects, controlled({ latest: 1, videos: { 1: [VIDEO] } }));
    edge.clock.now += CONTROL_MEMORY_MILLISECONDS;
    const etag = before.headers.get('etag') ?? '';
    const after = await edge.visit('/p/film/1', { headers: { 'if-none-match': etag } });
    expect([after.status, after.headers.get('etag') === etag]).toEqual([200, false]);
    expect(await after.text()).toContain(`<link rel="alternate" type="video/mp4" href="1/video/${VIDEO.key}.mp4">`);
    expect(after.headers.get('cache-control')).toBe('public, max-age=60, must-revalidate');
  });

  it('spares a client what it has, until there is a newer video', async () => {
    const edge = openEdge(withVideos(VIDEO));
    for (const headers of [{}, BROTLI]) {
      const etag = (await edge.visit('/p/film/1', { headers })).headers.get('etag') ?? '';
      for (const method of ['GET', 'HEAD']) {
        const again = await edge.visit('/p/film/1', { method, headers: { ...headers, 'if-none-match': etag } });
        expect([again.status, again.headers.get('etag')]).toEqual([304, etag]);
      }
    }
    const etag = (await edge.visit('/p/film/1')).headers.get('etag') ?? '';
    Object.assign(edge.objects, controlled({ videos: { 1: [NEWER, VIDEO] } }));
    edge.clock.now += CONTROL_MEMORY_MILLISECONDS;
    expect((await edge.visit('/p/film/1', { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it('goes out compressed, though the stored copy is of no use, under a tag of its own', async () => {
    const edge = openEdge({ ...withVideos(VIDEO), 'artifacts/film/1/page.html.br': 'stale' });
    const plain = await edge.visit('/p/film/1');
    const compressed = await edge.visit('/p/film/1', { headers: BROTLI });
    expect(compressed.headers.get('content-encoding')).toBe('br');
    expect(compressed.headers.get('etag')).toMatch(/^"[0-9a-f]{16}-br"$/);
    expect(compressed.headers.get('vary')).toBe('Accept-Encoding');
    expect(plain.headers.has('content-encoding')).toBe(false);
    expect(edge.reads).not.toContain('get artifacts/film/1/page.html.br');
    const range = { ...BROTLI, range: 'bytes=0-2' };
    const part = await edge.visit('/p/film/1', { headers: range });
    expect([part.status, await part.text(), part.headers.get('etag')]).toEqual([206, 'the', plain.headers.get('etag')]);
  });

  it('is made once, and then comes from memory', async () => {
    const edge = openEdge(withVideos(VIDEO));
    for (let i = 0; i < 3; i++) await edge.visit('/p/film/1', { headers: BROTLI });
    const last = await edge.visit('/p/film/1', { headers: BROTLI });
    expect(last.headers.get('x-permaframe-source')).toBe('memory');
    expect(edge.made).toEqual({ pages: 1, compressed: ['best'] });
  });

  it('is made for each visitor behind a signed link, and left in no memory', async () => {
    const edge = openEdge(artifact({ visibility: 'unlisted', videos: { 1: [VIDEO] } }), { LINK_KEYS });
    const token = await newToken();
    for (let i = 0; i < 2; i++) await edge.visit(`/s/${token}/p/film/1`, { headers: BROTLI });
    await edge.settled();
    expect(edge.made).toEqual({ pages: 2, compressed: ['quick', 'quick'] });
    expect(edge.cache.match).not.toHaveBeenCalled();
    expect(edge.cache.put).not.toHaveBeenCalled();
  });

  it('is as it was stored for a version that has none', async () => {
    const edge = openEdge(artifact({ videos: { 2: [VIDEO] } }));
    const page = await edge.visit('/p/film/1');
    expect([await page.text(), page.headers.get('etag')]).toEqual(['the page', '"tag"']);
    expect(edge.made.pages).toBe(0);
  });
});

describe('a video', () => {
  /** An object that says to be larger than the bytes that it has. */
  function openLarge(bytes: number) {
    const edge = openEdge({ ...artifact(), [VIDEO_KEY]: 'x'.repeat(100) });
    const { head, get } = edge.bucket;
    edge.bucket.head = async (key) => {
      const found = await head(key);
      return found && key === VIDEO_KEY ? { ...found, size: bytes } : found;
    };
    edge.bucket.get = async (key, options) => {
      const found = await get(key, options);
      return found && key === VIDEO_KEY ? Object.assign(found, { size: bytes }) : found;
    };
    return edge;
  }

  const part = { headers: { range: 'bytes=0-1' } };

  it('is put into the cache for a part of it while it is small', async () => {
    const edge = openLarge(MAX_CACHED_FOR_A_PART_BYTES);
    expect((await edge.visit(VIDEO_PATH, part)).status).toBe(206);
    await edge.settled();
    expect(edge.cache.put).toHaveBeenCalledOnce();
  });

  it('is not pulled through the cache for a part of it when it is large', async () => {
    const edge = openLarge(MAX_CACHED_FOR_A_PART_BYTES + 1);
    const answer = await edge.visit(VIDEO_PATH, part);
    const size = MAX_CACHED_FOR_A_PART_BYTES + 1;
    expect([answer.status, answer.headers.get('content-range')]).toEqual([206, `bytes 0-1/${size}`]);
    await edge.settled();
    expect(edge.cache.put).not.toHaveBeenCalled();
    await edge.visit(VIDEO_PATH);
    await edge.settled();
    expect(edge.cache.put).toHaveBeenCalledOnce();
  });

  it('goes past the cache altogether when it is larger than the cache takes', async () => {
    const edge = openLarge(1_000_000_000);
    for (let i = 0; i < 2; i++) await edge.visit(VIDEO_PATH, part);
    await edge.visit(VIDEO_PATH);
    await edge.settled();
    expect(edge.cache.put).not.toHaveBeenCalled();
    expect(edge.cache.match).not.toHaveBeenCalled();
    expect(edge.reads.filter((read) => read === `get ${VIDEO_KEY}`)).toHaveLength(3);
  });

  it('is not held in memory, even to be counted', async () => {
    const edge = openLarge(1_000_000_000);
    const answer = await edge.visit(VIDEO_PATH);
    expect(answer.headers.get('x-permaframe-source')).toBe('store');
    expect(answer.body).toBeInstanceOf(ReadableStream);
  });

  it('asks for the title when it is to be saved, and only then', async () => {
    const meta = { 'artifacts/film/1/meta.json': serializeMeta(makeMeta('film', 1, { title: 'Light' })) };
    const edge = openEdge({ ...artifact(), ...meta, [VIDEO_KEY]: 'film' });
    const shown = await edge.visit(VIDEO_PATH);
    expect(shown.headers.has('content-disposition')).toBe(false);
    expect(edge.reads).not.toContain('get artifacts/film/1/meta.json');
    for (const headers of [{}, { range: 'bytes=0-1' }]) {
      const saved = await edge.visit(`${VIDEO_PATH}?download`, { headers });
      expect(saved.headers.get('content-disposition')).toBe('attachment; filename="Light-v1.mp4"');
    }
  });
});

const SECRET = '0f'.repeat(32);
const LINK_KEYS = JSON.stringify([{ id: 'k1', secret: SECRET }]);

function newToken(): Promise<string> {
  const now = Date.UTC(2026, 10, 17) / 1000;
  const key = { id: 'k1', secret: new Uint8Array(32).fill(15) };
  return signLink(key, { host: '127.0.0.1:8787', thread: 'film', version: 1 }, now + 60, now);
}
