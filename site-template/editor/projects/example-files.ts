/** The files of the examples: texts are in this module, everything else is fetched when it is asked for. */
import { readFile } from '../files/read-file.ts';
import type { Files, WorkspaceFile } from '../workspace.ts';

const FOLDER = '../../examples/';

const texts = import.meta.glob<string>('../../examples/*/**/*.{tsx,ts,css,json,csv,txt,svg}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const addresses = import.meta.glob<string>('../../examples/*/**/*.{woff2,webp,jpg,png,mp3,m4a,mp4,webm,glb}', {
  query: '?url',
  import: 'default',
  eager: true,
});

/**
 * @param example its folder's name
 * @throws TypeError when a file could not be fetched
 */
export async function exampleFiles(example: string): Promise<Files> {
  const folder = `${FOLDER}${example}/`;
  const own = (record: Record<string, string>) =>
    Object.entries(record).flatMap(([path, value]) =>
      path.startsWith(folder) ? [[path.slice(folder.length), value] as const] : [],
    );
  const read = own(texts).map(([path, text]) => [path, { kind: 'text', text } as WorkspaceFile] as const);
  const fetched = own(addresses).map(async ([path, address]) => {
    const answer = await fetch(address);
    if (!answer.ok) throw new TypeError(`${path} was answered with ${answer.status}`);
    return [path, await readFile(path, await answer.blob())] as const;
  });
  return new Map([...read, ...(await Promise.all(fetched))]);
}
