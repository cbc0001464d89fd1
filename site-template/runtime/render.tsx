/**
 * `permaframe/render`: shows one frame of a film after the other to `@remotion/renderer`, which looks for what it needs
 * on `window`. The contexts are those that the player gives a film, so both draw the same; Remotion's own render entry
 * would need the studio's half of `remotion`, which no page carries.
 *
 * What the renderer expects is internal to Remotion: this is written for the version that is installed, and
 * test/action/adapters/remotion.test.ts compares its frames with those of Remotion's own bundle.
 */
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { AbsoluteFill, cancelRender, continueRender, delayRender, VERSION } from 'remotion';
import type { Film } from '../../action/contract/film.ts';
import type { RenderModule, RenderOptions } from '../../action/contract/mounting.ts';
import { placeScenes } from '../../action/contract/timeline.ts';
import { configureAssets } from './assets.ts';
import { documentBackground } from './background.ts';
import { installPromptFrames, promptly } from './prompt-frames.ts';
import { heardNow, RenderContexts } from './render-contexts.tsx';
import { checkMedia, loadFonts, loadPictures, nudgeVideos } from './render-media.ts';
import { type LoadedScene, loadScenes, Storyboard } from './storyboard.tsx';

/** The form of a Remotion site that the renderer of this version takes. */
const SITE_VERSION = '11';

/** What the renderer sends before the first frame. In frames of the video. */
interface BundleMode {
  type: string;
  compositionWidth: number;
  compositionHeight: number;
  compositionFps: number;
}

export const startRender: RenderModule['startRender'] = (options) => {
  configureAssets({ base: options.assetBase, staticFiles: options.film.staticFiles });
  installPromptFrames();
  nudgeVideos();
  const loading = delayRender('Loading the scenes');
  // Nobody asks which compositions there are; the renderer only looks whether somebody could.
  window.getStaticCompositions = () => Promise.resolve([]);
  window.siteVersion = SITE_VERSION;
  window.remotion_version = VERSION;
  window.remotion_setBundleMode = (mode) => {
    const { compositionWidth: width, compositionHeight: height, compositionFps: fps } = mode as BundleMode;
    show(options, { width, height, fps })
      .then(() => continueRender(loading))
      .catch(cancelRender);
  };
};

interface VideoSize {
  width: number;
  height: number;
  fps: number;
}

async function show(options: RenderOptions, size: VideoSize): Promise<void> {
  const { film } = options;
  const [scenes] = await Promise.all([loadScenes(film), loadFonts()]);
  for (const [index, scene] of scenes.entries()) {
    if (scene.kind === 'failed') throw namedAfter(film.scenes[index]?.id, scene.error);
  }
  const box = document.createElement('div');
  box.style.cssText = `position:fixed;inset:0 auto auto 0;width:${size.width}px;height:${size.height}px;overflow:hidden`;
  document.body.appendChild(box);
  // The renderer paints the body black; what shows through is what the page shows.
  const background = documentBackground();
  const mounted = Promise.withResolvers<Stage>();
  createRoot(box).render(
    <Screen film={film} scenes={scenes} size={size} background={background} onReady={mounted.resolve} />,
  );
  const stage = await mounted.promise;
  if (window.remotion_isMainTab) await rehearse(film, size, options.frames, stage);
  let shownFrame = 0;
  window.remotion_collectAssets = () => heardNow(shownFrame, size.fps / film.fps);
  window.remotion_setFrame = (frame, _composition, attempt) => {
    shownFrame = frame;
    window.remotion_attempt = attempt;
    const drawing = delayRender(`Drawing frame ${frame}`);
    stage
      .show(frame)
      .then(() => continueRender(drawing))
      .catch(cancelRender);
  };
}

interface Stage {
  /** Resolves once a frame of the video stands, with its effects, fonts and pictures. */
  show(frame: number): Promise<void>;
  /** Takes all scenes down, with what they remember. */
  clear(): void;
}

interface ScreenProps {
  film: Film;
  scenes: readonly LoadedScene[];
  size: VideoSize;
  background: string;
  onReady(stage: Stage): void;
}

