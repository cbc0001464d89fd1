/** The peer of a build: the same sources as an ordinary Vite app, which loads scenes when they are needed, as ours does. */
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INLINE_ASSET_BYTES } from '../../action/contract/limits.ts';
import { MANIFEST_PATH, type Manifest, parseManifest, type Storyboard } from '../../action/contract/manifest.ts';
import { ROOT_FOLDER } from '../state.ts';

export const ENTRY = 'main.tsx';

const INDEX_HTML = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Peer</title></head>
<body><div id="root"></div><script type="module" src="/${ENTRY}"></script></body>
</html>
`;

/** What an app made with `npm create vite` has, and the two rules that a snapshot has of its own. */
const VITE_CONFIG = `import react from '@vitejs/plugin-react';

const textOfCsv = {
  name: 'text-of-csv',
  transform: {
    filter: { id: /\\.csv$/ },
    handler: (code) => ({ code: \`export default \${JSON.stringify(code)}\`, moduleType: 'js' }),
  },
};

export default {
  plugins: [react(), textOfCsv],
  // Sizes after gzip are only for people to read, and take time.
  build: { assetsInlineLimit: ${INLINE_ASSET_BYTES}, reportCompressedSize: false },
};
`;

/**
 * Writes the peer of an example: its files, an entry that does what the share page does, and the packages of this
 * repository.
 * @param folder must not exist
 */
export async function writePeerProject(example: string, folder: string): Promise<void> {
  await cp(example, folder, { recursive: true });
  const parsed = parseManifest(await readFile(join(example, MANIFEST_PATH), 'utf8'));
  if (!parsed.ok) throw new Error(`${example} has no manifest that can be read`);
  await writeFile(join(folder, ENTRY), entryModule(parsed.manifest));
  await writeFile(join(folder, 'index.html'), INDEX_HTML);
  await writeFile(join(folder, 'vite.config.mjs'), VITE_CONFIG);
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
  await linkPackages(join(folder, 'node_modules'));
}

/** A real folder of links: Vite writes its own files beside the packages. */
async function linkPackages(folder: string): Promise<void> {
  const installed = join(ROOT_FOLDER, 'node_modules');
  await mkdir(folder);
  const names = (await readdir(installed)).filter((name) => !name.startsWith('.'));
  await Promise.all(names.map((name) => symlink(join(installed, name), join(folder, name))));
}

/** The module that starts the peer in a page. */
export function entryModule(manifest: Manifest): string {
  return manifest.kind === 'app' ? appEntry(manifest.entry) : filmEntry(manifest);
}

function appEntry(entry: string): string {
  return `import { createRoot } from 'react-dom/client';
import App from ${JSON.stringify(`./${entry}`)};

createRoot(document.getElementById('root')!).render(<App />);
`;
}

/** Remotion's own way to put scenes and transitions together. */
function filmEntry(film: Storyboard): string {
  const total = film.scenes.reduce(
    (frames, { durationInFrames, transition }) => frames + durationInFrames - (transition?.durationInFrames ?? 0),
    0,
  );
  const loaders = film.scenes.map(({ entry }) => `  lazy(() => import(${JSON.stringify(`./${entry}`)})),`);
  return `import { Player } from '@remotion/player';
import { linearTiming, TransitionSeries } from '@remotion/transitions';
import { fade } from '@remotion/transitions/fade';
import { slide } from '@remotion/transitions/slide';
import { wipe } from '@remotion/transitions/wipe';
import { lazy, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import film from './${MANIFEST_PATH}';

const kinds = { fade, slide, wipe };
const components = [
${loaders.join('\n')}
];

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
  return <Suspense fallback={null}><TransitionSeries>{parts}</TransitionSeries></Suspense>;
}

const size = { durationInFrames: ${total}, fps: ${film.fps}, compositionWidth: ${film.width}, compositionHeight: ${film.height} };
createRoot(document.getElementById('root')!).render(<Player component={Film} {...size} controls />);
`;
}

/** Folder of an executable that a package brings. */
export function packageFile(...path: string[]): string {
  return join(ROOT_FOLDER, 'node_modules', ...path);
}

/** Every file below a folder, as paths relative to it. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
