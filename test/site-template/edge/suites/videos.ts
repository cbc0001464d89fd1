/** Videos of a version: how they are served, and what the page says of them on its way out. */
import { randomBytes } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { contactSheetKey, posterKey, videoKey } from '../../../../action/contract/keys.ts';
import type { FilmMeta } from '../../../../action/contract/meta.ts';
import { signLink } from '../../../../action/contract/signing.ts';
import type { AttachedVideo } from '../../../../action/contract/video.ts';
import { renderPage } from '../../../../site-template/page/render-page.ts';
import { type EdgeUnderTest, sha256 } from '../../../support/edge.ts';
import { filmMeta, pageInput } from '../../page/pages.ts';

const LINK_KEY = { id: 'new', secret: new Uint8Array(32).fill(7) };
/** Past what the isolate keeps in memory. */
const BYTES = randomBytes(300_000);
const MP4: AttachedVideo = { key: sha256('mp4'), format: 'mp4', width: 1280, height: 720, bytes: BYTES.length };
const WEBM: AttachedVideo = { ...MP4, key: sha256('webm'), format: 'webm', bytes: 2_100_000 };
const GIF: AttachedVideo = { ...MP4, key: sha256('gif'), format: 'gif', width: 640, height: 360, bytes: 12_000_000 };
const OLDER: AttachedVideo = { ...MP4, key: sha256('older') };
const POSTER = `artifacts/own/3/assets/${sha256('poster')}.jpg`;
const HTML = { headers: { accept: 'text/html' } };
const BROTLI = { headers: { 'accept-encoding': 'br' } };

