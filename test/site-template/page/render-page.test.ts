import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { renderPage } from '../../../site-template/page/render-page.ts';
import { appMeta, filmMeta, pageInput, RUNTIME, runtimeKey } from './pages.ts';

const film = renderPage(pageInput(filmMeta()));
const POSTER = `artifacts/launch/3/assets/${'d'.repeat(64)}.jpg`;

/** The attribute of the first element that the pattern finds. */
function found(page: string, pattern: RegExp): string | undefined {
  return pattern.exec(page)?.[1];
}

function dataOf(page: string) {
  return JSON.parse(found(page, /<script type="application\/json"[^>]*>([^<]*)</) ?? '');
}

describe('the page of a film', () => {
  it('is the same text for the same input', () => {
    expect(renderPage(pageInput(filmMeta()))).toBe(film);
  });

  it('names itself by absolute addresses', () => {
    expect(film).toContain('<link rel="canonical" href="https://share.example.com/p/launch/3">');
    expect(film).toContain('<meta property="og:url" content="https://share.example.com/p/launch/3">');
    expect(film).toContain(
      'href="https://share.example.com/oembed?url=https%3A%2F%2Fshare.example.com%2Fp%2Flaunch%2F3&amp;format=json"',
    );
  });

  it('finds its own files and its project from its own address, also behind a signed link', () => {
    const data = dataOf(film);
    for (const prefix of ['', '/s/token']) {
      const page = `https://share.example.com${prefix}/p/launch/3`;
      const resolve = (address: string) => new URL(address, page).href;
      expect(resolve(data.entry)).toBe(
        `https://share.example.com${prefix}/projects/harbour/modules/${'e'.repeat(64)}.js`,
      );
      expect(data.styles.map(resolve)).toEqual([`https://share.example.com${prefix}/p/launch/3/style.css`]);
      expect(resolve(data.assets)).toBe(`https://share.example.com${prefix}/p/launch/3/assets/`);
    }
  });

  it('loads one script, by its hash, and no style of the snapshot before it plays', () => {
    const scripts = [...film.matchAll(/<script[^>]* src="[^"]*"[^>]*>/g)].map(([tag]) => tag);
    expect(scripts).toEqual([
      `<script type="module" src="/${runtimeKey('7')}" integrity="sha256-d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3c=" crossorigin>`,
    ]);
    expect(film).not.toMatch(/rel="(stylesheet|modulepreload|preload)"/);
  });

  it('tells its script what it needs to know of the scenes', () => {
    expect(dataOf(film)).toMatchObject({
      kind: 'film',
      fps: 30,
      durationInFrames: 165,
      scenes: [
        { title: 'Opening', from: 0, durationInFrames: 90 },
        { title: 'An idea', from: 75, durationInFrames: 90 },
      ],
    });
  });

  it('draws each scene on the time line, in proportion', () => {
    expect(film).toContain(
      'style="--all:165"><i style="--from:0;--frames:90"></i><i style="--from:75;--frames:90"></i>',
    );
    expect(film).toContain('aria-valuemax="164"');
  });

  it('stays below its share of the budget', () => {
    const scene = filmMeta().scenes[0];
    const scenes = Array.from({ length: 50 }, (_, index) => ({ ...scene, title: `Scene ${index}`, from: index * 80 }));
    const page = renderPage(pageInput(filmMeta({ scenes: scenes as never, durationInFrames: 50 * 80 })));
    expect(brotliCompressSync(film).byteLength).toBeLessThan(5500);
    expect(brotliCompressSync(page).byteLength).toBeLessThan(6500);
  });

  it('shows title, description and a card with the scenes without JavaScript', () => {
    const page = renderPage(pageInput(filmMeta({ description: 'Told in two scenes.' })));
    const markup = page.replace(/<script[\s\S]*?<\/script>/g, '');
    expect(markup).toContain('<h1 dir="auto">A film about light</h1>');
    expect(markup).toContain('<p dir="auto">Told in two scenes.</p>');
    expect(markup).toContain('Opening · An idea');
    expect(markup).toMatch(/<noscript>.*needs JavaScript/);
  });

  it('shows the poster, and names it where links are previewed', () => {
    const page = renderPage(pageInput(filmMeta({ poster: POSTER })));
    const file = `3/assets/${'d'.repeat(64)}.jpg`;
    expect(page).toContain(`<img src="${file}"`);
    expect(page).toContain(`<meta property="og:image" content="https://share.example.com/p/launch/${file}">`);
    expect(page).toContain('<meta property="og:image:width" content="1280">');
    expect(page).toContain('content="summary_large_image"');
    expect(page).not.toContain('class="card"');
  });

  it('colours the card by the snapshot: equal projects look equal', () => {
    const other = renderPage(pageInput(filmMeta({ snapshot: `11${'c'.repeat(62)}` })));
    const hue = /--pf-hue:(\d+)/;
    expect(found(other, hue)).not.toBe(found(film, hue));
    expect(renderPage(pageInput(filmMeta({ version: 3 })))).toBe(film);
  });
});

describe('hostile names', () => {
  const hostile = `</title></script><script>alert(1)</script><img src=x onerror='alert(2)' "--><!--<script>`;
  const scene = {
    id: 'a',
    title: hostile,
    from: 0,
    durationInFrames: 90,
    module: `projects/harbour/scenes/a/${'a'.repeat(64)}.js`,
  };
  const pages = [
    renderPage(pageInput(filmMeta({ title: hostile, description: hostile, scenes: [scene] }))),
    renderPage(pageInput(filmMeta({ title: hostile, description: hostile, poster: POSTER }))),
    renderPage(pageInput(appMeta({ title: hostile, description: hostile }))),
    renderPage({ ...pageInput(appMeta()), staticFiles: { [hostile]: 'x.png' } }),
  ];

  it.each(pages.map((page, index) => ({ index, page })))('add no element to page $index', ({ page }) => {
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img src=x');
    expect(page).not.toContain('<!--');
    const scripts = page.match(/<script/g) ?? [];
    expect(scripts.length).toBe(page.includes('permaframe-film') ? 4 : 3);
  });
});

describe('the page of an app', () => {
  const app = renderPage(pageInput(appMeta({ poster: POSTER })));

  it('has nothing of the player', () => {
    expect(app).not.toMatch(/permaframe-film|role="slider"|popover/);
    expect(app).toContain('<meta property="og:type" content="website">');
  });

  it('fetches all modules at once, each with the hash that the import map knows', () => {
    const preloads = [...app.matchAll(/<link rel="modulepreload" href="([^"]+)"(?: integrity="([^"]+)")?>/g)];
    const { integrity } = JSON.parse(found(app, /<script type="importmap">([^<]*)</) ?? '');
    const entry = `../../projects/harbour/modules/${'e'.repeat(64)}.js`;
    expect(preloads.map(([, href]) => href)).toEqual([...Object.keys(integrity), entry]);
    for (const [, href, hash] of preloads) expect(hash).toBe(integrity[href as string]);
    expect(app.indexOf('importmap')).toBeLessThan(app.indexOf('modulepreload'));
  });

  it('hands the script its static files, and shows its poster meanwhile', () => {
    expect(dataOf(app)).toMatchObject({ kind: 'app', staticFiles: { 'a b.png': 'x.png' } });
    expect(app).toContain(`<permaframe-wait role="status" aria-label="Loading"><img src="3/assets/`);
  });

  it('shows its title without JavaScript', () => {
    expect(app).toMatch(/<noscript><b dir="auto">A film about light<\/b>.*needs JavaScript/);
  });
});

it('a page knows only its own runtime', () => {
  expect(RUNTIME.engines.preact.libraries).toHaveProperty('three');
  expect(film).not.toContain(runtimeKey('3'));
});
