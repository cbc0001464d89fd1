import { describe, expect, it } from 'vitest';
import type { FilmMeta, Meta } from '../../../action/contract/meta.ts';
import { formatOembed, readOembedRequest } from '../../../site-template/edge/oembed.ts';
import { makeMeta } from '../../support/edge.ts';

const ORIGIN = 'https://share.example.com';
const UNBOUNDED = { maxWidth: Number.POSITIVE_INFINITY, maxHeight: Number.POSITIVE_INFINITY };

function ask(query: Record<string, string>) {
  return readOembedRequest(new URLSearchParams(query), [ORIGIN, 'http://127.0.0.1:8787']);
}

describe('readOembedRequest', () => {
  it.each([
    [`${ORIGIN}/p/film/3`, 3, '/p/film/3'],
    [`${ORIGIN}/p/film/3/?utm=x#t=5`, 3, '/p/film/3'],
    [`${ORIGIN}:443/p/film/3`, 3, '/p/film/3'],
    ['http://127.0.0.1:8787/p/film/3', 3, '/p/film/3'],
    [`${ORIGIN}/p/film/latest`, 'latest', '/p/film/latest'],
    [`${ORIGIN}/p/film`, 'latest', '/p/film'],
  ])('finds the page of %s', (url, version, path) => {
    expect(ask({ url })).toEqual({ kind: 'page', thread: 'film', version, path, bounds: UNBOUNDED });
  });

  it.each([
    '',
    'film',
    '/p/film/3',
    'https://evil.example/p/film/3',
    'https://share.example.com.evil.example/p/film/3',
    'https://share.example.com@evil.example/p/film/3',
    'http://share.example.com/p/film/3',
    `${ORIGIN}/`,
    `${ORIGIN}/p/film/3/meta.json`,
    `${ORIGIN}/s/k1.1900000000.x/p/film/3`,
    'javascript:alert(1)',
  ])('knows no page at %j', (url) => {
    expect(ask({ url })).toEqual({ kind: 'notOurs' });
  });

  it('knows no page without a url', () => {
    expect(ask({})).toEqual({ kind: 'notOurs' });
  });

  it.each(['xml', 'JSON', ''])('does not speak %j', (format) => {
    expect(ask({ url: `${ORIGIN}/p/film/3`, format })).toEqual({ kind: 'formatUnsupported' });
  });

  it('takes bounds in whole pixels, and no others', () => {
    const bounded = (maxwidth: string, maxheight: string) =>
      ask({ url: `${ORIGIN}/p/film/3`, format: 'json', maxwidth, maxheight });
    expect(bounded('640', '300')).toMatchObject({ bounds: { maxWidth: 640, maxHeight: 300 } });
    for (const text of ['0', '-5', '1e9', 'wide', '64px', '']) {
      expect(bounded(text, text)).toMatchObject({ bounds: UNBOUNDED });
    }
  });
});

describe('formatOembed', () => {
  const embed = (maxWidth: number, maxHeight: number, changes = {}) =>
    JSON.parse(
      formatOembed(makeMeta('film', 3, changes), ORIGIN, { path: '/p/film/3', bounds: { maxWidth, maxHeight } }, null),
    );

  it('describes a frame of the size of the film', () => {
    expect(embed(UNBOUNDED.maxWidth, UNBOUNDED.maxHeight)).toEqual({
      version: '1.0',
      type: 'rich',
      title: 'Launch film',
      provider_name: 'Permaframe',
      provider_url: 'https://share.example.com/',
      width: 1280,
      height: 720,
      html:
        '<iframe src="https://share.example.com/p/film/3?embed=1" width="1280" height="720" title="Launch film" ' +
        'style="border:0" allow="fullscreen; autoplay" allowfullscreen></iframe>',
    });
  });

  it.each([
    [640, UNBOUNDED.maxHeight, 640, 360],
    [UNBOUNDED.maxWidth, 360, 640, 360],
    [1000, 200, 355, 200],
    [5000, 5000, 1280, 720],
    [1, 1, 1, 1],
  ])('keeps the shape of a film within %d × %d', (maxWidth, maxHeight, width, height) => {
    expect(embed(maxWidth, maxHeight)).toMatchObject({ width, height });
  });

  it('lets an app take the room that there is', () => {
    const {
      fps: _f,
      width: _w,
      height: _h,
      durationInFrames: _d,
      scenes: _s,
      ...rest
    } = makeMeta('film', 3) as FilmMeta;
    const app: Meta = { ...rest, kind: 'app' };
    const sized = (bounds: typeof UNBOUNDED) =>
      JSON.parse(formatOembed(app, ORIGIN, { path: '/p/film/3', bounds }, null));
    expect(sized(UNBOUNDED)).toMatchObject({ width: 960, height: 600 });
    expect(sized({ maxWidth: 400, maxHeight: 5000 })).toMatchObject({ width: 400, height: 600 });
  });

  it('shows a thumbnail where there is one, and where there is room for it', () => {
    const thumbnail = { url: `${ORIGIN}/p/film/3/video/x.jpg`, width: 640, height: 360 };
    const shown = (maxWidth: number, maxHeight: number) =>
      JSON.parse(
        formatOembed(makeMeta('film', 3), ORIGIN, { path: '/p/film/3', bounds: { maxWidth, maxHeight } }, thumbnail),
      );
    expect(shown(640, 360)).toMatchObject({
      thumbnail_url: 'https://share.example.com/p/film/3/video/x.jpg',
      thumbnail_width: 640,
      thumbnail_height: 360,
    });
    for (const answer of [shown(639, 360), shown(640, 359)]) {
      expect(Object.keys(answer).filter((name) => name.startsWith('thumbnail'))).toEqual([]);
    }
  });

  it('lets no title break out of the markup', () => {
    const title = `"><script>alert('1')</script>&amp;`;
    const { html, title: plain } = embed(640, 360, { title });
    expect(html).toContain('title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;"');
    expect(html).not.toContain('<script');
    expect(plain).toBe(title);
  });
});
