import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseKey } from '../../../../action/contract/keys.ts';
import type { FilmMeta } from '../../../../action/contract/meta.ts';
import type { RuntimeManifest } from '../../../../action/contract/runtime.ts';
import { indexModule, readIndexModule } from '../../../../action/core/compile/film-index.ts';
import { composeSite, type RenderSite } from '../../../../action/core/render/site.ts';
import { sharedRuntime } from '../../../support/runtime.ts';
import { filmOf } from '../../../support/snapshots.ts';
import { type Planning, startPlanning } from './films.ts';

let planning: Planning;
let manifest: RuntimeManifest;
beforeAll(async () => {
  planning = await startPlanning();
  manifest = (await sharedRuntime()).runtime.manifest;
});
afterAll(() => planning[Symbol.asyncDispose]());

function importsOf({ page }: RenderSite): Record<string, string> {
  return JSON.parse(/<script type="importmap">(.*?)<\/script>/.exec(page)?.[1] ?? '').imports;
}

describe('the page that a film is rendered in', () => {
  const files = {
    'scenes/a.tsx':
      "import { useCurrentFrame } from 'remotion';\nimport './a.css';\nexport default () => <p>{useCurrentFrame()}</p>;",
    'scenes/a.css': 'p { color: red }',
    'public/note.txt': 'a note',
  };

  test.each(['preact', 'react'] as const)('has all that it loads, on %s', async (engine) => {
    const { site, meta } = await planning.plan(files, { ...filmOf('a'), engine });
    const keys = site.files.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => parseKey(key) !== null)).toBe(true);
    // Everything of the artifact but the page for people.
    for (const { key, sha256 } of meta.files) {
      if (key.endsWith('/page.html')) expect(keys).not.toContain(key);
      else expect(site.files).toContainEqual({ key, sha256 });
    }
    for (const address of Object.values(importsOf(site))) expect(keys).toContain(address.slice(1));
    for (const needed of manifest.engines[engine].render.requires) expect(keys).toContain(needed);
    expect(importsOf(site)['permaframe/render']).toBe(`/${manifest.engines[engine].render.key}`);
  });

  test('begins with the film’s own style and index', async () => {
    const { site, meta } = await planning.plan(files, filmOf('a'));
    expect(site.page).toContain(`<link rel="stylesheet" href="/artifacts/film/1/style.css">`);
    expect(site.page).toContain(`import film from '/${meta.entry}';`);
    expect(site.page).toContain(`assetBase: '/artifacts/film/1/assets/'`);
  });

  test('imports only libraries that the film has', async () => {
    const { site } = await planning.plan(files, filmOf('a'));
    expect(importsOf(site)).toHaveProperty('remotion');
    expect(importsOf(site)).not.toHaveProperty('three');
  });

  test('is refused when the runtime does not list what it renders with', async () => {
    const { meta } = await planning.plan(files, filmOf('a'));
    const without = {
      ...manifest,
      files: manifest.files.filter(({ key }) => key !== manifest.engines.preact.render.key),
    };
    expect(() => composeSite(meta as FilmMeta, without)).toThrow(expect.objectContaining({ code: 'RUNTIME_INVALID' }));
  });
});

describe('the index of a film', () => {
  test('is read as it was written, without being run', async () => {
    const scene = {
      id: 'a',
      entry: 'scenes/a.tsx',
      title: '</script>\u2028"\\',
      durationInFrames: 30,
      transition: { type: 'wipe' as const, durationInFrames: 5, direction: 'from-top' as const },
      props: { text: `"); throw new Error('run'); ("`, list: [1, null, { deep: '\\"' }], constructor: 1 },
    };
    const board = { title: 'T', kind: 'storyboard' as const, fps: 25, width: 320, height: 180, scenes: [scene] };
    const sha256 = 'c'.repeat(64);
    const { text } = await indexModule(
      board,
      [{ scene, path: `scenes/a/${sha256}.js` }],
      new Map([['public/a b.png', { sha256 }]]),
    );
    const { entry, ...shown } = scene;
    expect(entry).toBeDefined();
    expect(readIndexModule(text)).toEqual({
      fps: 25,
      width: 320,
      height: 180,
      scenes: [shown],
      staticFiles: { 'a b.png': `${sha256}.png` },
    });
  });

  test.each(['', 'export default {};', 'const film=JSON.parse(location.href);', 'const film=JSON.parse("{}")'])(
    'is not %j',
    (text) => {
      expect(readIndexModule(text)).toBeNull();
    },
  );
});
