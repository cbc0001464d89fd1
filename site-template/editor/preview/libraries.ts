/**
 * The libraries that previews load: those of the published page, under the same names. The editor fetches them, once,
 * and hands them on: what a page of an opaque origin fetches, no other page gets from the browser's cache.
 */
import type { Meta } from '../../../action/contract/meta.ts';
import type { LibraryModule, RuntimeManifest } from '../../../action/contract/runtime.ts';
import type { CompiledModule } from '../../../action/core/compile/compile.ts';
import { importMapOf, integrityOf } from '../../page/import-map.ts';
import type { Build } from '../compiler/protocol.ts';

/** What a page needs before it can show builds of a kind. */
export interface PageLibraries {
  starter: 'film' | 'app';
  /** Specifier → path of its module. */
  imports: Record<string, string>;
  /** What the builds import: loaded beforehand. */
  libraries: string[];
  /** Paths of all modules that are loaded, sorted. */
  paths: string[];
}

export function librariesOf({ compiled, kind }: Build, runtime: RuntimeManifest): PageLibraries {
  const engine = runtime.engines[compiled.engine];
  const starter = kind === 'app' ? 'app' : 'film';
  const libraries = compiled.libraries.map((name) => engine.libraries[name] as LibraryModule);
  const needed = new Set([engine[starter], ...libraries].flatMap(({ key, requires }) => [key, ...requires]));
  const files = runtime.files.filter(({ key }) => needed.has(key));
  // The published page makes its map of these three.
  const map = importMapOf({ engine: compiled.engine, kind, files } as unknown as Meta, runtime);
  const imports = Object.entries(map.imports).map(([specifier, address]) => [specifier, address.slice(1)]);
  return {
    starter,
    imports: Object.fromEntries(imports),
    libraries: compiled.libraries,
    paths: files.map(({ key }) => key),
  };
}

/** Whether a page that was made for the one can show builds that need the other. */
export function isEnough(made: PageLibraries, needed: PageLibraries): boolean {
  const paths = new Set(made.paths);
  return made.starter === needed.starter && needed.paths.every((path) => paths.has(path));
}

/** Files of the runtime, each fetched once. */
export class RuntimeFiles {
  readonly #publicUrl: string;
  readonly #texts = new Map<string, Promise<string>>();

  /** @param publicUrl origin of the edge, without a slash at the end */
  constructor(publicUrl: string) {
    this.#publicUrl = publicUrl;
  }

  /** @throws when one of them cannot be fetched, or is not what the manifest says */
  async read(paths: readonly string[], { files }: RuntimeManifest): Promise<CompiledModule[]> {
    const hashes = new Map(files.map(({ key, sha256 }) => [key, sha256]));
    return Promise.all(paths.map(async (path) => ({ path, text: await this.#read(path, hashes.get(path) ?? '') })));
  }

  #read(path: string, sha256: string): Promise<string> {
    const known = this.#texts.get(path);
    if (known) return known;
    const fetching = fetch(`${this.#publicUrl}/${path}`, { integrity: integrityOf(sha256) });
    const reading = fetching.then((response) => {
      if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
      return response.text();
    });
    this.#texts.set(path, reading);
    reading.catch(() => this.#texts.delete(path));
    return reading;
  }
}
