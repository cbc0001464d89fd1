/** Who is let in: what is committed, what is unlisted, what was taken down, and what a signed link opens. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { signLink } from '../../../../action/contract/signing.ts';
import { type EdgeUnderTest, sha256 } from '../../../support/edge.ts';

export const LINK_KEYS = [
  { id: 'old', secret: '0f'.repeat(32) },
  { id: 'new', secret: Buffer.alloc(32, 7).toString('base64') },
];
const OLD_KEY = { id: 'old', secret: new Uint8Array(32).fill(15) };
const NEW_KEY = { id: 'new', secret: new Uint8Array(32).fill(7) };
const UNKNOWN_KEY = { id: 'new', secret: new Uint8Array(32).fill(8) };
const IMAGE = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const IMAGE_NAME = `${sha256(IMAGE)}.svg`;

export function admissionSuite(getEdge: () => EdgeUnderTest): void {
  const ask: EdgeUnderTest['ask'] = (path, asked) => getEdge().ask(path, asked);
  const now = Math.floor(Date.now() / 1000);

  /** A page that says where it is, with an image. */
  async function publish(thread: string, version: number): Promise<void> {
    const edge = getEdge();
    await edge.put(`artifacts/${thread}/${version}/page.html`, `<h1>${thread} ${version}</h1>`, { brotli: true });
    await edge.put(`artifacts/${thread}/${version}/assets/${IMAGE_NAME}`, IMAGE);
    await edge.commit(thread, version);
  }

  beforeAll(async () => {
    const edge = getEdge();
    await Promise.all([publish('secret', 1), publish('secret', 2), publish('open', 1), publish('open', 2)]);
    await Promise.all([publish('open', 3), publish('gone', 1), publish('bare', 1)]);
    await edge.putControl({ thread: 'secret', latest: 2, visibility: 'unlisted', tombstones: [1] });
    await edge.putControl({ thread: 'open', latest: 3, tombstones: [2] });
    await edge.putControl({ thread: 'gone', latest: null, tombstones: [1] });
  });

  describe('an artifact', () => {
    it('does not exist before its meta.json does', async () => {
      const edge = getEdge();
      await edge.put('artifacts/half/1/page.html', 'half', { brotli: true });
      await edge.put(`artifacts/half/1/assets/${IMAGE_NAME}`, IMAGE);
      for (const path of [
        '/p/half/1',
        '/p/half/1/style.css',
        '/p/half/1/meta.json',
        `/p/half/1/assets/${IMAGE_NAME}`,
      ]) {
        expect([path, (await ask(path)).status]).toEqual([path, 404]);
      }
      await edge.commit('half', 1);
      expect((await ask('/p/half/1')).text).toBe('half');
      expect((await ask(`/p/half/1/assets/${IMAGE_NAME}`)).text).toBe(IMAGE);
    });

    it('does not have files that were not published', async () => {
      const missing = await ask(`/p/open/1/assets/${sha256('missing')}.png`, { method: 'HEAD' });
      expect([missing.status, missing.headers['cache-control']]).toEqual([404, 'no-store']);
    });
  });

  describe('the latest version', () => {
    it('is a short-lived redirect to the pinned one, with the query', async () => {
      for (const path of ['/p/open', '/p/open/latest']) {
        const { status, headers } = await ask(`${path}?embed=1&t=5`);
        expect([status, headers.location]).toEqual([302, '/p/open/3?embed=1&t=5']);
        expect(headers['cache-control']).toBe('public, max-age=60, must-revalidate');
      }
      expect((await ask('/p/open', { method: 'HEAD' })).headers.location).toBe('/p/open/3');
    });

    it('is unknown where nobody said which it is, where all are gone, and where the thread is unlisted', async () => {
      for (const thread of ['bare', 'gone', 'secret', 'never-seen']) {
        expect([thread, (await ask(`/p/${thread}/latest`)).status]).toEqual([thread, 404]);
      }
    });

    it('is not needed to open a version', async () => {
      expect((await ask('/p/bare/1')).text).toBe('<h1>bare 1</h1>');
    });
  });

  describe('a version that was taken down', () => {
    it('is gone with all its files, whatever the client has of it', async () => {
      const wildcard = { headers: { 'if-none-match': '*' } };
      for (const file of ['', '/style.css', '/meta.json', `/assets/${IMAGE_NAME}`]) {
        for (const asked of [{}, { method: 'HEAD' }, wildcard, { headers: { range: 'bytes=0-1' } }]) {
          const answer = await ask(`/p/open/2${file}`, asked);
          expect([file, answer.status, answer.headers['cache-control']]).toEqual([file, 410, 'no-store']);
        }
      }
      expect((await ask('/p/open/1')).status).toBe(200);
    });

    it('says so, and shows the way to the latest that still stands', async () => {
      const html = { headers: { accept: 'text/html,*/*' } };
      expect((await ask('/p/open/2', html)).text).toContain('href="/p/open/latest"');
      expect((await ask('/p/gone/1', html)).text).not.toContain('href="/p/');
      expect((await ask('/p/gone/1')).text).toBe('ARTIFACT_GONE: This version was taken down by its owner.\n');
    });
  });

  describe('an unlisted thread', () => {
    it('is not there for those without a link, not even what was taken down', async () => {
      for (const path of ['/p/secret/2', '/p/secret/1', '/p/secret/2/meta.json', `/p/secret/2/assets/${IMAGE_NAME}`]) {
        expect([path, (await ask(path)).status]).toEqual([path, 404]);
      }
      const oembed = `/oembed?url=${encodeURIComponent(`${getEdge().url}/p/secret/2`)}`;
      expect((await ask(oembed)).status).toBe(404);
    });
  });

  describe('a signed link', () => {
    const scope = (changes = {}) => ({ host: getEdge().host, thread: 'secret', version: 2, ...changes });
    const sign = (changes = {}, key = NEW_KEY) => signLink(key, scope(changes), now + 600, now);

    it('opens the page and its files, for nobody to keep', async () => {
      const token = await sign();
      for (const [path, text] of [
        [`/s/${token}/p/secret/2`, '<h1>secret 2</h1>'],
        [`/s/${token}/p/secret/2/assets/${IMAGE_NAME}`, IMAGE],
      ] as const) {
        const answer = await ask(path);
        expect([answer.status, answer.text]).toEqual([200, text]);
        expect(answer.headers['cache-control']).toBe('private, no-store');
        expect(answer.headers['x-robots-tag']).toBe('noindex');
        expect(answer.headers['referrer-policy']).toBe('no-referrer');
      }
    });

    it('may be signed with either of two keys', async () => {
      expect((await ask(`/s/${await sign({}, OLD_KEY)}/p/secret/2`)).status).toBe(200);
    });

    it('opens a public page as well', async () => {
      const token = await sign({ thread: 'open', version: 1 });
      expect((await ask(`/s/${token}/p/open/1`)).text).toBe('<h1>open 1</h1>');
    });

    it('does not bring back what was taken down, nor make what is not there', async () => {
      expect((await ask(`/s/${await sign({ version: 1 })}/p/secret/1`)).status).toBe(410);
      expect((await ask(`/s/${await sign({ version: 9 })}/p/secret/9`)).status).toBe(404);
    });

    it('is refused for anything but the very page on the very host', async () => {
      const refused = [
        [await sign({ thread: 'open' }), 'another thread'],
        [await sign({ version: 1 }), 'another version'],
        [await sign({ host: 'share.example.com' }), 'another host'],
        [await sign({ host: new URL(getEdge().url).hostname }), 'no port'],
        [await sign({}, UNKNOWN_KEY), 'another key'],
        [(await sign()).replace('new.', 'old.'), 'another key id'],
        [(await sign()).replace(`${now + 600}`, `${now + 900}`), 'a longer life'],
        [(await sign()).replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')), 'a changed end'],
        [(await sign()).slice(0, -1), 'a lost end'],
        [`${await sign()}=`, 'padding'],
        ['latest', 'no token at all'],
        ['..%2f..', 'an escape'],
      ] as const;
      for (const [token, why] of refused) {
        for (const file of ['', '/meta.json']) {
          const answer = await ask(`/s/${token}/p/secret/2${file}`);
          expect([why, answer.status, answer.headers['cache-control']]).toEqual([why, 403, 'no-store']);
          expect(answer.text).toMatch(/^LINK_INVALID: /);
        }
      }
    });

    it('says that it has expired, if it was good once', async () => {
      const expired = await signLink(NEW_KEY, scope(), now - 10, now - 600);
      const answer = await ask(`/s/${expired}/p/secret/2`);
      expect([answer.status, answer.text]).toEqual([403, expect.stringMatching(/^LINK_EXPIRED: /)]);
      const page = await ask(`/s/${expired}/p/secret/2`, { headers: { accept: 'text/html' } });
      expect(page.text).toContain('<h1>This link has expired</h1>');
    });

    it('keeps its token where an address has one spelling too many', async () => {
      const token = await sign();
      const { status, headers } = await ask(`/s/${token}/p/secret/2/?embed=1`);
      expect([status, headers.location]).toEqual([308, `/s/${token}/p/secret/2?embed=1`]);
      expect(headers['cache-control']).toBe('private, no-store');
    });

    it('serves modules as public files, since a token says nothing about them', async () => {
      const code = 'export default 2;';
      await getEdge().put(`runtime/${sha256(code)}.js`, code);
      const answer = await ask(`/s/${await sign()}/runtime/${sha256(code)}.js`);
      expect([answer.text, answer.headers['cache-control']]).toEqual([code, 'public, max-age=31536000, immutable']);
      expect((await ask(`/s/${await sign()}/threads/secret.json`)).status).toBe(404);
    });

    it('leaves no trace in the cache of the data centre, where public pages do', async () => {
      const edge = getEdge();
      const mark = (thread: string) => `canary-${thread}-${sha256(thread)}`;
      for (const thread of ['hushed', 'loud']) {
        await edge.put(`artifacts/${thread}/1/page.html`, mark(thread));
        await edge.commit(thread, 1);
      }
      await edge.putControl({ thread: 'hushed', latest: 1, visibility: 'unlisted' });
      const token = await sign({ thread: 'hushed', version: 1 });
      expect((await ask(`/s/${token}/p/hushed/1`)).text).toBe(mark('hushed'));
      expect((await ask('/p/hushed/1')).status).toBe(404);
      expect((await ask('/p/loud/1')).text).toBe(mark('loud'));
      const cached = await vi.waitFor(async () => {
        const content = await readCache(edge.folder);
        expect(content).toContain(mark('loud'));
        return content;
      }, 5000);
      expect(cached).not.toContain(mark('hushed'));
    });
  });
}

/** Everything that wrangler's stand-in for the Cache API keeps on disk. */
async function readCache(folder: string): Promise<string> {
  const root = join(folder, 'state', 'v3', 'cache');
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
}
