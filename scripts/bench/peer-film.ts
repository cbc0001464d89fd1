/** The peer of a video: the same film as a project of Remotion's own command line. */
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_PATH, parseManifest, type Storyboard } from '../../action/contract/manifest.ts';
import { placeScenes } from '../../action/contract/timeline.ts';
import { ROOT_FOLDER } from '../state.ts';

export const PEER_ENTRY = 'index.ts';
export const PEER_COMPOSITION = 'film';

export interface PeerFilm {
  folder: string;
  film: Storyboard;
  durationInFrames: number;
}

/**
 * Writes the peer: the project's files, a root with one composition, and the packages of this repository.
 * @param folder must not exist
 */
export async function writePeerFilm(project: string, folder: string): Promise<PeerFilm> {
  await cp(project, folder, { recursive: true });
  const parsed = parseManifest(await readFile(join(project, MANIFEST_PATH), 'utf8'));
  if (!parsed.ok || parsed.manifest.kind !== 'storyboard') throw new Error(`${project} is no film`);
  const film = parsed.manifest;
  const { durationInFrames } = placeScenes(film.scenes);
  await writeFile(join(folder, PEER_ENTRY), INDEX);
  await writeFile(join(folder, 'root.tsx'), rootModule(film, durationInFrames));
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  await writeFile(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "jsx": "react-jsx", "strict": true } }\n');
  await linkPackages(join(folder, 'node_modules'));
  return { folder, film, durationInFrames };
}

const INDEX = `import { registerRoot } from 'remotion';
import { Root } from './root';

registerRoot(Root);
`;

/** Remotion's own way to put scenes and transitions together. */
function rootModule(film: Storyboard, durationInFrames: number): string {
  const imports = film.scenes.map(({ entry }, index) => `import Scene${index} from ${JSON.stringify(`./${entry}`)};`);
  const components = film.scenes.map((_, index) => `Scene${index}`);
  const size = { durationInFrames, fps: film.fps, width: film.width, height: film.height };
  return `import { Composition } from 'remotion';
import { linearTiming, TransitionSeries } from '@remotion/transitions';
import { fade } from '@remotion/transitions/fade';
import { slide } from '@remotion/transitions/slide';
import { wipe } from '@remotion/transitions/wipe';
import film from './${MANIFEST_PATH}';
${imports.join('\n')}

const kinds = { fade, slide, wipe };
const components = [${components.join(', ')}];

function Film() {
  const parts = film.scenes.flatMap(({ id, durationInFrames, props, transition }, index) => {
    const Scene = components[index];
    const scene = (
      <TransitionSeries.Sequence key={id} durationInFrames={durationInFrames}>
        <Scene {...props} />
      </TransitionSeries.Sequence>
    );
    if (!transition) return [scene];
    const presentation = kinds[transition.type](transition);
    const timing = linearTiming(transition);
    return [scene, <TransitionSeries.Transition key={id + '-end'} presentation={presentation} timing={timing} />];
  });
  return <TransitionSeries>{parts}</TransitionSeries>;
}

export const Root = () => <Composition id="${PEER_COMPOSITION}" component={Film} {...${JSON.stringify(size)}} />;
`;
}

/** A real folder of links: webpack writes its cache beside the packages. */
async function linkPackages(folder: string): Promise<void> {
  const installed = join(ROOT_FOLDER, 'node_modules');
  await mkdir(folder);
  const names = (await readdir(installed)).filter((name) => !name.startsWith('.'));
  await Promise.all(names.map((name) => symlink(join(installed, name), join(folder, name))));
}
