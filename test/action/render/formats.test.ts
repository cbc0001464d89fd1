import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VideoFormat } from '../../../action/contract/video.ts';
import { frameOfVideo } from '../../../action/render/finish.ts';
import { colourAt, decodePictures, difference, type Picture, probe, similarity } from '../../support/media.ts';
import { type PublishedFilm, type Rendering, startRendering } from '../../support/rendering.ts';
import { manifestOf, oneScene, threeScenes } from '../../support/tiny-films.ts';

let rendering: Rendering;
let film: PublishedFilm;
beforeAll(async () => {
  rendering = await startRendering();
  const { files, manifest } = threeScenes();
  film = await rendering.publish(files, manifest);
});
afterAll(() => rendering[Symbol.asyncDispose]());

function expectColour(actual: readonly number[], wanted: readonly number[]): void {
  for (const [index, value] of wanted.entries()) expect(Math.abs((actual[index] ?? 0) - value)).toBeLessThan(20);
}

/** Where the white box begins along its line, as a share of the width. */
function boxIn({ width, height, rgb }: Picture): number {
  const line = Math.floor(0.7 * height) * width;
  for (let x = 0; x < width; x++) {
    if (rgb.subarray((line + x) * 3, (line + x) * 3 + 3).every((value) => value > 200)) return x / width;
  }
  return Number.NaN;
}

const RED = [0xaa, 0x22, 0x22];
const GREEN = [0x22, 0x77, 0x22];
const BLUE = [0x22, 0x22, 0xaa];
const CODECS: Readonly<Record<VideoFormat, string>> = { mp4: 'h264', webm: 'vp9', gif: 'gif' };

describe('a video is what was asked for', () => {
  test.each(['mp4', 'webm', 'gif'] as const)('as %s: each frame of the film, once, in its place', async (format) => {
    const frames: number[] = [];
    const stages: string[] = [];
    const made = await film.render(
      { format },
      { onFrames: (drawn) => frames.push(drawn), onStage: (stage) => stages.push(stage) },
    );
    expect(stages).toEqual(['plan', 'render', 'combine', 'upload']);
    expect(frames.at(-1)).toBe(26);
    expect(made.deduplicated).toBe(false);
    expect(made.video.bytes).toBe(made.bytes.byteLength);
    const probed = await probe(made.bytes);
    expect(probed).toMatchObject({ codec: CODECS[format], width: 320, height: 180, frames: 26, audioCodec: null });
    expect(probed.duration).toBeCloseTo(26 / 30, 1);
    if (format !== 'gif') expect(probed.fps).toBeCloseTo(30, 1);
    const pictures = await decodePictures(made.bytes);
    expect(pictures).toHaveLength(26);
    // Each scene counts for itself: what is shown moves one step a frame.
    for (const [frame, local] of [0, 1, 2, 3, 4, 5].map((n) => [n, n] as const)) {
      expect(boxIn(pictures[frame] as Picture)).toBeCloseTo(local / 10, 1);
    }
    for (const [frame, local] of [10, 12, 15, 16, 20, 25].map((n) => [n, n < 16 ? n - 6 : n - 16] as const)) {
      expect(boxIn(pictures[frame] as Picture)).toBeCloseTo(local / 10, 1);
    }
    expectColour(colourAt(pictures[0] as Picture, 0.9, 0.1), RED);
    expectColour(colourAt(pictures[12] as Picture, 0.9, 0.1), GREEN);
    expectColour(colourAt(pictures[25] as Picture, 0.95, 0.95), BLUE);
    // Halfway from red to green.
    expectColour(
      colourAt(pictures[7] as Picture, 0.95, 0.95),
      RED.map((red, i) => red * 0.6 + (GREEN[i] ?? 0) * 0.4),
    );
  });

  test.each([
    ['24', 21],
    ['60', 52],
  ] as const)('at %s frames a second: the same film at the same speed', async (fps, frames) => {
    const made = await film.render({ format: 'mp4', fps });
    expect(await probe(made.bytes)).toMatchObject({ fps: Number(fps), frames });
    const pictures = await decodePictures(made.bytes);
    const at = (seconds: number) => pictures[Math.round(seconds * Number(fps))] as Picture;
    // Between the frames of the film, where the video has more of them.
    for (const frame of [10, 11, 14]) {
      const filmFrame = (Math.round((frame / 30) * Number(fps)) * 30) / Number(fps);
      expect(boxIn(at(frame / 30))).toBeCloseTo((filmFrame - 6) / 10, 1.5);
    }
    expectColour(colourAt(at(15 / 30), 0.02, 0.98), GREEN);
    expectColour(colourAt(at(17 / 30), 0.98, 0.98), BLUE);
  });

  test.each([
    ['mp4', 854, 480, '720p', 1282, 720],
    ['webm', 246, 182, '720p', 974, 720],
    ['gif', 102, 58, 'own', 102, 58],
  ] as const)('as %s of a film of %i × %i pixels at %s: %i × %i', async (format, width, height, resolution, w, h) => {
    const { files, manifest } = oneScene(
      `return <AbsoluteFill style={{ background: '#272' }}>
        <div style={{ position: 'absolute', right: 0, bottom: 0, width: '10%', height: '10%', background: '#22a' }} />
      </AbsoluteFill>;`,
      { frames: 2, width, height },
    );
    const made = await (await rendering.publish(files, manifest)).render({ format, resolution });
    expect(made.video).toMatchObject({ width: w, height: h });
    expect(await probe(made.bytes)).toMatchObject({ width: w, height: h, frames: 2 });
    const [picture] = await decodePictures(made.bytes);
    // To the edges, on all sides.
    for (const [x, y] of [
      [0, 0],
      [0.99, 0],
      [0, 0.99],
    ] as const)
      expectColour(colourAt(picture as Picture, x, y), GREEN);
    expectColour(colourAt(picture as Picture, 0.99, 0.99), BLUE);
  });
});