/** Effects run from the innermost outwards: once this one's has run, the scenes' have registered what is heard. */
function Screen({ film, scenes, size, background, onReady }: ScreenProps): ReactNode {
  const [wanted, setWanted] = useState<{ frame: number; shown(): void } | null>(null);
  useEffect(() => {
    onReady({
      async show(frame) {
        await promptly(() => new Promise((shown) => flushSync(() => setWanted({ frame, shown }))));
        // What is laid out now asks for the fonts that it needs.
        document.body.getBoundingClientRect();
        await Promise.all([document.fonts.ready, loadPictures()]);
      },
      clear: () => flushSync(() => setWanted(null)),
    });
  }, [onReady]);
  useEffect(() => wanted?.shown(), [wanted]);
  const picture = useMemo(
    () => (
      <AbsoluteFill style={{ background }}>
        <Storyboard
          film={film}
          scenes={scenes}
          onError={({ scene, error }) => cancelRender(namedAfter(scene, error))}
        />
      </AbsoluteFill>
    ),
    [film, scenes, background],
  );
  if (!wanted) return null;
  return (
    <RenderContexts
      frame={(wanted.frame * film.fps) / size.fps}
      fps={film.fps}
      width={size.width}
      height={size.height}
      durationInFrames={placeScenes(film.scenes).durationInFrames}
    >
      {picture}
    </RenderContexts>
  );
}

/** A rehearsal waits for nothing any more after this share of what the renderer waits for one frame, lest that gives up. */
const REHEARSAL_SHARE = 0.25;

/**
 * Shows the first, the middle and the last frame of every scene that is to be rendered, so that what cannot be drawn or
 * heard at all fails now, not after minutes. Nothing of it is left afterwards, unless a scene waits for long.
 * @param frames first and last of the video that this page may be asked for
 */
async function rehearse(film: Film, size: VideoSize, frames: RenderOptions['frames'], stage: Stage): Promise<void> {
  const heard = new Set<string>();
  const before = new Set(window.remotion_delayRenderHandles);
  const end = performance.now() + REHEARSAL_SHARE * (window.remotion_puppeteerTimeout ?? DEFAULT_TIMEOUT_MILLISECONDS);
  const play = async (frame: number): Promise<boolean> => {
    await stage.show(frame);
    for (const asset of heardNow(frame, size.fps / film.fps)) if ('src' in asset) heard.add(asset.src);
    return await isSettled(before, end);
  };
  const playAll = async (): Promise<boolean> => {
    for (const [first, ...more] of tellingFrames(film, size, frames)) {
      if (!(await play(first))) return false;
      // Seeking in a film takes long, and finds nothing that its first frame does not.
      if (document.querySelector('video')) continue;
      for (const frame of more) if (!(await play(frame))) return false;
    }
    return true;
  };
  // What is still waited for goes on where it is: taken down, it would never be told of.
  if (await playAll()) stage.clear();
  await checkMedia([...heard]);
}

/** What Remotion waits for one frame where nobody says how long. */
const DEFAULT_TIMEOUT_MILLISECONDS = 30_000;

/** By scene: its first frame, and others of it, each once. */
function* tellingFrames(
  film: Film,
  size: VideoSize,
  frames: RenderOptions['frames'],
): Generator<[first: number, ...more: number[]]> {
  const ratio = size.fps / film.fps;
  for (const { scene, from } of placeScenes(film.scenes).scenes) {
    const first = Math.max(frames[0], Math.ceil(from * ratio));
    const last = Math.min(frames[1], Math.ceil((from + scene.durationInFrames) * ratio) - 1);
    const more = new Set([Math.floor((first + last) / 2), last]);
    more.delete(first);
    if (first <= last) yield [first, ...more];
  }
}

/** How often a rehearsal looks whether a frame stands, in milliseconds. */
const LOOK_MILLISECONDS = 5;

/**
 * Waits for what a scene waits for: Remotion's video never tells of a frame whose place another one has taken.
 * @param before handles of `delayRender` that are not the frame's
 * @param end when to wait no longer, by `performance.now()`
 * @returns whether nothing is waited for any more
 */
async function isSettled(before: ReadonlySet<number>, end: number): Promise<boolean> {
  while (window.remotion_delayRenderHandles.some((handle) => !before.has(handle))) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
  return true;
}

/** Says which scene it was, for whoever reads the renderer's error. */
function namedAfter(scene: string | undefined, error: unknown): Error {
  const known = error instanceof Error ? error : new Error(String(error));
  const named = new Error(`scene "${scene ?? '?'}": ${known.message}`);
  // The renderer hands on what the stack says, and nothing else.
  named.stack = `Error: ${named.message}\n${(known.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n')}`;
  return named;
}
