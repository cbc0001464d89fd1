import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { locateInSnapshot } from '../../../action/adapters/esbuild.ts';
import { failureOf } from '../../../action/adapters/remotion-failures.ts';
import type { RenderError } from '../../../action/adapters/render-machine.ts';
import { type ErrorCode, isPermaframeError, PermaframeError } from '../../../action/contract/errors.ts';
import type { RenderVideoTools } from '../../../action/render/render-video.ts';
import { MACHINE, type Rendering, startRendering } from '../../support/rendering.ts';
import type { Files } from '../../support/snapshots.ts';
import { oneScene, type TinyFilm } from '../../support/tiny-films.ts';
import { temporaryFolder } from './sandboxes.ts';

let rendering: Rendering;
beforeAll(async () => {
  rendering = await startRendering();
});
afterAll(() => rendering[Symbol.asyncDispose]());

interface Failed {
  error: PermaframeError;
  /** Frames that were drawn before. */
  drawn: number;
  stored: string[];
}

async function failureOfFilm({ files, manifest }: TinyFilm, tools: Partial<RenderVideoTools> = {}): Promise<Failed> {
  const film = await rendering.publish(files, manifest);
  const before = film.store.created.length;
  let drawn = 0;
  const onFrames = (frames: number): void => {
    drawn = Math.max(drawn, frames);
  };
  try {
    await film.render({ format: 'mp4' }, { onFrames, ...tools });
  } catch (error) {
    if (isPermaframeError(error)) return { error, drawn, stored: film.store.created.slice(before) };
    throw error;
  }
  throw new Error('this renders');
}

/** 20 kB, so that it is a file of its own. */
const NOISE = new Uint8Array(20_000).fill(7);
const showing = (element: string, before: string, more: Files): TinyFilm => {
  const film = oneScene(`return ${element};`, { before });
  return { ...film, files: { ...film.files, ...more } };
};

describe('what cannot be loaded fails before the first frame', () => {
  test.each<[string, TinyFilm, RegExp]>([
    [
      'a font that is none',
      showing('<h1>Text</h1>', "import './font.css';", {
        'scenes/font.css': "@font-face { font-family: Broken; src: url('./font.woff2') } h1 { font-family: Broken }",
        'scenes/font.woff2': NOISE,
      }),
      /^asset missing: the font Broken \(normal\) cannot be loaded$/,
    ],
    [
      'a sound that is none',
      showing('<Audio src={sound} />', "import { Audio } from 'remotion';\nimport sound from './sound.mp3';", {
        'scenes/sound.mp3': NOISE,
      }),
      /^asset missing: \S+\.mp3 cannot be played$/,
    ],
    [
      'a sound that is not there',
      showing('<Audio src="/nowhere.mp3" />', "import { Audio } from 'remotion';", {}),
      /^asset missing: \S+nowhere\.mp3 cannot be played$/,
    ],
    [
      'an image that is none',
      showing(
        '<Img src={picture} maxRetries={0} />',
        "import { Img } from 'remotion';\nimport picture from './picture.png';",
        {
          'scenes/picture.png': NOISE,
        },
      ),
      /\.png/,
    ],
    [
      'an image that is not there',
      showing('<Img src="/nowhere.png" maxRetries={0} />', "import { Img } from 'remotion';", {}),
      /nowhere\.png/,
    ],
  ])('%s', async (_what, film, message) => {
    const { error, drawn, stored } = await failureOfFilm(film);
    expect(error).toMatchObject({ code: 'RENDER_ASSET_MISSING', message: expect.stringMatching(message) });
    expect(drawn).toBe(0);
    expect(stored).toEqual([]);
  });
});

describe('a scene that throws', () => {
  const BOOM = `
export function boom(frame: number): string {
  const inner = () => { throw new Error('not this one'); };
  return frame === 15 ? inner() : '';
}`;

  test('at one frame is found by scene, file and line', async () => {
    const film = oneScene('return <p>{boom(frame)}</p>;', { before: "import { boom } from '../shared/boom';" });
    film.files = { ...film.files, 'shared/boom.ts': BOOM };
    const { error, drawn } = await failureOfFilm(film);
    expect(error).toMatchObject({ code: 'RENDER_SCENE_FAILED', message: 'scene "one": not this one' });
    expect(drawn).toBeGreaterThan(0);
    const { snapshot } = await rendering.publish(film.files, film.manifest);
    const stack = (error as RenderError).browserStack ?? '';
    expect(await locateInSnapshot(snapshot, rendering.runtime, stack)).toMatchObject({
      file: 'shared/boom.ts',
      line: 3,
    });
  });

  test.each([
    ['when its module is loaded', '', "throw new Error('too early');", 'scene "one": too early', 1],
    [
      'in an effect',
      "useEffect(() => { if (frame === 3) throw new Error('afterwards'); });",
      "import { useEffect } from 'react';",
      'scene "one": afterwards',
      5,
    ],
    [
      'later',
      "useEffect(() => { setTimeout(() => { throw new Error('later'); }); }, []);",
      "import { useEffect } from 'react';",
      'later',
      5,
    ],
    [
      'in a promise',
      "useEffect(() => { Promise.reject(new Error('broken promise')); }, []);",
      "import { useEffect } from 'react';",
      'broken promise',
      5,
    ],
  ] as const)('%s', async (_when, body, before, message, line) => {
    const film = oneScene(`${body} return <p>{frame}</p>;`, { before });
    const { error } = await failureOfFilm(film);
    expect(error).toMatchObject({ code: 'RENDER_SCENE_FAILED', message });
    const { snapshot } = await rendering.publish(film.files, film.manifest);
    const stack = (error as RenderError).browserStack ?? '';
    expect(await locateInSnapshot(snapshot, rendering.runtime, stack)).toMatchObject({ file: 'scenes/one.tsx', line });
  });
});

