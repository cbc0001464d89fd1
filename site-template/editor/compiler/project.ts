/** The files that the compiler keeps, and what it makes of them for a compilation. */
import { fileTypeOf, PUBLIC_FOLDER } from '../../../action/contract/content-types.ts';
import { sha256Hex } from '../../../action/contract/hash.ts';
import { MANIFEST_PATH, type Manifest } from '../../../action/contract/manifest.ts';
import { snapshotHash } from '../../../action/contract/snapshot-hash.ts';
import { isIgnoredPath } from '../../../action/contract/snapshot-paths.ts';
import { placeScenes } from '../../../action/contract/timeline.ts';
import type { Compiled, CompileInput } from '../../../action/core/compile/compile.ts';
import { staticFilesOf } from '../../../action/core/compile/film-index.ts';
import { isReadByCompiler } from '../../../action/core/compile/input.ts';
import { assetName, type SourceFile } from '../../../action/core/compile/virtual-files.ts';
import { checkProject } from '../../../action/core/snapshot.ts';
import type { Build, FileContent, FilmShape } from './protocol.ts';

/** Files by path, read as far as they have to be. */
export class ProjectFiles {
  readonly #files = new Map<string, FileContent>();
  /** A file that is the same object is not read again. */
  readonly #read = new WeakMap<FileContent, Promise<SourceFile>>();
  readonly #fetchBytes: (url: string) => Promise<Uint8Array>;

  /** @param fetchBytes reads what a file of the control plane holds */
  constructor(fetchBytes: (url: string) => Promise<Uint8Array>) {
    this.#fetchBytes = fetchBytes;
  }

  change(put: Iterable<readonly [string, FileContent]>, remove: Iterable<string>): void {
    for (const path of remove) this.#files.delete(path);
    for (const [path, content] of put) this.#files.set(path, content);
  }

  /**
   * The project as it is now, checked as a publish would check it.
   * @throws PermaframeError naming file, field and limit
   */
  async read(): Promise<ReadProject> {
    const paths = [...this.#files.keys()].filter((path) => !isIgnoredPath(path)).sort();
    const entries = await Promise.all(
      paths.map(async (path): Promise<[string, SourceFile]> => [path, await this.#readFile(path)]),
    );
    const files = new Map(entries);
    const listing = entries.map(([path, { bytes }]) => ({ path, bytes }));
    const manifest = checkProject(listing, files.get(MANIFEST_PATH)?.content);
    const hash = await snapshotHash(entries.map(([path, { sha256 }]) => ({ path, sha256 })));
    return { manifest, files, hash };
  }

  #readFile(path: string): Promise<SourceFile> {
    const file = this.#files.get(path) as FileContent;
    const reading = this.#read.get(file) ?? this.#readContent(path, file);
    this.#read.set(file, reading);
    // What failed for want of a network is asked for again.
    reading.catch(() => this.#read.delete(file));
    return reading;
  }

  async #readContent(path: string, file: FileContent): Promise<SourceFile> {
    if (file.kind === 'text') {
      const content = new TextEncoder().encode(file.text);
      return { sha256: await sha256Hex(content), bytes: content.byteLength, content };
    }
    const { sha256, bytes, source } = file;
    if (path !== MANIFEST_PATH && !isReadByCompiler(path, bytes)) return { sha256, bytes };
    const content =
      typeof source === 'string' ? await this.#fetchBytes(source) : new Uint8Array(await source.arrayBuffer());
    return { sha256, bytes, content };
  }
}

export interface ReadProject extends CompileInput {
  files: ReadonlyMap<string, SourceFile>;
  hash: string;
}

/** What the preview is given of a compiled project. */
export function toBuild(revision: number, project: ReadProject, compiled: Compiled): Build {
  const { manifest, files, hash } = project;
  return {
    revision,
    hash,
    kind: manifest.kind,
    compiled,
    staticFiles: staticFilesOf(files),
    assets: assetsOf(compiled, files),
    film: manifest.kind === 'app' ? null : filmShape(manifest),
  };
}

/** What the code asks for, and all of `public/`, as in an artifact. */
function assetsOf(compiled: Compiled, files: ReadonlyMap<string, SourceFile>): Record<string, string> {
  const statics = [...files.keys()].filter((path) => path.startsWith(PUBLIC_FOLDER) && fileTypeOf(path));
  const paths = [...statics, ...compiled.assets];
  return Object.fromEntries(paths.map((path) => [assetName(path, files.get(path) as SourceFile), path]));
}

function filmShape(manifest: Extract<Manifest, { kind: 'storyboard' }>): FilmShape {
  const { title, fps, width, height } = manifest;
  const { scenes, durationInFrames } = placeScenes(manifest.scenes);
  const marks = scenes.map(({ scene, from }) => ({
    id: scene.id,
    title: scene.title ?? scene.id,
    from,
    durationInFrames: scene.durationInFrames,
    entry: scene.entry,
  }));
  return { title, fps, width, height, durationInFrames, scenes: marks };
}
