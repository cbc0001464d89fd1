import { describe, expect, test } from 'vitest';
import { compose } from '../../../../action/core/compose.ts';
import type { Build } from '../../../../site-template/editor/compiler/protocol.ts';
import { isEnough, librariesOf } from '../../../../site-template/editor/preview/libraries.ts';
import { importMapOf } from '../../../../site-template/page/import-map.ts';
import { renderPage } from '../../../../site-template/page/render-page.ts';
import { compileSnapshot } from '../../../support/compiling.ts';
import { sharedRuntime } from '../../../support/runtime.ts';
import { APP, filmOf, snapshotOf } from '../../../support/snapshots.ts';

const PLACE = { thread: 'film', project: 'tests', version: 1, publicUrl: 'https://share.test' };
const scene = (imports: string): string => `${imports}\nexport default () => <p />;`;
const shapes = "import { Circle } from '@remotion/shapes'; console.log(Circle);";
const sound = "import { getAudioData } from '@remotion/media-utils'; console.log(getAudioData);";
const three = "import { ThreeCanvas } from '@remotion/three'; console.log(ThreeCanvas);";

async function build(imports: string, kind: Build['kind'] = 'storyboard') {
  const { runtime } = await sharedRuntime();
  const isFilm = kind === 'storyboard';
  const files = { [isFilm ? 'scenes/one.tsx' : 'app.tsx']: scene(imports) };
  const snapshot = await snapshotOf(files, isFilm ? filmOf('one') : APP);
  const compiled = await compileSnapshot(snapshot);
  const { meta } = await compose(snapshot, compiled, runtime, PLACE, renderPage);
  const made = librariesOf({ compiled, kind } as Build, runtime.manifest);
  return { made, published: importMapOf(meta, runtime.manifest) };
}

describe('the libraries of a preview', () => {
  test.each([
    ['a film', '', 'storyboard'],
    ['a film with shapes', shapes, 'storyboard'],
    ['a film with sound', sound, 'storyboard'],
    ['a film that needs React', three, 'storyboard'],
    ['an app', shapes, 'app'],
  ] as const)('are those of the published page: %s', async (_, imports, kind) => {
    const { made, published } = await build(imports, kind);
    const addresses = Object.entries(made.imports).map(([specifier, path]) => [specifier, `/${path}`]);
    expect(Object.fromEntries(addresses)).toEqual(published.imports);
    expect(made.paths.map((path) => `/${path}`)).toEqual(Object.keys(published.integrity));
    expect(made.starter).toBe(kind === 'app' ? 'app' : 'film');
  });

  test('of a page that is ready are enough for whatever needs no others', async () => {
    const [plain, withShapes, withSound, withThree, app] = await Promise.all([
      build(''),
      build(shapes),
      build(sound),
      build(three),
      build('', 'app'),
    ]);
    expect(isEnough(plain.made, plain.made)).toBe(true);
    // Shapes are compiled in.
    expect(isEnough(plain.made, withShapes.made)).toBe(true);
    expect(isEnough(withSound.made, plain.made)).toBe(true);
    expect(isEnough(plain.made, withSound.made)).toBe(false);
    // Another engine, another film.
    expect(isEnough(plain.made, withThree.made)).toBe(false);
    expect(isEnough(app.made, plain.made)).toBe(false);
  });
});
