/** What the editor and a preview frame say to each other, over the port that the frame is given when it is there. */
import type { StaticFiles } from '../../../action/contract/film.ts';
import type { CompiledModule } from '../../../action/core/compile/compile.ts';
import type { ModulePosition } from '../compiler/protocol.ts';

/** The first message to a frame's window; its port comes with it. */
export const HELLO = 'permaframe-preview';

/** The libraries of a page, and what starts a project in it. */
export interface Prepare {
  starter: 'film' | 'app';
  /** All modules of the runtime that may be loaded. */
  modules: CompiledModule[];
  /** The import map: specifier → path of a module. */
  imports: Record<string, string>;
  /** What is loaded beforehand. */
  libraries: string[];
  /** Modules of the project that will probably be shown: most are the same after an edit. */
  expected: CompiledModule[];
}

/** What a film begins with. */
export interface Start {
  frame: number;
  playing: boolean;
  muted: boolean;
  /** From 0 to 1. */
  volume: number;
}

export interface Show {
  /** Those that were expected may be missing. */
  modules: CompiledModule[];
  /** Path of the module to start with. */
  entry: string;
  style: string;
  assets: [name: string, content: Blob][];
  staticFiles: StaticFiles;
  start: Start;
}

export type ToFrame =
  /** First of all: loads what does not depend on the project. */
  | { kind: 'prepare'; prepare: Prepare }
  /** Once, for each frame. */
  | { kind: 'show'; show: Show }
  | { kind: 'play' | 'pause' }
  | { kind: 'seek'; frame: number }
  | { kind: 'muted'; muted: boolean }
  | { kind: 'volume'; volume: number }
  | { kind: 'ping' };

/** Something of the project that threw. */
export interface FrameProblem {
  message: string;
  /** Id of the scene, where known. */
  scene: string | null;
  /** Places in compiled modules, the innermost first. */
  positions: ModulePosition[];
}

export type FromFrame =
  | { kind: 'prepared' }
  /** The first frame stands. */
  | { kind: 'shown' }
  | { kind: 'failed'; problem: FrameProblem }
  | { kind: 'problem'; problem: FrameProblem }
  | { kind: 'frame'; frame: number }
  /** Once for each `seek`, after the frame that it led to. */
  | { kind: 'sought' }
  | { kind: 'playing'; playing: boolean }
  | { kind: 'ended' }
  | { kind: 'buffering'; waiting: boolean }
  | { kind: 'volume'; muted: boolean; volume: number }
  | { kind: 'pong' }
  /** Of a project with guards: time has stood still here. */
  | { kind: 'stuck'; file: string; line: number; column: number };
