import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '@remotion/bundler';
import { renderMedia, selectComposition } from '@remotion/renderer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEER_COMPOSITION, PEER_ENTRY, writePeerFilm } from '../../../scripts/bench/peer-film.ts';
import { ROOT_FOLDER } from '../../../scripts/state.ts';
import { decodePictures, decodeSound, type Picture, probe, similarity, sineTone } from '../../support/media.ts';
import { makeProjectFolder } from '../../support/project-folder.ts';
import { MACHINE, type Rendering, startRendering } from '../../support/rendering.ts';
import type { Files } from '../../support/snapshots.ts';
import { manifestOf } from '../../support/tiny-films.ts';

/** Fonts, emoji, images, sound, motion by the frame and by libraries, sequences, randomness: each as Remotion draws it. */
const TITLE = `
import { AbsoluteFill, Audio, Img, interpolate, random, Sequence, Series, spring, staticFile, useCurrentFrame, useVideoConfig } from 'remotion';
import { motion } from 'motion/react';
import { Star } from '@remotion/shapes';
import './title.css';

function Counter() {
  const { durationInFrames, fps, width, height } = useVideoConfig();
  return <p>{[useCurrentFrame(), durationInFrames, fps, width, height].join(' ')}</p>;
}

export default function Title({ text }: { text: string }) {
  const frame = useCurrentFrame();
  const { fps } = useVideoConfig();
  const scale = spring({ frame, fps, config: { damping: 12 } });
  return (
    <AbsoluteFill className="title">
      <h1 style={{ transform: \`scale(\${scale})\` }}>{text} 🎬 é</h1>
      <Sequence from={3} durationInFrames={4} layout="none"><Counter /></Sequence>
      <Series>
        <Series.Sequence durationInFrames={5} layout="none"><b>first</b></Series.Sequence>
        <Series.Sequence durationInFrames={9} layout="none"><b>second</b></Series.Sequence>
      </Series>
      <motion.i style={{ x: interpolate(frame, [0, 9], [0, 200]) }}>motion</motion.i>
      <Img src={staticFile('dot.svg')} style={{ width: 30 + 20 * random('seed' + frame) }} />
      <Star points={5} innerRadius={10} outerRadius={25} fill="gold" />
      <Audio src={staticFile('tone.wav')} volume={(n) => n / 10} />
    </AbsoluteFill>
  );
}`;
const CARD = `
import { AbsoluteFill, useCurrentFrame, Loop, Freeze } from 'remotion';
function Beat() {
  return <span>{useCurrentFrame()}</span>;
}
export default function Card() {
  return (
    <AbsoluteFill style={{ padding: 20, font: '40px serif', background: '#fed' }}>
      <Loop durationInFrames={3} layout="none"><Beat /></Loop>
      <Freeze frame={7}><Beat /></Freeze>
    </AbsoluteFill>
  );
}`;
const STYLE = `
@font-face { font-family: Mono; src: url('./mono.woff2') }
.title { background: linear-gradient(120deg, #235, #a35); color: #fff; font: 20px Mono }
.title h1 { font-size: 40px; margin: 8px }`;

async function filesOf(): Promise<Files> {
  const font = join(ROOT_FOLDER, 'site-template/examples/launch-film/fonts/dm-mono.woff2');
  return {
    'scenes/title.tsx': TITLE,
    'scenes/card.tsx': CARD,
    'scenes/title.css': STYLE,
    'scenes/mono.woff2': new Uint8Array(await readFile(font)),
    'public/dot.svg':
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4.5" cy="4.5" r="4" fill="red"/></svg>',
    'public/tone.wav': new Uint8Array(sineTone(1, 440)),
  };
}

const MANIFEST = manifestOf([
  { id: 'title', durationInFrames: 10, props: { text: 'Same' } },
  { id: 'card', durationInFrames: 6 },
]);

let rendering: Rendering;
beforeAll(async () => {
  rendering = await startRendering();
});
afterAll(() => rendering[Symbol.asyncDispose]());

/** What Remotion makes of the same files by itself: its bundler, its own page, React. */
async function renderByRemotion(files: Files): Promise<Uint8Array> {
  await using project = await makeProjectFolder({});
  await project.write({ ...files, 'permaframe.json': JSON.stringify(MANIFEST) });
  const { folder } = await writePeerFilm(project.path, `${project.path}-peer`);
  const serveUrl = await bundle({ entryPoint: join(folder, PEER_ENTRY), rootDir: folder, rspack: true });
  const browser = { browserExecutable: MACHINE.browserExecutable, logLevel: 'error' } as const;
  const composition = await selectComposition({ serveUrl, id: PEER_COMPOSITION, ...browser });
  const outputLocation = join(rendering.folder, 'reference.mp4');
  const settings = { codec: 'h264', crf: 18, jpegQuality: 95, concurrency: 1 } as const;
  await renderMedia({ serveUrl, composition, outputLocation, ...settings, ...browser });
  return readFile(outputLocation);
}

describe("a film on our page, beside Remotion's own bundle of the same files", () => {
  test.each(['preact', 'react'])('looks and sounds the same on %s', async (engine) => {
    const files = await filesOf();
    reference ??= renderByRemotion(files);
    const film = await rendering.publish(files, { ...MANIFEST, engine });
    const made = await film.render({ format: 'mp4', quality: 'high' });
    const [ours, theirs] = [await decodePictures(made.bytes), await decodePictures(await reference)];
    expect(ours).toHaveLength(16);
    expect(theirs).toHaveLength(16);
    const likeness = ours.map((picture, index) => similarity(picture, theirs[index] as Picture));
    expect(Math.min(...likeness)).toBeGreaterThan(0.99);
    // A frame too early or too late would be noticed.
    expect(similarity(ours[4] as Picture, theirs[5] as Picture)).toBeLessThan(0.99);
    expect(await probe(made.bytes)).toMatchObject({ audioCodec: 'aac', frames: 16 });
    const [heard, wanted] = [await loudness(made.bytes), await loudness(await reference, LATE_SAMPLES)];
    for (const [index, value] of heard.entries()) expect(Math.abs(value - (wanted[index] ?? 9))).toBeLessThan(0.03);
  });
  let reference: Promise<Uint8Array> | undefined;
});

/** Remotion's own MP4s do not say by how much their encoder of sound is late; ours do. */
const LATE_SAMPLES = 2048;

/** The loudest sample of each frame. */
async function loudness(video: Uint8Array, late = 0): Promise<number[]> {
  const sound = (await decodeSound(video)).subarray(late);
  return Array.from({ length: 16 }, (_, frame) => Math.max(...sound.subarray(frame * 1600, (frame + 1) * 1600)));
}
