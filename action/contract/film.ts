/** The shapes that a compiled snapshot exports to the page, the preview and the render host. */
import type { Transition } from './manifest.ts';

/** The component of a scene or an app; React's own types stay out of the contract. */
export type SceneComponent = (props: Record<string, unknown>) => unknown;

export interface FilmScene {
  id: string;
  title: string;
  durationInFrames: number;
  transition?: Transition;
  props: Record<string, unknown>;
  load(): Promise<{ default: SceneComponent }>;
}

/** Default export of a storyboard index. */
export interface Film {
  fps: number;
  width: number;
  height: number;
  scenes: FilmScene[];
  staticFiles: StaticFiles;
}

/** Static files: path below `public/` → file name below the artifact's `assets/`. */
export type StaticFiles = Record<string, string>;
