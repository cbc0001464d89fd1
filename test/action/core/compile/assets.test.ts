import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { INLINE_ASSET_BYTES } from '../../../../action/contract/limits.ts';
import { compileFiles, placesOf, textOf } from '../../../support/compiling.ts';
import { evaluate } from '../../../support/running.ts';
import { type Files, filmOf } from '../../../support/snapshots.ts';

const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed) % 256);
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const dataUri = (type: string, content: Uint8Array) => `data:${type};base64,${Buffer.from(content).toString('base64')}`;

const small = bytes(100);
const large = bytes(INLINE_ASSET_BYTES + 1);

/** What an app gets that imports the file. */
async function imported(name: string, content: Uint8Array) {
  const app = `import url from ${JSON.stringify(`./${name}`)}; export default () => url;`;
  const compiled = await compileFiles({ 'app.tsx': app, [name]: content });
  return { url: await evaluate(compiled, 'entry.default()'), compiled };
}

describe('an imported asset', () => {
  test.each([
    ['a.png', 'image/png'],
    ['a.jpg', 'image/jpeg'],
    ['a.webp', 'image/webp'],
    ['a.gif', 'image/gif'],
    ['a.avif', 'image/avif'],
    ['a.svg', 'image/svg+xml'],
    ['a.woff2', 'font/woff2'],
    ['a.ttf', 'font/ttf'],
    ['a.mp3', 'audio/mpeg'],
    ['a.wav', 'audio/wav'],
    ['a.mp4', 'video/mp4'],
    ['a.glb', 'model/gltf-binary'],
    ['ünï 1%.PNG', 'image/png'],
  ])('%s of a few bytes is a data URI of type %s', async (name, type) => {
    const { url, compiled } = await imported(name, small);
    expect(url).toBe(dataUri(type, small));
    expect([compiled.assets, compiled.libraries]).toEqual([[], []]);
  });

  test('is written into the code up to 10 kB, and a file of its own from there', async () => {
    const limit = bytes(INLINE_ASSET_BYTES);
    expect((await imported('a.png', limit)).url).toBe(dataUri('image/png', limit));
    const { url, compiled } = await imported('a.png', large);
    expect(url).toBe(`assets/${sha256(large)}.png`);
    expect(compiled.assets).toEqual(['a.png']);
    expect(compiled.libraries).toEqual(['permaframe/assets']);
  });

  test('of several megabytes costs the code no more than its name', async () => {
    const { url, compiled } = await imported('film.MP4', bytes(5_000_000));
    expect(url).toMatch(/^assets\/[0-9a-f]{64}\.mp4$/);
    expect(compiled.javascriptBytes).toBeLessThan(300);
  });

  test('that nothing uses is not published', async () => {
    const app = "import used from './used.png'; import unused from './unused.png'; export default () => used;";
    const files = {
      'app.tsx': "export { default } from './app.jsx'",
      'app.jsx': app,
      'used.png': large,
      'unused.png': bytes(20_000, 2),
    };
    expect((await compileFiles(files)).assets).toEqual(['used.png']);
  });

  test('that is no asset is refused, with a list of what is', async () => {
    const files = { 'app.tsx': "import a from './a.exe'; console.log(a)", 'a.exe': small };
    expect(await placesOf(files)).toEqual(['FILE_TYPE_NOT_SUPPORTED app.tsx:1:15']);
  });
});

describe('an asset of a style', () => {
  const styled = (css: string, files: Files) =>
    compileFiles(
      { 'scenes/one.tsx': "import './a.css'; export default () => 1", 'scenes/a.css': css, ...files },
      filmOf('one'),
    );

  test('is written into the style when it is small, and lies beside it otherwise', async () => {
    const css = `@font-face { font-family: F; src: url("../fonts/f.woff2") format('woff2') }
      p { background: url(dot.png), url('../images/large.png') }`;
    const files = { 'fonts/f.woff2': bytes(30_000), 'scenes/dot.png': small, 'images/large.png': large };
    const { style, assets } = await styled(css, files);
    expect(style).toContain(`src:url(assets/${sha256(files['fonts/f.woff2'])}.woff2) format("woff2")`);
    expect(style).toContain(`url(${dataUri('image/png', small)}),url(assets/${sha256(large)}.png)`);
    expect(assets).toEqual(['fonts/f.woff2', 'images/large.png']);
  });

  test('has a name that needs no quotes, whatever the file is called', async () => {
    const { style } = await styled('p { background: url("a (1) \\"x\\".png") }', { 'scenes/a (1) "x".png': large });
    expect(style.trim()).toBe(`p{background:url(assets/${sha256(large)}.png)}`);
  });
});

describe('a static file', () => {
  const film = { 'scenes/one.tsx': 'export default () => 1' };

  test('is found by its path below public/, in the index of a film', async () => {
    const files = { ...film, 'public/b.png': small, 'public/a/ü "1".JSON': '{}', 'publican/c.png': small };
    const compiled = await compileFiles(files, filmOf('one'));
    expect(await evaluate(compiled, 'entry.default.staticFiles')).toEqual({
      'a/ü "1".JSON': `${sha256(new TextEncoder().encode('{}'))}.json`,
      'b.png': `${sha256(small)}.png`,
    });
    // Static files are published whether or not anything names them: they are not listed here.
    expect(compiled.assets).toEqual([]);
  });

  test('changes the index and no scene', async () => {
    const [one, two] = await Promise.all([
      compileFiles({ ...film, 'public/a.png': small }, filmOf('one')),
      compileFiles({ ...film, 'public/a.png': large }, filmOf('one')),
    ]);
    expect(two.entry).not.toBe(one.entry);
    expect(two.scenes).toEqual(one.scenes);
    expect(textOf(two)).not.toBe(textOf(one));
  });
});
