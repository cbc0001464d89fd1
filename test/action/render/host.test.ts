import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { colourAt, decodePictures, type Picture } from '../../support/media.ts';
import { type Rendering, startRendering } from '../../support/rendering.ts';
import { oneScene } from '../../support/tiny-films.ts';

let rendering: Rendering;
beforeAll(async () => {
  rendering = await startRendering();
});
afterAll(() => rendering[Symbol.asyncDispose]());

/** Whether it is green, all over. */
function isGreen(picture: Picture): boolean {
  const [red = 0, green = 0, blue = 0] = colourAt(picture, 0.5, 0.5);
  return red < 0x60 && green > 0x90 && blue < 0x60;
}

const GREEN = 'linear-gradient(#0c0, #0c0)';
/** 20 kB, so that it is a file of its own. */
const NOISE = new Uint8Array(20_000).fill(7);
const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180"><rect width="320" height="180" fill="#0c0"/>';
const PICTURE = `${SVG}<!--${' '.repeat(20_000)}--></svg>`;

async function picturesOf(body: string, options: Parameters<typeof oneScene>[1], more = {}, engine = 'preact') {
  const { files, manifest } = oneScene(body, { frames: 6, ...options, engine });
  const film = await rendering.publish({ ...files, ...more }, manifest);
  return decodePictures((await film.render({ format: 'mp4' })).bytes);
}

describe.each(['preact', 'react'])('the page that a film is rendered in, on %s', (engine) => {
  test('shows every scene from its first frame on, whatever was tried before', async () => {
    const body = `
      const seen = useRef(new Set<number>()).current.add(frame);
      const [effects, setEffects] = useState(0);
      useEffect(() => setEffects((count) => count + 1), [frame]);
      const isFirstTime = seen.size === frame + 1 && effects === frame + 1;
      return <AbsoluteFill style={{ background: isFirstTime ? '${GREEN}' : 'red' }} />;`;
    const pictures = await picturesOf(
      body,
      { before: "import { useEffect, useRef, useState } from 'react';" },
      {},
      engine,
    );
    expect(pictures.map(isGreen)).toEqual(Array(6).fill(true));
  });

  test('has run effects and the animation frames that they ask for, and goes at the pace of the screen otherwise', async () => {
    const body = `
      const box = useRef<HTMLDivElement>(null);
      useEffect(() => {
        const element = box.current!;
        const handle = requestAnimationFrame(() => { element.style.background = '${GREEN}'; });
        cancelAnimationFrame(requestAnimationFrame(() => { element.style.outline = '400px solid red'; }));
        return () => cancelAnimationFrame(handle);
      });
      const loops = useRef(0);
      useEffect(() => {
        let handle = 0;
        const loop = () => {
          loops.current += 1;
          handle = requestAnimationFrame(loop);
        };
        loop();
        return () => cancelAnimationFrame(handle);
      }, []);
      if (loops.current > 1000) throw new Error('a loop takes all of the time');
      return <AbsoluteFill ref={box} style={{ background: 'red' }} key={frame} />;`;
    const pictures = await picturesOf(body, { before: "import { useEffect, useRef } from 'react';" }, {}, engine);
    expect(pictures.map(isGreen)).toEqual(Array(6).fill(true));
  });

  test('waits for plain pictures', async () => {
    const body = 'return <img src={picture + "#" + frame} style={{ width: "100%" }} />;';
    const before = "import picture from './picture.svg';";
    const pictures = await picturesOf(body, { before }, { 'scenes/picture.svg': PICTURE }, engine);
    expect(pictures.map(isGreen)).toEqual(Array(6).fill(true));
  });

  test('takes no plain picture that cannot be shown', async () => {
    const before = "import picture from './picture.png';";
    const noise = { 'scenes/picture.png': NOISE };
    await expect(picturesOf('return <img src={picture} />;', { before }, noise, engine)).rejects.toMatchObject({
      code: 'RENDER_ASSET_MISSING',
      message: expect.stringMatching(/^asset missing: \S+\.png cannot be shown$/),
    });
  });

  test('leaves to a scene what it does about a picture that cannot be shown', async () => {
    const body = `
      const [failed, setFailed] = useState(false);
      if (failed) return <AbsoluteFill style={{ background: '${GREEN}' }} />;
      return <img src={picture} onError={() => setFailed(true)} />;`;
    const before = "import { useState } from 'react';\nimport picture from './picture.png';";
    const pictures = await picturesOf(body, { before }, { 'scenes/picture.png': NOISE }, engine);
    expect(pictures.map(isGreen)).toEqual(Array(6).fill(true));
  });
});
