import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPermaframeError } from '../../../action/contract/errors.ts';
import { decodePictures, decodeSound, type Picture, sineTone } from '../../support/media.ts';
import { type MadeVideo, type Rendering, startRendering } from '../../support/rendering.ts';
import { oneScene, type TinyFilm } from '../../support/tiny-films.ts';

/** Is in a file of this machine and in what a server of this machine answers, and may come out nowhere. */
const CANARY = `canary-${randomUUID()}`;

let rendering: Rendering;
let server: Server;
let requests: string[];
let origin: string;
/** Outside of what the sandbox may read. */
let file: string;
beforeAll(async () => {
  rendering = await startRendering();
  requests = [];
  // A picture all in magenta, a tone, or the canary: whatever is asked for.
  const magenta = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180"><rect width="320" height="180" fill="#f0f"/></svg>',
  );
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.setHeader('access-control-allow-origin', '*');
    if (request.url?.endsWith('.svg')) response.setHeader('content-type', 'image/svg+xml').end(magenta);
    else if (request.url?.endsWith('.wav')) response.setHeader('content-type', 'audio/wav').end(sineTone(2, 440));
    else response.writeHead(500).end(CANARY);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  file = join(rendering.folder, 'canary.txt');
  await writeFile(file, CANARY);
});
afterAll(async () => {
  await rendering[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

interface Outcome {
  made: MadeVideo | null;
  /** All that is said of a failure. */
  said: string;
}

async function render({ files, manifest }: TinyFilm): Promise<Outcome> {
  const film = await rendering.publish(files, manifest);
  try {
    return { made: await film.render({ format: 'mp4' }), said: '' };
  } catch (error) {
    if (!isPermaframeError(error)) throw error;
    return {
      made: null,
      said: `${error.code} ${error.message} ${JSON.stringify(error)} ${error.stack} ${error.cause}`,
    };
  }
}

const ATTEMPTS = `
async function attempt(name: string, work: () => Promise<string>): Promise<string> {
  const late = new Promise<string>((resolve) => setTimeout(() => resolve('silence'), 4000));
  return name + '=' + (await Promise.race([work().then((got) => 'GOT ' + got, () => 'nothing'), late]));
}
const textOf = async (address: string): Promise<string> => {
  const response = await fetch(address);
  const text = await response.text();
  if (!response.ok) throw new Error('refused');
  return text.slice(0, 60);
};
async function all(places: Record<string, string>): Promise<string> {
  return (await Promise.all(Object.entries(places).map(([name, place]) => attempt(name, () => textOf(place))))).join(' ');
}`;

/** Asks for each of the places, and fails with what came of it. */
const telling = (places: Record<string, string>): TinyFilm =>
  oneScene(
    `useEffect(() => {
      const waiting = delayRender('attempts');
      all(${JSON.stringify(places)}).then((told) => cancelRender(new Error('told: ' + told)));
      return () => continueRender(waiting);
    }, []);
    return null;`,
    {
      before: `import { useEffect } from 'react';
import { cancelRender, continueRender, delayRender } from 'remotion';${ATTEMPTS}`,
    },
  );

describe('what a film tries while it is rendered', () => {
  test('would be there', async () => {
    expect(await (await fetch(`${origin}/secret`)).text()).toBe(CANARY);
    expect(await (await fetch(`${origin}/picture.svg`)).text()).toContain('#f0f');
    expect(requests.splice(0)).toHaveLength(2);
  });

  test('by asking the network and the disk from the page gets nothing', async () => {
    const places = {
      metadata: 'http://169.254.169.254/latest/meta-data/',
      loopback: `${origin}/secret`,
      byName: `http://localhost:${new URL(origin).port}/secret`,
      dns: 'https://example.com/',
      file: `file://${file}`,
      passwd: 'file:///etc/passwd',
      above: '/..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd',
      absolute: `/${encodeURIComponent('/etc/passwd')}`,
    };
    const { said } = await render(telling(places));
    const told = /told: ([^\n"]*)/.exec(said)?.[1] ?? said;
    for (const name of Object.keys(places)) expect(told).toMatch(new RegExp(`\\b${name}=(nothing|silence)`));
    expect(said).not.toContain(CANARY);
    expect(said).not.toContain('root:');
    expect(requests).toEqual([]);
  });

  // Its server fetches for scenes that show films; what it cannot fetch may end it, and with it the film's own rendering.
  test.each([
    ['a server of this machine', () => `${origin}/secret`],
    ['the metadata service', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a file, by its address', () => `file://${file}`],
    ['a file, by its path', () => file],
  ])('by asking the renderer for a picture of %s gets nothing', async (_what, source) => {
    const address = `/proxy?src=${encodeURIComponent(source())}&time=0&transparent=false&toneMapped=true`;
    const { said } = await render(telling({ proxy: address }));
    expect(said).toMatch(/^RENDER_FAILED |told: proxy=(nothing|silence)/);
    expect(said).not.toContain(CANARY);
    expect(requests).toEqual([]);
  });

  // A picture that stays there without being one would be an error of its own.
  test('by pictures and frames within the page shows nothing', async () => {
    const film = oneScene(
      `return <AbsoluteFill style={{ background: \`#272 url(${origin}/style.svg)\` }}>
        <img src="${origin}/picture.svg" alt="" onError={({ currentTarget }) => currentTarget.remove()} />
        <iframe src="${origin}/frame.svg" />
        <iframe src="file://${file}" />
        <video src="file://${file}" />
      </AbsoluteFill>;`,
      { frames: 3 },
    );
    const { made } = await render(film);
    const pictures = await decodePictures(made?.bytes ?? new Uint8Array());
    expect(pictures).toHaveLength(3);
    for (const { rgb } of pictures as Picture[]) {
      for (let i = 0; i < rgb.length; i += 3) {
        // No magenta.
        if ((rgb[i] ?? 0) > 200 && (rgb[i + 1] ?? 0) < 60 && (rgb[i + 2] ?? 0) > 200) throw new Error('it was shown');
      }
    }
    expect(requests).toEqual([]);
  });

  // In a frame that is not looked at before: so it is the renderer itself that fetches it, with Node.
  test.each([
    ['a server of this machine', () => `${origin}/tone.wav`],
    ['the metadata service', () => 'http://169.254.169.254/tone.wav'],
    ['a file, by its address', () => `file://${file}`],
    ['a file, by its path', () => '/etc/passwd'],
  ])('by the sound of %s hears nothing', async (_what, source) => {
    const film = oneScene(`return frame === 3 ? <Audio src="${source()}" /> : null;`, {
      before: "import { Audio } from 'remotion';",
    });
    await expectNothing(film);
  });

  test.each([
    ['a server of this machine', () => `${origin}/tone.wav`],
    ['a file, by its path', () => file],
    ['a file, by its address', () => `file://${file}`],
  ])('by telling the renderer itself to fetch %s gets nothing', async (_what, source) => {
    const asset = { type: 'audio', src: source(), id: 'forged', volume: 1, mediaFrame: 0, playbackRate: 1 };
    const rest = { toneFrequency: 1, audioStartFrame: 0, audioStreamIndex: 0 };
    const film = oneScene(
      `useEffect(() => {
        window.remotion_collectAssets = () => [{ ...${JSON.stringify({ ...asset, ...rest })}, frame }];
      });
      return null;`,
      { before: "import { useEffect } from 'react';\nexport const names = 'Audio';" },
    );
    await expectNothing(film);
  });

  async function expectNothing(film: TinyFilm): Promise<void> {
    const { made, said } = await render(film);
    expect(said).not.toContain(CANARY);
    expect(said).not.toContain('root:');
    expect(requests).toEqual([]);
    if (made) expect(Math.max(0, ...(await decodeSound(made.bytes).catch(() => []))) < 0.01).toBe(true);
    else expect(said).toMatch(/^RENDER_ASSET_MISSING/);
  }
});