describe('poster and contact sheet', () => {
  test('show each scene; the poster is the frame that was chosen', async () => {
    const made = await film.render({ format: 'mp4', posterFrame: 12 });
    // Every chunk was rendered for the video without a chosen poster.
    expect(made.chunks.rendered).toBe(0);
    const [poster] = await decodePictures(made.poster);
    const pictures = await decodePictures(made.bytes);
    expect(poster).toMatchObject({ width: 320, height: 180 });
    expect(difference(poster as Picture, pictures[12] as Picture).mean).toBeLessThan(2);
    const [sheet] = await decodePictures(made.sheet);
    expect(sheet).toMatchObject({ width: 2 * 480 + 36, height: 2 * 270 + 36 });
    expectColour(colourAt(sheet as Picture, 0.1, 0.4), RED);
    expectColour(colourAt(sheet as Picture, 0.95, 0.4), GREEN);
    expectColour(colourAt(sheet as Picture, 0.1, 0.9), BLUE);
  });

  test('the last frame of the film is the last of the video, at any rate', () => {
    for (const [frames, fps, rate] of [
      [28, 30, 24],
      [120, 60, 24],
      [5, 24, 60],
      [1, 30, 60],
    ] as const) {
      const durationInFrames = Math.max(1, Math.round((frames * rate) / fps));
      const frame = frameOfVideo(frames - 1, { spec: { fps: rate, durationInFrames }, meta: { fps } });
      expect(frame).toBeLessThan(durationInFrames);
      expect(frame).toBeGreaterThanOrEqual(durationInFrames - Math.ceil(rate / fps));
    }
  });

  test('without a choice, the poster is a frame that shows something', async () => {
    const dark = `return <AbsoluteFill style={{ background: '#000' }} />;`;
    const files = {
      'scenes/dark.tsx': oneScene(dark).files['scenes/one.tsx'] as string,
      'scenes/green.tsx': threeScenes().files['scenes/green.tsx'] as string,
      'shared/label.tsx': threeScenes().files['shared/label.tsx'] as string,
    };
    const scenes = ['dark', 'green'].map((id) => ({ id, durationInFrames: 4 }));
    const made = await (await rendering.publish(files, manifestOf(scenes))).render({ format: 'mp4' });
    const [poster] = await decodePictures(made.poster);
    expectColour(colourAt(poster as Picture, 0.9, 0.1), GREEN);
  });
});