describe('a scene whose own words are those of something else', () => {
  const effect = (body: string) =>
    oneScene(`useEffect(() => { ${body} }, []); return <p>{frame}</p>;`, {
      before: "import { useEffect } from 'react';",
    });

  test.each([
    ['drawing', oneScene("throw new Error('the poll timed out');"), 'scene "one": the poll timed out'],
    ['drawing', oneScene("throw new Error('Failed to load prices');"), 'scene "one": Failed to load prices'],
    ['later', effect("setTimeout(() => { throw new Error('out of memory'); });"), 'out of memory'],
    ['in a promise', effect("Promise.reject(new Error('Could not load: timed out'));"), 'Could not load: timed out'],
  ])('failed by itself: %s', async (_when, film, message) => {
    const { error } = await failureOfFilm(film);
    expect(error).toMatchObject({ code: 'RENDER_SCENE_FAILED', message });
  });

  test('but a fetch that gets nothing is what the browser says it is', async () => {
    const { error } = await failureOfFilm(effect("fetch('https://example.com/prices.json');"));
    expect(error).toMatchObject({ code: 'RENDER_ASSET_MISSING', message: 'Failed to fetch' });
  });
});

describe('what Remotion’s servers cannot get for a scene', () => {
  const offthread = (src: string) =>
    showing(`<OffthreadVideo src={${JSON.stringify(src)}} />`, "import { OffthreadVideo } from 'remotion';", {});
  // Answered outside of any promise, which ended the process without a word.
  const asking = oneScene(
    `useEffect(() => { fetch(\`http://localhost:\${window.remotion_proxyPort}/proxy?time=1\`).catch(() => {}); }, []); return null;`,
    { before: "import { useEffect } from 'react';" },
  );

  test.each<[string, TinyFilm, RegExp]>([
    ['no source', asking, /^Did not pass `src` parameter$/],
    ['a film that is not there', offthread('/nowhere.mp4'), /404 while downloading file \S+nowhere\.mp4/],
    ['another host', offthread('https://example.com/a.mp4'), /^getaddrinfo \S+ example\.com$/],
    ['an address that is none', offthread('http://['), /Invalid URL/],
    ['data that is none', offthread('data:nonsense'), /A data URL was passed/],
  ])('has a reason: %s', async (_what, film, message) => {
    const { error } = await failureOfFilm(film);
    expect(error).toMatchObject({ code: 'RENDER_ASSET_MISSING', message: expect.stringMatching(message) });
  });
});

describe('what takes too much is ended', () => {
  const WAITING = oneScene("useState(() => delayRender('for a letter')); return <p>{frame}</p>;", {
    before: "import { useState } from 'react';\nimport { delayRender } from 'remotion';",
  });

  test('waiting for one frame', async () => {
    // Less than this, Remotion does not take.
    const machine = { ...MACHINE, limits: { frameMilliseconds: 7000 } };
    const { error } = await failureOfFilm(WAITING, { machine });
    expect(error).toMatchObject({ code: 'RENDER_TIMEOUT', message: expect.stringContaining('for a letter') });
  });

  test('an endless loop', async () => {
    const machine = { ...MACHINE, limits: { milliseconds: 6000 } };
    const { error } = await failureOfFilm(oneScene('while (frame === 5); return null;'), { machine });
    expect(error).toMatchObject({ code: 'RENDER_TIMEOUT', message: 'it took longer than 0.1 minutes' });
  });

  test('memory', async () => {
    const hoard =
      'const all = (globalThis.all ??= []); if (frame === 5) for (;;) all.push(new Uint8Array(5e7).fill(1));';
    const machine = { ...MACHINE, limits: { memoryBytes: 1_500_000_000 } };
    const { error } = await failureOfFilm(oneScene(`${hoard} return null;`), { machine });
    expect(error.code).toBe('RENDER_OUT_OF_MEMORY');
  });
});

