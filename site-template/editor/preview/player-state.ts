/** What the preview's controls show, and what has gone wrong in it. */
import type { Place } from '../../../action/contract/diagnostics.ts';
import { sceneIndexAt } from '../../page/scenes.ts';
import type { Build, FilmShape } from '../compiler/protocol.ts';
import type { FrameProblem } from './protocol.ts';

export interface PreviewProblem {
  /** `stuck`: something never ended, and the page was thrown away. */
  kind: 'error' | 'stuck';
  revision: number;
  message: string;
  /** Title of the scene, where known. */
  scene: string | null;
  place: Partial<Place>;
}

export interface PlayerState {
  /** Null until something is shown. */
  shown: { revision: number; film: FilmShape | null } | null;
  playing: boolean;
  ended: boolean;
  /** Whether it waits for media in the middle of playing. */
  waiting: boolean;
  muted: boolean;
  /** From 0 to 1. */
  volume: number;
  problem: PreviewProblem | null;
}

export const FIRST_STATE: PlayerState = {
  shown: null,
  playing: false,
  ended: false,
  waiting: false,
  muted: false,
  volume: 1,
  problem: null,
};

/** As much as is known of an exception before its place is looked up. */
export function describeError({ film, revision }: Build, { message, scene, positions }: FrameProblem): PreviewProblem {
  const id = scene ?? positions.map(({ path }) => /^scenes\/([^/]+)\//.exec(path)?.[1]).find((found) => found);
  const mark = film?.scenes.find((each) => each.id === id);
  const place = mark ? { file: mark.entry } : {};
  return { kind: 'error', revision, message, scene: mark?.title ?? null, place };
}

/** @param frame that was shown when time stood still */
export function describeStuck({ film, revision }: Build, frame: number): PreviewProblem {
  const mark = film?.scenes[sceneIndexAt(film.scenes, frame)];
  const place = mark ? { file: mark.entry } : {};
  return { kind: 'stuck', revision, message: 'Something here never ends.', scene: mark?.title ?? null, place };
}