export function videosSuite(getEdge: () => EdgeUnderTest): void {
  const ask: EdgeUnderTest['ask'] = (path, asked) => getEdge().ask(path, asked);
  /** By thread: the page as it was stored. */
  const stored = new Map<string, string>();

  /** A real page, complete, at version 3 of the thread. */
  async function publish(thread: string, changes: Partial<FilmMeta> = {}): Promise<void> {
    const edge = getEdge();
    const style = { key: `artifacts/${thread}/3/style.css`, bytes: 1, sha256: sha256(''), contentType: 'text/css' };
    const base = filmMeta();
    const files = [style, ...base.files.filter(({ key }) => !key.startsWith('artifacts/'))];
    const meta = filmMeta({ thread, files, ...changes });
    const page = renderPage({ ...pageInput(meta), publicUrl: edge.url });
    stored.set(thread, page);
    await edge.put(`artifacts/${thread}/3/page.html`, page, { brotli: true });
    await edge.commit(thread, 3, meta);
  }

  beforeAll(async () => {
    const edge = getEdge();
    await Promise.all([publish('card'), publish('own', { poster: POSTER }), publish('quiet'), publish('hidden')]);
    for (const thread of ['card', 'hidden', 'quiet']) {
      await edge.put(videoKey(thread, 3, MP4.key, 'mp4'), BYTES);
      await edge.put(posterKey(thread, 3, MP4.key), 'a poster');
      await edge.put(contactSheetKey(thread, 3, MP4.key), 'a sheet');
    }
    await edge.put(videoKey('card', 3, WEBM.key, 'webm'), 'webm');
    await edge.put(videoKey('card', 3, GIF.key, 'gif'), 'gif');
    await edge.put(`projects/demo/chunks/${sha256('chunk')}.webm`, 'a chunk');
    await edge.putControl({ thread: 'card', latest: 3, videos: { 3: [MP4, GIF, WEBM, OLDER], 4: [OLDER] } });
    await edge.putControl({ thread: 'own', latest: 3, videos: { 3: [GIF, WEBM] } });
    await edge.putControl({ thread: 'quiet', latest: 3, videos: { 2: [MP4] } });
    await edge.putControl({ thread: 'hidden', latest: 3, visibility: 'unlisted', videos: { 3: [MP4] } });
  });

  describe('are served', () => {
    const path = `/p/card/3/video/${MP4.key}.mp4`;

    it.each([
      [`video/${MP4.key}.mp4`, 'video/mp4'],
      [`video/${WEBM.key}.webm`, 'video/webm'],
      [`video/${GIF.key}.gif`, 'image/gif'],
      [`video/${MP4.key}.jpg`, 'image/jpeg'],
      [`video/${MP4.key}-sheet.jpg`, 'image/jpeg'],
    ])('%s as %s, to be kept for ever', async (file, contentType) => {
      const { status, headers } = await ask(`/p/card/3/${file}`);
      expect([status, headers['content-type']]).toEqual([200, contentType]);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'; /);
      expect(headers['content-disposition']).toBeUndefined();
    });

    it('in parts, and only to those who have the very same bytes', async () => {
      const part = (range: string, rest = {}) => ask(path, { headers: { range, ...rest } });
      const tag = `"${sha256(BYTES)}"`;
      for (const [range, from, to] of [
        ['bytes=0-1', 0, 2],
        ['bytes=-100', 299_900, 300_000],
        ['bytes=1000-', 1000, 300_000],
      ] as const) {
        const { status, headers, body } = await part(range, { 'if-range': tag });
        expect([status, headers['content-range']]).toEqual([206, `bytes ${from}-${to - 1}/300000`]);
        expect(body.equals(BYTES.subarray(from, to))).toBe(true);
      }
      expect((await part('bytes=0-1', { 'if-range': '"other"' })).status).toBe(200);
      const refused = await part('bytes=300000-');
      expect([refused.status, refused.headers['content-range']]).toEqual([416, 'bytes */300000']);
      expect((await ask(path, { headers: { 'if-none-match': tag } })).status).toBe(304);
      const head = await ask(path, { method: 'HEAD' });
      expect([head.headers['content-length'], head.headers.etag, head.body.length]).toEqual(['300000', tag, 0]);
    });

    it('to be saved under the name of the film', async () => {
      for (const [query, name] of [
        [`${MP4.key}.mp4?download`, 'A film about light-v3.mp4'],
        [`${WEBM.key}.webm?download=1`, 'A film about light-v3.webm'],
        [`${MP4.key}.jpg?download`, 'A film about light-v3.jpg'],
        [`${MP4.key}-sheet.jpg?download`, 'A film about light-v3-scenes.jpg'],
      ]) {
        for (const method of ['GET', 'HEAD']) {
          const { headers } = await ask(`/p/card/3/video/${query}`, { method });
          expect(headers['content-disposition']).toBe(`attachment; filename="${name}"`);
        }
      }
    });

    it('to nobody who may not see the page', async () => {
      const own = `video/${MP4.key}.mp4`;
      for (const file of [own, `video/${MP4.key}.jpg`, `video/${MP4.key}-sheet.jpg`, `${own}?download`]) {
        expect([file, (await ask(`/p/hidden/3/${file}`)).status]).toEqual([file, 404]);
      }
      const edge = getEdge();
      await publish('taken');
      await edge.put(videoKey('taken', 3, MP4.key, 'mp4'), BYTES);
      await edge.putControl({ thread: 'taken', latest: null, tombstones: [3], videos: { 3: [MP4] } });
      for (const asked of [{}, { method: 'HEAD' }, { headers: { range: 'bytes=0-1' } }]) {
        expect((await ask(`/p/taken/3/${own}`, asked)).status).toBe(410);
      }
    });

    it('behind a signed link, for nobody to keep', async () => {
      const token = await signHidden();
      for (const file of [`${MP4.key}.mp4`, `${MP4.key}.jpg`, `${MP4.key}.mp4?download`]) {
        const { status, headers } = await ask(`/s/${token}/p/hidden/3/video/${file}`);
        expect([status, headers['cache-control'], headers['x-robots-tag']]).toEqual([
          200,
          'private, no-store',
          'noindex',
        ]);
      }
      const range = { headers: { range: 'bytes=5-9' } };
      const part = await ask(`/s/${token}/p/hidden/3/video/${MP4.key}.mp4`, range);
      expect([part.status, part.headers['cache-control']]).toEqual([206, 'private, no-store']);
      expect(part.body.equals(BYTES.subarray(5, 10))).toBe(true);
    });

    it('but not what they are made of', async () => {
      expect((await ask(`/projects/demo/chunks/${sha256('chunk')}.webm`)).status).toBe(404);
    });
  });

  async function signHidden(): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return signLink(LINK_KEY, { host: getEdge().host, thread: 'hidden', version: 3 }, now + 600, now);
  }

  describe('on the page', () => {
    it('leave one without any as it was stored, to the byte', async () => {
      const { text, headers } = await ask('/p/quiet/3', HTML);
      expect(text).toBe(stored.get('quiet'));
      expect(headers.etag).toBe(`"${sha256(text)}"`);
      const compressed = await ask('/p/quiet/3', BROTLI);
      expect(brotliDecompressSync(compressed.body).toString()).toBe(stored.get('quiet'));
    });

    it('are told to previews of links, by absolute addresses', async () => {
      const { text } = await ask('/p/card/3', HTML);
      const { url } = getEdge();
      expect(propertiesOf(text)).toMatchObject({
        'og:image': `${url}/p/card/3/video/${MP4.key}.jpg`,
        'og:image:width': '1280',
        'og:image:height': '720',
        'og:video': `${url}/p/card/3/video/${MP4.key}.mp4`,
        'og:video:type': 'video/mp4',
        'og:video:width': '1280',
        'og:video:height': '720',
        'twitter:card': 'summary_large_image',
        'twitter:image': `${url}/p/card/3/video/${MP4.key}.jpg`,
      });
    });

    it('do not take the place of a picture that the project has', async () => {
      const { text } = await ask('/p/own/3', HTML);
      const { url } = getEdge();
      expect(text.match(/og:image"/g)).toHaveLength(1);
      expect(propertiesOf(text)).toMatchObject({
        'og:image': `${url}/p/own/3/assets/${sha256('poster')}.jpg`,
        'og:video': `${url}/p/own/3/video/${WEBM.key}.webm`,
        'og:video:type': 'video/webm',
        'twitter:card': 'summary_large_image',
      });
      expect(text).not.toContain('twitter:image');
      expect(text).not.toContain(`${GIF.key}.jpg`);
    });

    it('give a film without a poster one to show before it plays', async () => {
      const { text } = await ask('/p/card/3', HTML);
      expect(stored.get('card')).toContain('class="card"');
      expect(text).not.toContain('class="card"');
      expect(text).toContain(
        `<div class="chrome cover" id="cover"><img src="3/video/${MP4.key}.jpg" alt="" width="1280" height="720" fetchpriority="high"><button class="start"`,
      );
    });

    it('are offered in its menu, the newest of each format', async () => {
      const { text } = await ask('/p/card/3', HTML);
      const entries = [...text.matchAll(/<a href="([^"]+)"[^>]*>(.*?)<\/a>/g)];
      expect(entries.map(([, href, label]) => [href, label])).toEqual([
        [`3/video/${MP4.key}.mp4?download`, 'Download video <small>MP4, 300 kB</small>'],
        [`3/video/${WEBM.key}.webm?download`, 'Download video <small>WebM, 2.1 MB</small>'],
        [`3/video/${GIF.key}.gif?download`, 'Download video <small>GIF, 12 MB</small>'],
      ]);
      expect(text.indexOf('id="menu"')).toBeLessThan(text.indexOf('Download video'));
      expect(text.indexOf('Download video')).toBeLessThan(text.indexOf('Copy link'));
    });

    it('change nothing else', async () => {
      const { text } = await ask('/p/own/3', HTML);
      const rest = text
        .replace(/<style>#menu.*?(?=<button id="copy-link")/, '')
        .replace(/<meta property="og:video.*\n|<link rel="alternate" type="(video|image)\/.*\n/g, '');
      expect(text.length - rest.length).toBeGreaterThan(1000);
      expect(rest).toBe(stored.get('own'));
    });

    it('are left out for those who ask for what was stored', async () => {
      const { text, headers } = await ask('/p/card/3?stored', HTML);
      expect([text, headers.etag]).toEqual([stored.get('card'), `"${sha256(text)}"`]);
      const compressed = await ask('/p/card/3?stored', BROTLI);
      expect(brotliDecompressSync(compressed.body).toString()).toBe(stored.get('card'));
    });

    it('come compressed to those who take brotli, with the same text', async () => {
      const plain = await ask('/p/card/3', HTML);
      const { headers, body } = await ask('/p/card/3', BROTLI);
      expect([headers['content-encoding'], headers.vary]).toEqual(['br', 'Accept-Encoding']);
      expect(brotliDecompressSync(body).toString()).toBe(plain.text);
      // Three formats. There is room for little more: a page has 10 kB, its script and all headers among them.
      expect(body.length - brotliCompressSync(stored.get('card') ?? '').length).toBeLessThan(300);
      expect([plain.headers.etag, headers.etag]).toEqual([
        `"${sha256(plain.text).slice(0, 16)}"`,
        `"${sha256(body).slice(0, 16)}-br"`,
      ]);
      for (const [etag, asked] of [
        [plain.headers.etag, {}],
        [headers.etag, BROTLI.headers],
      ] as const) {
        const again = await ask('/p/card/3', { headers: { ...asked, 'if-none-match': etag ?? '' } });
        expect([again.status, again.headers.etag]).toEqual([304, etag]);
      }
      const head = await ask('/p/card/3', { method: 'HEAD', ...BROTLI });
      expect([head.headers['content-length'], head.headers.etag]).toEqual([String(body.length), headers.etag]);
    });

    it('keep the token of a signed link, and are told to no preview', async () => {
      const token = await signHidden();
      const { text, headers } = await ask(`/s/${token}/p/hidden/3`, HTML);
      expect(headers['cache-control']).toBe('private, no-store');
      expect(text).not.toMatch(/og:video|og:image|twitter:image|summary_large_image/);
      expect(text).not.toContain(token);
      const [, href = ''] = /<a href="([^"]+)"/.exec(text) ?? [];
      const address = new URL(href, `${getEdge().url}/s/${token}/p/hidden/3`);
      const { status, body } = await ask(address.pathname + address.search);
      expect([status, body.equals(BYTES)]).toEqual([200, true]);
    });
  });

  it('give oEmbed a thumbnail, as a poster of the project does', async () => {
    const thumbnail = async (thread: string) => {
      const { text } = await ask(`/oembed?url=${encodeURIComponent(`${getEdge().url}/p/${thread}/3`)}`);
      return JSON.parse(text).thumbnail_url;
    };
    const { url } = getEdge();
    expect(await thumbnail('card')).toBe(`${url}/p/card/3/video/${MP4.key}.jpg`);
    expect(await thumbnail('own')).toBe(`${url}/p/own/3/assets/${sha256('poster')}.jpg`);
    expect(await thumbnail('quiet')).toBeUndefined();
  });
}

/** What stands in `<meta>`, by property or name. */
function propertiesOf(page: string): Record<string, string> {
  const all = page.matchAll(/<meta (?:property|name)="([^"]+)" content="([^"]*)">/g);
  return Object.fromEntries(Array.from(all, ([, name = '', content = '']) => [name, content]));
}