describe('what films may use', () => {
  test.each([
    ['OffthreadVideo', 'mp4', 'preact'],
    ['Html5Video', 'mp4', 'preact'],
    ['Html5Video', 'webm', 'preact'],
    ['Html5Video', 'mp4', 'react'],
  ] as const)('another film, frame by frame: %s of %s %s', async (element, format, engine) => {
    const shown = await film.render({ format, quality: 'high' });
    const { files, manifest } = oneScene(`return <${element} src={staticFile('film.${format}')} />;`, {
      before: `import { ${element}, staticFile } from 'remotion';`,
      frames: 20,
      engine,
    });
    const showing = await rendering.publish({ ...files, [`public/film.${format}`]: shown.bytes }, manifest);
    const pictures = await decodePictures((await showing.render({ format: 'mp4', quality: 'high' })).bytes);
    const wanted = await decodePictures(shown.bytes);
    expect(pictures).toHaveLength(20);
    // A browser decodes blue a little otherwise than ffmpeg; the box of the frame before would be far off.
    for (const [index, picture] of pictures.entries()) {
      expect(similarity(picture, wanted[index] as Picture)).toBeGreaterThan(0.97);
      // In the first scene nothing else is white.
      if (index < 6) expect(boxIn(picture)).toBeCloseTo(index / 10, 1);
    }
  });

  test('React’s own engine, motion, and WebGL by three', async () => {
    const files = {
      'scenes/motion.tsx': `
import { useActionState } from 'react';
import { motion } from 'motion/react';
import { AbsoluteFill, useCurrentFrame } from 'remotion';
export default function Scene() {
  const [shift] = useActionState((state: number) => state, 50);
  return (
    <AbsoluteFill style={{ background: '#272' }}>
      <motion.div style={{ x: useCurrentFrame() * 10, width: 40, height: shift, background: '#fff' }} />
    </AbsoluteFill>
  );
}`,
      'scenes/webgl.tsx': `
import { ThreeCanvas } from '@remotion/three';
import { useCurrentFrame, useVideoConfig } from 'remotion';
export default function Scene() {
  const { width, height } = useVideoConfig();
  return (
    <ThreeCanvas width={width} height={height} style={{ background: '#22a' }} orthographic camera={{ zoom: 100 }}>
      <mesh position={[0, 0, 0]}>
        <planeGeometry args={[1, 1]} />
        <meshBasicMaterial color={useCurrentFrame() < 2 ? '#aa2222' : '#227722'} toneMapped={false} />
      </mesh>
    </ThreeCanvas>
  );
}`,
    };
    const scenes = ['motion', 'webgl'].map((id) => ({ id, durationInFrames: 4 }));
    const made = await (await rendering.publish(files, manifestOf(scenes))).render({ format: 'mp4' });
    const pictures = await decodePictures(made.bytes);
    expectColour(colourAt(pictures[3] as Picture, 50 / 320, 20 / 180), [255, 255, 255]);
    expectColour(colourAt(pictures[3] as Picture, 20 / 320, 20 / 180), GREEN);
    expectColour(colourAt(pictures[4] as Picture, 0.5, 0.5), RED);
    expectColour(colourAt(pictures[7] as Picture, 0.5, 0.5), GREEN);
    expectColour(colourAt(pictures[7] as Picture, 0.05, 0.5), BLUE);
  });
});
