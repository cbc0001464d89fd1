/** The module a page starts a film with: what the scenes are called, how long they are, where to load them. */

import { PUBLIC_FOLDER } from '../../contract/content-types.ts';
import type { Film, FilmScene, StaticFiles } from '../../contract/film.ts';
import { compareText, sha256Hex } from '../../contract/hash.ts';
import type { Scene, Storyboard } from '../../contract/manifest.ts';
import type { CompiledModule } from './compile.ts';
import { relative } from './modules.ts';
import { assetName } from './virtual-files.ts';

export interface SceneModule {
  scene: Scene;
  /** Path of its module below the project. */
  path: string;
}

type SceneData = Omit<FilmScene, 'load'>;

/** A film as its index module has it, without the code of its scenes. */
export type FilmData = Omit<Film, 'scenes'> & { scenes: SceneData[] };

export async function indexModule(
  storyboard: Storyboard,
  scenes: readonly SceneModule[],
  files: ReadonlyMap<string, { sha256: string }>,
): Promise<CompiledModule> {
  const { fps, width, height } = storyboard;
  const data: FilmData = {
    fps,
    width,
    height,
    scenes: scenes.map(({ scene }) => sceneData(scene)),
    staticFiles: staticFilesOf(files),
  };
  const loaders = scenes.map(({ path }) => `()=>import(${JSON.stringify(relative('modules/index.js', path))})`);
  // JSON.parse, because in an object literal a key "__proto__" would mean something else.
  const text = [
    `const film=JSON.parse(${JSON.stringify(JSON.stringify(data))});`,
    `[${loaders.join(',')}].forEach((load,i)=>{film.scenes[i].load=load});`,
    'export default film;\n',
  ].join('');
  return { path: `modules/${await sha256Hex(text)}.js`, text };
}

/** What {@link indexModule} wrote, without running it. Null for any other text. */
export function readIndexModule(text: string): FilmData | null {
  const literal = /^const film=JSON\.parse\(("(?:[^"\\]|\\.)*")\);/.exec(text)?.[1];
  return literal === undefined ? null : JSON.parse(JSON.parse(literal));
}

function sceneData({ id, title, durationInFrames, transition, props }: Scene): SceneData {
  return {
    id,
    title: title ?? id,
    durationInFrames,
    ...(transition ? { transition } : {}),
    props: props ?? {},
  };
}

/** Path below `public/` → name under which the file is published. */
export function staticFilesOf(files: ReadonlyMap<string, { sha256: string }>): StaticFiles {
  const entries = [...files]
    .filter(([path]) => path.startsWith(PUBLIC_FOLDER))
    .map(([path, file]): [string, string] => [path.slice(PUBLIC_FOLDER.length), assetName(path, file)]);
  return Object.fromEntries(entries.sort(([a], [b]) => compareText(a, b)));
}