describe('a machine that lacks something', () => {
  const FILM = oneScene('return <p>{frame}</p>;', { frames: 2 });

  test('has no browser', async () => {
    const machine = { ...MACHINE, browserExecutable: '/usr/bin/no-such-browser' };
    const { error } = await failureOfFilm(FILM, { machine });
    expect(error.code).toBe('RENDER_BROWSER_MISSING');
  });

  test('has a browser that does not start', async () => {
    const { error } = await failureOfFilm(FILM, { machine: { ...MACHINE, browserExecutable: '/usr/bin/false' } });
    expect(error.code).toBe('RENDER_BROWSER_MISSING');
  });

  test.each<[string, string, ErrorCode]>([
    // Where nobody else holds its standard error open, Remotion may miss how it ended.
    ['is killed', 'sleep 5 & kill -9 $$', 'RENDER_OUT_OF_MEMORY'],
    [
      'has too little memory for its libraries',
      `ulimit -v 300000; exec ${MACHINE.browserExecutable} "$@"`,
      'RENDER_OUT_OF_MEMORY',
    ],
    ['says much before it ends', 'echo "Failed to load module x: timed out" >&2; exit 3', 'RENDER_BROWSER_MISSING'],
  ])('has a browser that %s', async (_what, script, code) => {
    const folder = join(rendering.folder, 'bin');
    await mkdir(folder, { recursive: true });
    const browserExecutable = join(folder, 'browser');
    await writeFile(browserExecutable, `#!/bin/sh\n${script}\n`);
    await chmod(browserExecutable, 0o755);
    const { error } = await failureOfFilm(FILM, { machine: { ...MACHINE, browserExecutable } });
    expect(error.code).toBe(code);
  });

  test('has no threads left for its browser', async () => {
    const { error } = await failureOfFilm(FILM, { machine: { ...MACHINE, limits: { processes: 40 } } });
    expect(error.code).toBe('RENDER_OUT_OF_MEMORY');
  });

  test('has no renderer', async () => {
    await using empty = await temporaryFolder();
    const { error } = await failureOfFilm(FILM, { machine: { ...MACHINE, rendererFolder: empty.path } });
    expect(error.code).toBe('RENDER_ENGINE_MISSING');
  });
});

describe('the message of the renderer', () => {
  const AT = '\n    at x (http://localhost:3000/projects/p/scenes/s/0.js:1:2)';
  const withStack = (message: string, stack: string) => Object.assign(new Error(message), { stack });

  test.each<[string, ErrorCode]>([
    ['Page crashed!', 'RENDER_OUT_OF_MEMORY'],
    ['Target closed', 'RENDER_OUT_OF_MEMORY'],
    ['Timeout (1000ms) exceeded rendering the component at frame 3', 'RENDER_TIMEOUT'],
    ['Failed to launch the browser process!', 'RENDER_BROWSER_MISSING'],
    ['Timed out after 25000 ms while trying to connect to the browser! Chrome logged:', 'RENDER_FAILED'],
    ['scene "a": asset missing: x.png cannot be shown', 'RENDER_ASSET_MISSING'],
    ['scene "a": Failed to fetch', 'RENDER_ASSET_MISSING'],
    ['scene "a": Failed to fetch prices', 'RENDER_SCENE_FAILED'],
    ['Received a status code of 404 while downloading file http://localhost:3000/a.mp3', 'RENDER_ASSET_MISSING'],
    ['something else', 'RENDER_FAILED'],
  ])('%j means %s', (message, code) => {
    expect(failureOf(new Error(message))).toEqual({ code, message, stack: null });
  });

  test('is short, and without what only programs read', () => {
    expect(failureOf(new Error(`Error: Error: scene "a": scene "a": no${AT}`)).message).toBe('scene "a": no');
    const answer =
      'Error while downloading http://localhost:3000/a.mp3: 404\nThe response body was:\n---\n/tmp/site/a.mp3\n---';
    expect(failureOf(new Error(answer)).message).toBe('Error while downloading http://localhost:3000/a.mp3: 404');
    const compositor = 'Compositor error: Invalid data\n   0: remotion::errors\n   1: start_thread';
    expect(failureOf(new Error(compositor)).message).toBe('Compositor error: Invalid data');
    expect(failureOf(new Error('x'.repeat(10_000))).message.length).toBeLessThan(1000);
    expect(failureOf('a string')).toEqual({ code: 'RENDER_FAILED', message: 'a string', stack: null });
  });

  test('comes with the frames of the browser alone', () => {
    const stack = `Error: no${AT}\n    at node:internal/process:1:1\n    at y (/home/somebody/secret.js:1:1)`;
    expect(failureOf(withStack('no', stack))).toEqual({
      code: 'RENDER_SCENE_FAILED',
      message: 'no',
      stack: AT.slice(1),
    });
  });

  test('of a handle that was not cleared is no scene’s own, wherever the handle came from', () => {
    const message = `"delayRender()" was called but not cleared.${AT}`;
    const stack = `Error: ${message}\n    at timer (http://localhost:3000/runtime/r.js:1:2)`;
    expect(failureOf(withStack(message, stack)).code).toBe('RENDER_TIMEOUT');
  });

  test('of our own errors is what they say', () => {
    expect(failureOf(new PermaframeError('RENDER_ENGINE_MISSING', 'none here')).code).toBe('RENDER_ENGINE_MISSING');
  });
});
