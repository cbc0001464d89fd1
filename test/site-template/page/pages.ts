/** Inputs for the page, as compose would hand them over. */
import type { AppMeta, FilmMeta } from '../../../action/contract/meta.ts';
import { metaSchema } from '../../../action/contract/meta.ts';
import type { PageInput } from '../../../action/contract/page.ts';
import type { LibraryModule, RuntimeManifest } from '../../../action/contract/runtime.ts';

/** A hash that is easy to tell from others: one digit, 64 times. */
export const hashOf = (digit: string): string => digit.repeat(64);
export const runtimeKey = (digit: string, extension = 'js'): string => `runtime/${hashOf(digit)}.${extension}`;

const REACT = runtimeKey('1');
const REMOTION = runtimeKey('2');
const THREE = runtimeKey('3');
const FIBER = runtimeKey('4');
const FILM = runtimeKey('5');
const APP = runtimeKey('6');
const PAGE = runtimeKey('7');

const library = (key: string, ...requires: string[]): LibraryModule => ({ key, requires, exports: [] });

const engine = {
  libraries: {
    react: library(REACT),
    remotion: library(REMOTION, REACT),
    three: library(THREE),
    '@react-three/fiber': library(FIBER, REACT, THREE),
  },
  film: library(FILM, REACT, REMOTION),
  app: library(APP, REACT),
  render: library(APP, REACT),
};

export const RUNTIME: RuntimeManifest = {
  schema: 1,
  engines: { preact: engine, react: engine },
  inlined: {},
  page: { key: PAGE },
  files: [...'1234567'].map((digit) => ({ key: runtimeKey(digit), bytes: 10, sha256: hashOf(digit) })),
};

const file = (key: string, sha256: string) => ({ key, bytes: 10, sha256, contentType: 'text/javascript' });

const common = {
  schema: 1 as const,
  thread: 'launch',
  project: 'harbour',
  version: 3,
  title: 'A film about light',
  snapshot: hashOf('c'),
  engine: 'preact' as const,
  runtime: `runtime/manifest-${hashOf('9')}.json`,
  entry: `projects/harbour/modules/${hashOf('e')}.js`,
  javascriptBytes: 10,
};

export function filmMeta(changes: Partial<FilmMeta> = {}): FilmMeta {
  const module = `projects/harbour/scenes/intro/${hashOf('a')}.js`;
  const meta: FilmMeta = {
    ...common,
    kind: 'storyboard' as const,
    fps: 30,
    width: 1280,
    height: 720,
    durationInFrames: 165,
    scenes: [
      { id: 'intro', title: 'Opening', from: 0, durationInFrames: 90, module },
      { id: 'idea', title: 'An idea', from: 75, durationInFrames: 90, module },
    ],
    files: [
      file(`artifacts/launch/3/style.css`, hashOf('b')),
      file(common.entry, hashOf('e')),
      file(module, hashOf('a')),
      ...[REACT, REMOTION, FILM, PAGE].map((key) => file(key, key.slice(8, 72))),
    ],
    ...changes,
  };
  const named = [...meta.scenes.map((scene) => scene.module), ...(meta.poster ? [meta.poster] : [])];
  const files = [...meta.files, ...named.map((key) => file(key, hashOf('a')))];
  return metaSchema.parse({ ...meta, files: sorted(files) }) as FilmMeta;
}

/** By key, each once. */
function sorted<F extends { key: string }>(files: readonly F[]): F[] {
  const byKey = new Map(files.map((one) => [one.key, one]));
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

export function appMeta(changes: Partial<AppMeta> = {}): AppMeta {
  const runtime = [REACT, APP, PAGE].map((key) => file(key, key.slice(8, 72)));
  const poster = changes.poster ? [file(changes.poster, hashOf('d'))] : [];
  const files = [file(common.entry, hashOf('e')), ...poster, ...runtime];
  return metaSchema.parse({ ...common, kind: 'app', files: sorted(files), ...changes }) as AppMeta;
}

export function pageInput(meta: FilmMeta | AppMeta): PageInput {
  return { meta, runtime: RUNTIME, publicUrl: 'https://share.example.com', staticFiles: { 'a b.png': 'x.png' } };
}
