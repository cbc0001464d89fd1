/** A film of ten scenes, in the first of which a bench edits an element that is always drawn. */
import { readFolder } from '../../action/adapters/folder.ts';
import { createSnapshot, type Snapshot } from '../../action/core/snapshot.ts';
import { listExamples } from './examples.ts';

export const EDITED = 'scenes/ebb.tsx';
const BEFORE = '<Stage filmFrame={filmFrame}>';

/** The line that a bench edits; `stroke` is what changes. */
export function editedLine(stroke: string): string {
  return `<i hidden data-stroke="${stroke}" />`;
}

/** The example with the most to draw, each of its scenes twice. */
export async function tenScenes(): Promise<Snapshot> {
  const example = listExamples().find(({ name }) => name === 'launch-film');
  if (!example) throw new Error('there is no example launch-film');
  const { files, manifest } = await readFolder(example.folder);
  if (manifest.kind !== 'storyboard') throw new Error('the example is not a film');
  const contents = new Map([...files].map(([path, { content }]) => [path, content]));
  const source = new TextDecoder().decode(contents.get(EDITED));
  if (!source.includes(BEFORE)) throw new Error(`${EDITED} is not what it was`);
  contents.set(EDITED, new TextEncoder().encode(source.replace(BEFORE, `${BEFORE}\n      ${editedLine('')}`)));
  const copies = manifest.scenes.map((scene) => {
    const entry = scene.entry.replace('.tsx', '-again.tsx');
    contents.set(entry, contents.get(scene.entry) as Uint8Array);
    return { ...scene, id: `${scene.id}-again`, entry };
  });
  const doubled = { ...manifest, scenes: [...manifest.scenes, ...copies] };
  contents.set('permaframe.json', new TextEncoder().encode(JSON.stringify(doubled, null, 2)));
  return createSnapshot(contents);
}
