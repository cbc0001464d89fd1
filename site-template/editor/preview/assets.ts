/** The contents of a project's assets, for frames, which can fetch nothing but the runtime. */
import { fileTypeOf } from '../../../action/contract/content-types.ts';
import type { Build } from '../compiler/protocol.ts';
import type { Files } from '../workspace.ts';

export class AssetContents {
  /** By published name, which is made from the content. */
  readonly #contents = new Map<string, Promise<Blob>>();

  /**
   * The assets of a build, fetched if need be; one that cannot be fetched is left out.
   * @param files that the build was made from
   */
  async read({ assets }: Build, files: Files): Promise<[name: string, content: Blob][]> {
    const reading = Object.entries(assets).map(async ([name, path]): Promise<[string, Blob] | null> => {
      const content = await this.#read(name, path, files).catch(() => null);
      return content && [name, content];
    });
    const contents = (await Promise.all(reading)).filter((entry) => entry !== null);
    for (const name of this.#contents.keys()) if (!Object.hasOwn(assets, name)) this.#contents.delete(name);
    return contents;
  }

  #read(name: string, path: string, files: Files): Promise<Blob> {
    const known = this.#contents.get(name);
    if (known) return known;
    const reading = load(path, files);
    this.#contents.set(name, reading);
    reading.catch(() => this.#contents.delete(name));
    return reading;
  }
}

async function load(path: string, files: Files): Promise<Blob> {
  const file = files.get(path);
  if (!file) throw new Error(`${path} is not there any more`);
  const type = fileTypeOf(path)?.contentType ?? 'application/octet-stream';
  if (file.kind === 'text') return new Blob([file.text], { type });
  if (file.content.kind === 'blob') return file.content.blob.slice(0, file.bytes, type);
  const response = await fetch(file.content.url);
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
  return new Blob([await response.arrayBuffer()], { type });
}
