/** What the editor and its compiler say to each other. The compiler lives in a worker and keeps the files. */
import type { Diagnostic, Place } from '../../../action/contract/diagnostics.ts';
import type { StaticFiles } from '../../../action/contract/film.ts';
import type { RuntimeManifest } from '../../../action/contract/runtime.ts';
import type { Compiled } from '../../../action/core/compile/compile.ts';
import type { ModulePosition } from '../../../action/core/compile/locate.ts';

export type { ModulePosition } from '../../../action/core/compile/locate.ts';

/** A file as the compiler is given it. */
export type FileContent =
  | { kind: 'text'; text: string }
  /** Bytes that are read only if they get into a module. */
  | { kind: 'binary'; sha256: string; bytes: number; source: Blob | string };

/** From the editor. The first is `start`. */
export type Request =
  /** @property wasm of esbuild, compiled already: a worker that takes the place of another need not do it again */
  | { kind: 'start'; wasm: WebAssembly.Module; publicUrl: string; runtimeKey: string }
  /** The files that have changed since the last change; all of them the first time. */
  | { kind: 'change'; revision: number; put: [path: string, content: FileContent][]; remove: string[] }
  /** What place of the sources is meant by places in compiled modules. */
  | { kind: 'locate'; id: number; revision: number; positions: ModulePosition[] }
  /** The same project, in which each loop reports where it is when it does not end. */
  | { kind: 'guard'; id: number; revision: number };

/** A compiled project, with what a page needs besides its modules. */
export interface Build {
  revision: number;
  /** Of the snapshot, as the contract counts it. */
  hash: string;
  kind: 'storyboard' | 'app';
  compiled: Compiled;
  staticFiles: StaticFiles;
  /** Name under which an asset is published → path of a file with that content. */
  assets: Record<string, string>;
  film: FilmShape | null;
}

/** What a player has to know of a film. */
export interface FilmShape {
  title: string;
  fps: number;
  width: number;
  height: number;
  durationInFrames: number;
  scenes: { id: string; title: string; from: number; durationInFrames: number; entry: string }[];
}

/** From the compiler. */
export type Answer =
  | { kind: 'runtime'; manifest: RuntimeManifest }
  /** What can be seen already. `checked` follows, or what is true instead. */
  | { kind: 'early'; build: Build }
  /** What came early is what a publish makes. */
  | { kind: 'checked'; revision: number; milliseconds: number }
  | { kind: 'compiled'; build: Build; milliseconds: number }
  | { kind: 'failed'; revision: number; diagnostics: Diagnostic[] }
  /** esbuild itself has ended: this worker is of no more use. */
  | { kind: 'crashed'; revision: number }
  | { kind: 'located'; id: number; place: Place | null }
  | { kind: 'guarded'; id: number; build: Build | null };
