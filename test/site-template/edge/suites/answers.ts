/** What the edge says by itself: headers, notices, redirects, oEmbed, health. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type EdgeUnderTest, sha256 } from '../../../support/edge.ts';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(document.domain)</script></svg>';
const SVG_PATH = `/p/show/1/assets/${sha256(SVG)}.svg`;
const HTML = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

export function answersSuite(getEdge: () => EdgeUnderTest): void {
  const ask: EdgeUnderTest['ask'] = (path, asked) => getEdge().ask(path, asked);

  beforeAll(async () => {
    const edge = getEdge();
    await edge.put('artifacts/show/1/page.html', '<title>Show</title>', { brotli: true });
    await edge.put(SVG_PATH.replace('/p/', 'artifacts/'), SVG);
    await edge.commit('show', 1, { title: 'Show & <Tell>' });
    await edge.putControl({ thread: 'show', latest: 1 });
  });

  describe('headers', () => {
    it('shut a page into an origin of its own, with nothing but its own files', async () => {
      const { headers } = await ask('/p/show/1');
      const policy = headers['content-security-policy'] as string;
      const directives = new Map(policy.split('; ').map((text) => [text.split(' ')[0], text.split(' ').slice(1)]));
      expect(directives.get('sandbox')).toContain('allow-scripts');
      expect(policy).not.toContain('allow-same-origin');
      expect(policy).not.toContain('allow-top-navigation');
      for (const name of ['object-src', 'frame-src', 'base-uri', 'form-action']) {
        expect([name, directives.get(name)]).toEqual([name, ["'none'"]]);
      }
      for (const name of ['default-src', 'script-src', 'style-src']) {
        const sources = directives.get(name) ?? [];
        expect([name, sources[0]]).toEqual([name, getEdge().url]);
        expect(sources.slice(1).every((source) => /^'|^data:$|^blob:$/.test(source))).toBe(true);
      }
      expect(directives.get('frame-ancestors')).toEqual(['*']);
      expect(headers['permissions-policy']).toContain('fullscreen=*, autoplay=*');
      expect(headers['permissions-policy']).toContain('camera=()');
    });

    it('make a picture with a script in it inert', async () => {
      const { headers } = await ask(SVG_PATH);
      expect(headers['content-type']).toBe('image/svg+xml');
      expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'; /);
      expect(headers['content-security-policy']).not.toContain('script-src');
    });

    it('stand on every answer', async () => {
      const paths = ['/', '/health', '/p/show/1', '/p/show', '/p/show/1/', SVG_PATH, '/nothing', '/s/x/p/show/1'];
      for (const path of paths) {
        const { headers } = await ask(path);
        expect(headers, path).toMatchObject({
          'access-control-allow-origin': '*',
          'cross-origin-resource-policy': 'cross-origin',
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
        });
        expect(headers['set-cookie'], path).toBeUndefined();
        // Over http a browser would ignore it; it must not be there to be copied.
        expect(headers['strict-transport-security'], path).toBeUndefined();
      }
    });
  });

  describe('methods', () => {
    it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('refuses %s and says what it answers', async (method) => {
      for (const path of ['/p/show/1', '/oembed', '/', '/nothing']) {
        const { status, headers } = await ask(path, { method });
        expect([status, headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
      }
    });

    it('lets scripts of an opaque origin ask for parts', async () => {
      const headers = {
        origin: 'null',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'range',
      };
      const answer = await ask(SVG_PATH, { method: 'OPTIONS', headers });
      expect([answer.status, answer.body.length]).toEqual([204, 0]);
      expect(answer.headers['access-control-allow-origin']).toBe('*');
      expect(answer.headers['access-control-allow-methods']).toBe('GET, HEAD');
      expect(answer.headers['access-control-allow-headers']).toContain('Range');
    });
  });

  describe('addresses', () => {
    it('sends other spellings of a page to the one it has', async () => {
      const { status, headers } = await ask('/p/show/1/?embed=1');
      expect([status, headers.location]).toEqual([308, '/p/show/1?embed=1']);
      expect((await ask('/p/show/1/page.html')).headers.location).toBe('/p/show/1');
    });

    it.each([
      '/artifacts/show/1/page.html',
      '/threads/show.json',
      '/../threads/show.json',
      '/p/show/1/../../../threads/show.json',
      '/p/show/1/%2e%2e/%2e%2e/%2e%2e/threads/show.json',
      '/runtime/%2e%2e/threads/show.json',
      '/runtime/..%2fthreads%2fshow.json',
      '/p/show%2f1',
      '/p/show/1%00',
      '/p/show/1/meta.json%00.png',
      '/p/show/1;meta.json',
      '//p/show/1',
      '//evil.example/p/show/1/',
      '/p//show/1',
      SVG_PATH.toUpperCase(),
      SVG_PATH.replace(/[a-f]/, (digit) => digit.toUpperCase()),
      `${SVG_PATH}.br`,
      `/p/${'a'.repeat(3000)}/1`,
    ])('finds nothing at %s', async (path) => {
      const { status, headers, text } = await ask(path);
      expect([status, headers['cache-control']]).toEqual([404, 'no-store']);
      expect(headers.location).toBeUndefined();
      expect(text).toMatch(/^ARTIFACT_MISSING: .*\n$/);
    });
  });

  describe('notices', () => {
    it('are pages for people, which load nothing and run nothing', async () => {
      const { status, headers, text } = await ask('/nothing', HTML);
      expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
      expect(text).toContain('<h1>There is nothing here</h1>');
      expect(text).not.toMatch(/<script|https?:|url\(|@import/);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'unsafe-inline'; /);
    });

    it('are a line of text for everybody else', async () => {
      for (const accept of ['*/*', 'text/css,*/*;q=0.1', 'application/json']) {
        const { headers, text } = await ask('/nothing', { headers: { accept } });
        expect(headers['content-type']).toBe('text/plain; charset=utf-8');
        expect(text.trim().split('\n')).toHaveLength(1);
      }
    });

    it('have no body for HEAD', async () => {
      const head = await ask('/nothing', { method: 'HEAD' });
      expect([head.status, head.body.length]).toEqual([404, 0]);
    });
  });

  describe('oEmbed', () => {
    const oembed = (url: string, rest = '') => ask(`/oembed?url=${encodeURIComponent(url)}${rest}`);

    it('describes a frame with the page in it', async () => {
      const { status, headers, text } = await oembed(`${getEdge().url}/p/show/1`, '&format=json&maxwidth=640');
      expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(headers['cache-control']).toBe('public, max-age=60, must-revalidate');
      expect(JSON.parse(text)).toMatchObject({ type: 'rich', title: 'Show & <Tell>', width: 640, height: 360 });
      expect(JSON.parse(text).html).toContain(`src="${getEdge().url}/p/show/1?embed=1"`);
      expect(JSON.parse(text).html).toContain('title="Show &amp; &lt;Tell&gt;"');
    });

    it('lets a link to the latest version go on following the thread', async () => {
      const { text } = await oembed(`${getEdge().url}/p/show/latest`);
      expect(JSON.parse(text).html).toContain(`src="${getEdge().url}/p/show/latest?embed=1"`);
    });

    it('knows nothing of other sites, of what is missing, and of what is gone', async () => {
      for (const url of ['https://evil.example/p/show/1', `${getEdge().url}/p/show/9`, `${getEdge().url}/p/open/2`]) {
        expect([url, (await oembed(url)).status]).toEqual([url, 404]);
      }
      expect((await ask('/oembed')).status).toBe(404);
    });

    it('speaks no XML', async () => {
      expect((await oembed(`${getEdge().url}/p/show/1`, '&format=xml')).status).toBe(501);
    });
  });

  it('is healthy when the bucket answers', async () => {
    const { status, headers, text } = await ask('/health');
    expect([status, JSON.parse(text)]).toEqual([200, { ok: true, problems: [] }]);
    expect(headers['cache-control']).toBe('no-store');
    expect((await ask('/health', { method: 'HEAD' })).status).toBe(200);
  });

  it('has a front page, an icon, and a word for robots', async () => {
    const landing = await ask('/', HTML);
    expect([landing.status, landing.text]).toEqual([200, expect.stringContaining('<h1>Permaframe</h1>')]);
    const icon = await ask('/favicon.svg');
    expect([icon.headers['content-type'], icon.text]).toEqual(['image/svg+xml', expect.stringMatching(/^<svg /)]);
    const robots = await ask('/robots.txt');
    expect([robots.headers['content-type'], robots.text]).toEqual([
      'text/plain; charset=utf-8',
      'User-agent: *\nAllow: /\n',
    ]);
  });
}
