/** How objects reach a client: whole, in part, compressed, or not at all because it has them. */
import { randomBytes } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, type EdgeUnderTest, sha256 } from '../../../support/edge.ts';

const MODULE = `export default "${'grüße '.repeat(400)}";`;
const MODULE_PATH = `/projects/demo/scenes/intro/${sha256(MODULE)}.js`;
const PLAIN = 'export const x = 1;';
const PLAIN_PATH = `/runtime/${sha256(PLAIN)}.js`;
const PAGE = `<!doctype html><title>Film</title>${'<p>frame</p>'.repeat(300)}`;
/** Past what the isolate keeps in memory. */
const SOUND = randomBytes(200_000);
const SOUND_PATH = `/p/film/1/assets/${sha256(SOUND)}.mp3`;
const BROTLI = { 'accept-encoding': 'br' };

export function deliverySuite(getEdge: () => EdgeUnderTest): void {
  const ask: EdgeUnderTest['ask'] = (path, asked) => getEdge().ask(path, asked);

  beforeAll(async () => {
    const edge = getEdge();
    await edge.put(MODULE_PATH.slice(1), MODULE, { brotli: true });
    await edge.put(PLAIN_PATH.slice(1), PLAIN);
    await edge.put('artifacts/film/1/page.html', PAGE, { brotli: true });
    await edge.put('artifacts/film/1/style.css', 'h1 { color: red }', { brotli: true });
    await edge.put(`artifacts/film/1/assets/${sha256(SOUND)}.mp3`, SOUND);
    await edge.commit('film', 1);
  });

  describe('whole', () => {
    it('sends a page, its style, its table of contents and its assets', async () => {
      const page = await ask('/p/film/1?embed=1');
      expect([page.status, page.text]).toEqual([200, PAGE]);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      const style = await ask('/p/film/1/style.css');
      expect([style.text, style.headers['content-type']]).toEqual(['h1 { color: red }', 'text/css; charset=utf-8']);
      const meta = await ask('/p/film/1/meta.json');
      expect(JSON.parse(meta.text)).toMatchObject({ thread: 'film', version: 1 });
      const sound = await ask(SOUND_PATH);
      expect([sound.headers['content-type'], sound.body.equals(SOUND)]).toEqual(['audio/mpeg', true]);
    });

    it('lets immutable files be kept for ever, and the page for a minute', async () => {
      for (const path of [MODULE_PATH, PLAIN_PATH, SOUND_PATH]) {
        expect((await ask(path)).headers['cache-control']).toBe('public, max-age=31536000, immutable');
      }
      for (const path of ['/p/film/1', '/p/film/1/style.css', '/p/film/1/meta.json']) {
        expect((await ask(path)).headers['cache-control']).toBe('public, max-age=60, must-revalidate');
      }
    });

    it('says the length of what it sends, and the same to HEAD, with no body', async () => {
      for (const [path, length] of [
        [MODULE_PATH, Buffer.byteLength(MODULE)],
        [SOUND_PATH, SOUND.length],
      ] as const) {
        const whole = await ask(path);
        const head = await ask(path, { method: 'HEAD' });
        expect(whole.headers['content-length']).toBe(String(length));
        expect(head.body).toHaveLength(0);
        const { 'x-permaframe-source': _, ...expected } = comparable(whole);
        expect(comparable(head)).toEqual(expected);
      }
    });

    it('keeps a small object in memory, and a large one in the cache of the data centre', async () => {
      await ask(MODULE_PATH);
      expect((await ask(MODULE_PATH)).headers['x-permaframe-source']).toBe('memory');
      await vi.waitFor(async () => {
        const cached = await ask(SOUND_PATH);
        expect(cached.headers['x-permaframe-source']).toBe('cache');
        expect(cached.body.equals(SOUND)).toBe(true);
      }, 5000);
      const part = await ask(SOUND_PATH, { headers: { range: 'bytes=100-199' } });
      expect(part.headers['x-permaframe-source']).toBe('cache');
      expect(part.body.equals(SOUND.subarray(100, 200))).toBe(true);
    });
  });

  describe('entity tags', () => {
    it('name the SHA-256 that was stored with the object', async () => {
      expect((await ask(PLAIN_PATH)).headers.etag).toBe(`"${sha256(PLAIN)}"`);
      expect((await ask('/p/film/1')).headers.etag).toBe(`"${sha256(PAGE)}"`);
    });

    it('fall back on the tag of the store', async () => {
      const content = 'stored by other means';
      await getEdge().put(`runtime/${sha256(content)}.js`, content, { sha256: false });
      const { headers } = await ask(`/runtime/${sha256(content)}.js`);
      expect(headers.etag).toMatch(/^"[0-9a-f]{32}"$/);
    });

    it.each([
      ['the tag', (tag: string) => tag],
      ['a weak tag', (tag: string) => `W/${tag}`],
      ['a list', (tag: string) => `"x", ${tag}, "y"`],
      ['anything', () => '*'],
    ])('spare the client what it has: %s', async (_, list) => {
      for (const path of ['/p/film/1', MODULE_PATH, SOUND_PATH]) {
        const { headers } = await ask(path);
        const again = await ask(path, { headers: { 'if-none-match': list(headers.etag ?? '') } });
        expect([again.status, again.body.length]).toEqual([304, 0]);
        for (const name of [
          'etag',
          'cache-control',
          'vary',
          'content-security-policy',
          'access-control-allow-origin',
        ]) {
          expect([name, again.headers[name]]).toEqual([name, headers[name]]);
        }
      }
    });

    it('answer HEAD with 304 too', async () => {
      const headers = { 'if-none-match': `"${sha256(PLAIN)}"` };
      expect((await ask(PLAIN_PATH, { method: 'HEAD', headers })).status).toBe(304);
    });

    it('send what has another tag', async () => {
      const answer = await ask(PLAIN_PATH, { headers: { 'if-none-match': `"${sha256('other')}"` } });
      expect([answer.status, answer.text]).toEqual([200, PLAIN]);
    });
  });

  describe('parts', () => {
    it.each([
      ['bytes=0-0', 0, 1],
      ['bytes=0-', 0, 200_000],
      ['bytes=-100', 199_900, 200_000],
      ['bytes=199990-', 199_990, 200_000],
      ['bytes=500-1499', 500, 1500],
      ['bytes=199999-300000', 199_999, 200_000],
    ])('sends %s of a large object', async (range, from, to) => {
      const part = await ask(SOUND_PATH, { headers: { range } });
      expect(part.status).toBe(206);
      expect(part.headers['content-range']).toBe(`bytes ${from}-${to - 1}/200000`);
      expect(part.headers['content-length']).toBe(String(to - from));
      expect(part.headers['content-type']).toBe('audio/mpeg');
      expect(part.headers.etag).toBe(`"${sha256(SOUND)}"`);
      expect(part.body.equals(SOUND.subarray(from, to))).toBe(true);
    });

    it('sends parts of a small object, uncompressed even to those who take brotli', async () => {
      const part = await ask(MODULE_PATH, { headers: { range: 'bytes=0-14', ...BROTLI } });
      expect([part.status, decoded(part)]).toEqual([206, 'export default ']);
      expect(part.headers['content-range']).toBe(`bytes 0-14/${Buffer.byteLength(MODULE)}`);
      expect(part.headers.etag).toBe(`"${sha256(MODULE)}"`);
      expect(part.headers.vary).toBe('Accept-Encoding');
    });

    it.each(['bytes=200000-', 'bytes=200000-200001', 'bytes=-0'])('refuses %s with the size', async (range) => {
      const refused = await ask(SOUND_PATH, { headers: { range } });
      expect([refused.status, refused.body.length]).toEqual([416, 0]);
      expect(refused.headers['content-range']).toBe('bytes */200000');
      expect(refused.headers['cache-control']).toBe('no-store');
    });

    it.each(['bytes=5-2', 'bytes=0-1,5-6', 'bytes=x', 'frames=0-1'])('sends everything for %s', async (range) => {
      const whole = await ask(SOUND_PATH, { headers: { range } });
      expect([whole.status, whole.body.equals(SOUND)]).toEqual([200, true]);
      expect(whole.headers['accept-ranges']).toBe('bytes');
      expect(whole.headers['content-range']).toBeUndefined();
    });

    it('sends a part only to those who have the very same object', async () => {
      const partIf = (tag: string) => ask(SOUND_PATH, { headers: { range: 'bytes=0-9', 'if-range': tag } });
      expect((await partIf(`"${sha256(SOUND)}"`)).status).toBe(206);
      expect((await partIf(`W/"${sha256(SOUND)}"`)).status).toBe(200);
      expect((await partIf('"other"')).status).toBe(200);
      expect((await partIf('Tue, 17 Nov 2026 08:00:00 GMT')).status).toBe(200);
    });

    it('has no parts for HEAD', async () => {
      const head = await ask(SOUND_PATH, { method: 'HEAD', headers: { range: 'bytes=0-9' } });
      expect([head.status, head.headers['content-length']]).toEqual([200, '200000']);
    });
  });

  describe('brotli', () => {
    it('is sent as it was stored, under a tag of its own', async () => {
      for (const [path, content] of [
        [MODULE_PATH, MODULE],
        ['/p/film/1', PAGE],
      ] as const) {
        const { headers, body } = await ask(path, { headers: BROTLI });
        expect(headers['content-encoding']).toBe('br');
        expect(headers.vary).toBe('Accept-Encoding');
        expect(headers.etag).toBe(`"${sha256(body)}-br"`);
        expect(brotliDecompressSync(body).toString()).toBe(content);
        const again = await ask(path, { headers: { ...BROTLI, 'if-none-match': headers.etag ?? '' } });
        expect([again.status, again.headers.etag]).toEqual([304, headers.etag]);
      }
    });

    it('has its own length, also for HEAD', async () => {
      const whole = await ask(MODULE_PATH, { headers: BROTLI });
      const head = await ask(MODULE_PATH, { method: 'HEAD', headers: BROTLI });
      expect(whole.headers['content-length']).toBe(String(whole.body.length));
      expect(head.headers['content-length']).toBe(String(whole.body.length));
      expect(head.headers['content-encoding']).toBe('br');
    });

    it('does not pass for a copy of the plain object', async () => {
      const headers = { ...BROTLI, 'if-none-match': `"${sha256(MODULE)}"` };
      expect((await ask(MODULE_PATH, { headers })).status).toBe(200);
    });

    it.each(['', 'gzip;q=0', 'br;q=0, *', 'identity'])('is not sent for Accept-Encoding: %j', async (encoding) => {
      const { headers, text } = await ask(MODULE_PATH, { headers: { 'accept-encoding': encoding } });
      expect(headers['content-encoding']).toBeUndefined();
      expect(headers.vary).toBe('Accept-Encoding');
      expect(text).toBe(MODULE);
    });

    it('gives way to the plain object where there is no copy', async () => {
      const answer = await ask(PLAIN_PATH, { headers: BROTLI });
      expect([answer.headers.etag, decoded(answer)]).toEqual([`"${sha256(PLAIN)}"`, PLAIN]);
    });

    it('is not looked for where it would gain nothing', async () => {
      const { headers } = await ask(SOUND_PATH, { headers: BROTLI });
      expect([headers['content-encoding'], headers.vary]).toEqual([undefined, undefined]);
    });
  });
}

/** What the Worker leaves uncompressed, wrangler compresses in place of Cloudflare's front, and even parts. */
function decoded({ headers, body }: Answer): string {
  return (headers['content-encoding'] === 'br' ? brotliDecompressSync(body) : body).toString();
}

function comparable({ status, headers }: Answer): Record<string, unknown> {
  const { date: _, connection: _c, 'keep-alive': _k, ...rest } = headers;
  return { status, ...rest };
}
