/** What is shown: a build with its assets, and the page that it is in. */
import type { Build } from '../compiler/protocol.ts';
import type { PreviewFrame } from './preview-frame.ts';
import type { FrameProblem, Show, Start } from './protocol.ts';

/** A build with all that showing it takes. */
export interface Content {
  build: Build;
  assets: [name: string, content: Blob][];
}

/** A page that shows a build, or is about to. */
export interface Slot extends Content {
  page: PreviewFrame;
  /** When it was begun with, on the clock of `performance.now()`. */
  since: number;
  /** What went wrong before its first frame stood. */
  problem: FrameProblem | null;
}

export type Moment = Pick<Start, 'frame' | 'playing'>;

export function toShow({ build, assets }: Content, start: Start): Show {
  const { compiled, staticFiles, film } = build;
  const { modules, entry, style } = compiled;
  const frame = Math.min(start.frame, (film?.durationInFrames ?? 1) - 1);
  return { modules, entry, style, assets, staticFiles, start: { ...start, frame } };
}

/** Whether two builds show the same. */
export function isSame(a: Build, b: Build): boolean {
  const look = ({ compiled, assets, staticFiles, kind }: Build): string =>
    JSON.stringify([
      kind,
      compiled.engine,
      compiled.entry,
      compiled.modules.map(({ path }) => path),
      compiled.style,
      Object.keys(assets),
      staticFiles,
    ]);
  return look(a) === look(b);
}
