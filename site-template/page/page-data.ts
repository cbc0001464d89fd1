/** What the page's script reads from the page. Addresses are relative to the document. */
import type { StaticFiles } from '../../action/contract/film.ts';

interface CommonData {
  /** Address of the module that is the artifact. */
  entry: string;
  /** Address of the artifact's `assets/`. */
  assets: string;
  /** Addresses of style sheets, in order. */
  styles: string[];
}

export interface SceneMark {
  title: string;
  /** First frame in the film. */
  from: number;
  durationInFrames: number;
}

export interface FilmData extends CommonData {
  kind: 'film';
  fps: number;
  width: number;
  height: number;
  durationInFrames: number;
  scenes: SceneMark[];
}

export interface AppData extends CommonData {
  kind: 'app';
  staticFiles: StaticFiles;
}

export type PageData = FilmData | AppData;

/** Id of the script element that holds the data. */
export const PAGE_DATA_ID = 'permaframe-data';
/** Id of the element in the light that the artifact is mounted in. */
export const STAGE_ID = 'permaframe-stage';
