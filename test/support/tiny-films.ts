/** Films of a second or two, for suites that render. */
import { sineTone } from './media.ts';
import type { Files } from './snapshots.ts';

export interface TinyFilm {
  files: Files;
  manifest: object;
}

interface TinyScene {
  id: string;
  durationInFrames: number;
  transition?: { type: string; durationInFrames: number; direction?: string };
  props?: object;
}

/** @param more fields of the manifest; 320 × 180 pixels at 30 frames a second otherwise */
export function manifestOf(scenes: readonly TinyScene[], more: object = {}): object {
  const placed = scenes.map((scene) => ({ entry: `scenes/${scene.id}.tsx`, ...scene }));
  return { title: 'Tiny', kind: 'storyboard', fps: 30, width: 320, height: 180, ...more, scenes: placed };
}

/** One scene. The component's name is Scene; `frame` is there. */
export function oneScene(body: string, { before = '', frames = 20, ...manifest }: OneScene = {}): TinyFilm {
  const text = `${before}
import { AbsoluteFill, useCurrentFrame } from 'remotion';
export default function Scene() {
  const frame = useCurrentFrame();
  ${body}
}`;
  return {
    files: { 'scenes/one.tsx': text },
    manifest: manifestOf([{ id: 'one', durationInFrames: frames }], manifest),
  };
}

interface OneScene {
  before?: string;
  frames?: number;
  [field: string]: unknown;
}

/** A box that goes from left to right over a colour, and says which frame it is. */
const moving = (colour: string) => `
import { AbsoluteFill, interpolate, useCurrentFrame, useVideoConfig } from 'remotion';
import { Label } from '../shared/label';
export default function Scene() {
  const frame = useCurrentFrame();
  const { width, durationInFrames } = useVideoConfig();
  const left = interpolate(frame, [0, durationInFrames], [0, width]);
  return (
    <AbsoluteFill style={{ background: '${colour}' }}>
      <div style={{ position: 'absolute', left, top: '60%', width: '10%', height: '20%', background: '#fff' }} />
      <Label text={\`${colour} \${Math.floor(frame)}\`} />
    </AbsoluteFill>
  );
}`;

const LABEL = `
export function Label({ text }: { text: string }) {
  return <p style={{ font: '600 2rem sans-serif', color: '#fff', margin: '5%' }}>{text}</p>;
}`;

/** Three scenes of ten frames: the second fades in, the third is cut to. 26 frames in all. */
export function threeScenes(changes: Readonly<Record<string, string>> = {}): TinyFilm {
  return {
    files: {
      'scenes/red.tsx': moving('#a22'),
      'scenes/green.tsx': moving('#272'),
      'scenes/blue.tsx': moving('#22a'),
      'shared/label.tsx': LABEL,
      ...changes,
    },
    manifest: manifestOf([
      { id: 'red', durationInFrames: 10, transition: { type: 'fade', durationInFrames: 4 } },
      { id: 'green', durationInFrames: 10 },
      { id: 'blue', durationInFrames: 10 },
    ]),
  };
}

export const TONE_HERTZ = 440;

/**
 * Scenes that play a tone from where the scene before left off: one tone, as long as the film.
 * @param fps of the film
 * @param lengths of the scenes, in frames
 */
export function toneFilm(fps: number, lengths: readonly number[]): TinyFilm {
  const seconds = lengths.reduce((sum, length) => sum + length, 0) / fps;
  const tone = (before: number) => `
import { AbsoluteFill, Audio, staticFile } from 'remotion';
export default function Scene() {
  return (
    <AbsoluteFill style={{ background: 'teal' }}>
      <Audio src={staticFile('tone.wav')} startFrom={${before}} />
    </AbsoluteFill>
  );
}`;
  const scenes = lengths.map((durationInFrames, index) => ({ id: `part-${index}`, durationInFrames }));
  const begins = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, 0));
  return {
    files: {
      // Longer than the film: what ends at the same time might be cut short.
      'public/tone.wav': sineTone(seconds + 1, TONE_HERTZ),
      ...Object.fromEntries(begins.map((begin, index) => [`scenes/part-${index}.tsx`, tone(begin)])),
    },
    manifest: manifestOf(scenes, { fps }),
  };
}
