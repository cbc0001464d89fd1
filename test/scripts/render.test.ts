import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { posterKey } from '../../action/contract/keys.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { probe } from '../support/media.ts';
import { descendantsOf, eventually, processesIn } from '../support/processes.ts';
import { makeProjectFolder, type ProjectFolder } from '../support/project-folder.ts';
import { FAILING_SCENE, scene, smallFilm } from '../support/small-film.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let project: ProjectFolder;
/** Temporary folder of every command here; nothing may be left in it. */
let temporary: string;
let url: string;

beforeAll(async () => {
  stack = await startTestStack();
  project = await makeProjectFolder(smallFilm(), 'small');
  temporary = await mkdtemp(join(tmpdir(), 'permaframe-test-'));
  url = (await permaframe('share', project.path)).url;
}, 60_000);
afterAll(async () => {
  await rm(temporary, { recursive: true, force: true });
  await project[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

/** Runs a command as somebody with the store's credentials; its JSON. */
async function permaframe(...args: string[]) {
  return answerOf(await runCommand([...args, '--json'], { ...stack.env, TMPDIR: temporary }));
}

function answerOf({ code, stdout, stderr }: { code: number | null; stdout: string; stderr: string }) {
  expect({ code, output: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, output: '' });
  return JSON.parse(stdout);
}

async function refusalOf(args: string[], env: Record<string, string> = stack.env) {
  const { code, stdout } = await runCommand([...args, '--json'], { ...env, TMPDIR: temporary });
  return { code, error: JSON.parse(stdout).error };
}

async function expectNothingLeft() {
  await eventually('all processes are gone', async () => (await processesIn(temporary)).length === 0);
  expect((await readdir(temporary)).filter((name) => !name.startsWith('node-compile-cache'))).toEqual([]);
}

/** @param place a file, or an address */
async function read(place: string): Promise<Uint8Array> {
  return place.startsWith('http') ? (await fetch(place)).bytes() : await readFile(place);
}

/** Width and height, from the header of the one picture. */
function jpegSize(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset);
  for (let at = 2; at < file.byteLength; at += 2 + view.getUint16(at + 2)) {
    // The frame's own marker: baseline or progressive.
    if ([0xffc0, 0xffc2].includes(view.getUint16(at))) return [view.getUint16(at + 7), view.getUint16(at + 5)];
  }
  return [];
}

describe('permaframe render', () => {
  it('writes a video, its poster and its contact sheet for whoever has nothing but the link', async () => {
    const out = join(project.path, '..', 'from-link');
    const ran = await runCommand(['render', url, '--out', out, '--json'], { TMPDIR: temporary });
    const made = answerOf(ran);
    expect(ran.stderr.match(/mp4: frame 20 of 20/g)).toHaveLength(1);
    expect(Object.keys(made)).toEqual(['url', 'thread', 'version', 'videos', 'timings']);
    expect(made).toMatchObject({ url, thread: 'small', version: 1 });
    expect(made.videos).toHaveLength(1);
    const [{ files, ...video }] = made.videos;
    expect(video).toMatchObject({ format: 'mp4', width: 320, height: 180, deduplicated: false, url: null });
    expect(video.chunks.rendered).toBe(video.chunks.all);
    expect((await readdir(out)).sort()).toEqual(['small-v1-mp4-scenes.jpg', 'small-v1-mp4.jpg', 'small-v1.mp4']);
    expect(await probe(await read(files.video))).toMatchObject({ codec: 'h264', width: 320, height: 180, frames: 20 });
    expect(jpegSize(await read(files.poster))).toEqual([320, 180]);
    // It is nobody's business: the link offers what its owner attached.
    expect(await (await fetch(url)).text()).not.toContain('.mp4');
    await expectNothingLeft();
  }, 60_000);

  it('attaches two formats to the version, and answers at once when they are there', async () => {
    const args = [
      'render',
      `${stack.publicUrl}/p/small/latest`,
      '--video',
      'mp4,gif',
      '--fps',
      '24',
      '--quality',
      'low',
    ];
    const made = await permaframe(...args);
    expect(made.videos.map(({ format, deduplicated }: Video) => [format, deduplicated])).toEqual([
      ['mp4', false],
      ['gif', false],
    ]);
    for (const { url: address, bytes, key, format } of made.videos as Video[]) {
      expect(address).toBe(`${url}/video/${key}.${format}`);
      // The edge may know the thread as it was a few seconds ago.
      await eventually('the page offers it', async () => {
        return (await (await fetch(url)).text()).includes(`${key}.${format}`);
      });
      expect((await (await fetch(address)).arrayBuffer()).byteLength).toBe(bytes);
    }
    // Two thirds of a second at 24 a second.
    expect(await probe(await read(made.videos[0].url))).toMatchObject({ codec: 'h264', frames: 16, fps: 24 });
    expect(await probe(await read(made.videos[1].url))).toMatchObject({ codec: 'gif', frames: 16 });

    const begin = performance.now();
    const again = await permaframe(...args);
    expect(performance.now() - begin).toBeLessThan(made.videos[0].timings.total);
    expect(again.videos).toMatchObject(
      made.videos.map(({ key }: Video) => ({ key, deduplicated: true, chunks: null })),
    );

    // Whoever has the link alone is given what is attached, too.
    const out = join(project.path, '..', 'attached');
    const options = ['--fps', '24', '--quality', 'low', '--out', out, '--json'];
    const fetched = answerOf(await runCommand(['render', url, ...options], { TMPDIR: temporary }));
    expect(fetched.videos[0]).toMatchObject({ key: made.videos[0].key, deduplicated: true });
    expect((await readFile(fetched.videos[0].files.video)).byteLength).toBe(made.videos[0].bytes);
    await expectNothingLeft();
  }, 90_000);

  it('takes the poster from the frame that is asked for, and renders nothing again for another', async () => {
    const args = ['render', url, '--quality', 'low', '--out', join(project.path, '..', 'poster')];
    using store = createObjectStore(stack.config);
    const posters: Buffer[] = [];
    for (const frame of ['3', '15']) {
      const { videos } = await permaframe(...args, '--poster-frame', frame);
      const poster = await readFile(videos[0].files.poster);
      expect(await store.get(posterKey('small', 1, videos[0].key))).toEqual(new Uint8Array(poster));
      expect(videos[0].deduplicated).toBe(false);
      expect(videos[0].chunks.rendered).toBe(frame === '3' ? videos[0].chunks.all : 0);
      posters.push(poster);
    }
    expect(posters[0]?.equals(posters[1] as Buffer)).toBe(false);
  }, 60_000);

  it.each([
    [['--video', 'avi'], '--video "avi" is none of mp4, webm, gif'],
    [['--video', 'mp4,'], '--video "" is none of'],
    [['--quality', 'best'], '--quality "best" is none of low, medium, high'],
    [['--resolution', '8k'], '--resolution "8k" is none of own, 720p, 1080p, 4k'],
    [['--fps', '29.97'], '--fps "29.97" is none of own, 24, 30, 60'],
    [['--poster-frame', '-1'], "Option '--poster-frame' argument is ambiguous"],
    [['--poster-frame', '1.5'], '--poster-frame must be a whole number'],
    [['--codec', 'av1'], "Unknown option '--codec'"],
    [['another'], '"another" is one url too many'],
  ])('refuses %j before it looks at the link', async (args, message) => {
    const { code, error } = await refusalOf(['render', 'http://127.0.0.1:9/p/a/1', ...args]);
    expect({ code, error }).toMatchObject({ code: 1, error: { code: 'USAGE' } });
    expect(error.message).toContain(message);
  });

  it.each([
    ['no address', ['render', 'small'], 'USAGE', 1],
    ['sources that are not there', ['render', 'URL/p/small/1', '--sources', '/no/folder'], 'FOLDER_UNREADABLE', 1],
    ['no such version', ['render', 'URL/p/small/77'], 'ARTIFACT_MISSING', 1],
    ['a frame that the film does not have', ['render', 'URL/p/small/1', '--poster-frame', '20'], 'INPUT_INVALID', 1],
    [
      'a GIF that is too large',
      ['render', 'URL/p/small/1', '--video', 'webm,gif', '--resolution', '1080p'],
      'VIDEO_TOO_LARGE',
      1,
    ],
    ['another deployment', ['render', 'OTHER/p/small/1'], 'USAGE', 1],
  ])('refuses %s before any work', async (_, args, code, exitCode) => {
    const other = stack.publicUrl.replace('127.0.0.1', 'localhost');
    const given = args.map((arg) => arg.replace('URL', stack.publicUrl).replace('OTHER', other));
    const refusal = await refusalOf(given);
    expect(refusal).toMatchObject({ code: exitCode, error: { code } });
    expect(refusal.error.message).not.toContain('INTERNAL');
  });

  it('says what is missing: a folder to write to, a browser, a renderer', async () => {
    const nowhere = await refusalOf(['render', url], {});
    expect(nowhere).toMatchObject({ code: 1, error: { code: 'USAGE' } });
    expect(nowhere.error.message).toContain('--out');
    const blind = await refusalOf(['render', url, '--quality', 'high'], { ...stack.env, CHROME_PATH: '/no/browser' });
    expect(blind).toMatchObject({ code: 2, error: { code: 'RENDER_BROWSER_MISSING' } });
    const bare = await refusalOf(['render', url, '--quality', 'high'], {
      ...stack.env,
      PERMAFRAME_RENDERER: temporary,
    });
    expect(bare).toMatchObject({ code: 2, error: { code: 'RENDER_ENGINE_MISSING' } });
  });

  it('leaves nothing running and nothing lying about when Ctrl-C interrupts it', async () => {
    const child = startCommand(['render', url, '--video', 'webm', '--json'], { ...stack.env, TMPDIR: temporary });
    if (!child.stdout || !child.stderr) throw new Error('the command has no output');
    const printed = text(child.stdout);
    child.stderr.resume();
    const running = await eventually('browsers run', async () => {
      const found = await descendantsOf(child.pid ?? 0);
      return found.some(({ command }) => command.includes('--type=renderer')) && found;
    });
    child.kill('SIGINT');
    await once(child, 'close');
    expect(running.filter(({ pid }) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(child.exitCode).toBe(1);
    expect(JSON.parse(await printed).error).toMatchObject({ code: 'USAGE', message: 'interrupted' });
    await expectNothingLeft();
  }, 60_000);
});

describe('permaframe share --video', () => {
  it('prints the link as soon as the page is live, then renders only what changed', async () => {
    const shared = ['share', project.path, '--video', 'mp4', '--fps', '24', '--quality', 'low'];
    await project.write({ 'scenes/two.tsx': scene('two', '#806020') });
    const child = startCommand(shared, { ...stack.env, TMPDIR: temporary });
    if (!child.stdout || !child.stderr) throw new Error('the command has no output');
    const complaints = text(child.stderr);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      printed += part;
    });
    await eventually('the link is printed', async () => printed.includes('/p/small/2\n'));
    expect((await fetch(`${stack.publicUrl}/p/small/2`)).status).toBe(200);
    expect(printed).not.toContain('.mp4');
    await once(child, 'close');
    expect({ code: child.exitCode, complaints: child.exitCode === 0 ? '' : await complaints }).toMatchObject({
      code: 0,
    });
    const [link, what, video = '', how = ''] = printed.split('\n');
    expect(link).toBe(`${stack.publicUrl}/p/small/2`);
    expect(what).toMatch(/^Version 2: \d+ objects uploaded/);
    expect(video).toMatch(/\/p\/small\/2\/video\/[0-9a-f]{64}\.mp4$/);
    expect(how).toMatch(/^mp4, 320 × 180, .*, \d+ of \d+ pieces rendered\.$/);
    const [rendered = 0, all = 0] = (/(\d+) of (\d+) pieces/.exec(how) ?? []).slice(1).map(Number);
    expect(rendered * 2).toBe(all);
    expect(await probe(await read(video))).toMatchObject({ codec: 'h264', frames: 16 });

    const again = await permaframe(...shared);
    expect(again).toMatchObject({ version: 2, uploaded: 0 });
    expect(again.videos).toMatchObject([{ deduplicated: true, url: video }]);
    await expectNothingLeft();
  }, 90_000);

  it('publishes a film in which a scene throws, and says in which file and line', async () => {
    await using failing = await makeProjectFolder(smallFilm({ 'scenes/two.tsx': FAILING_SCENE }), 'failing');
    const { code, error } = await refusalOf(['share', failing.path, '--video', 'mp4', '--quality', 'low']);
    expect({ code, error }).toMatchObject({ code: 1, error: { code: 'RENDER_SCENE_FAILED' } });
    expect(error.diagnostics).toMatchObject([{ file: 'scenes/two.tsx', line: 6 }]);
    expect(error.message).toContain('scenes/two.tsx:6');
    expect(error.message).toContain('two');
    const link = `${stack.publicUrl}/p/failing/1`;
    expect((await fetch(link)).status).toBe(200);

    const later = await refusalOf(['render', link, '--quality', 'low', '--sources', failing.path]);
    expect(later.error.diagnostics).toMatchObject([{ file: 'scenes/two.tsx', line: 6 }]);
    // What is in the folder by now is something else: a line of it would be any line.
    await failing.write({ 'scenes/two.tsx': `// Another line.\n${FAILING_SCENE}` });
    const sources = ['--sources', failing.path];
    const settings = { ...stack.env, TMPDIR: temporary };
    const { stderr } = await runCommand(['render', link, '--quality', 'low', ...sources], settings);
    expect(stderr).toContain('error RENDER_SCENE_FAILED: scene "two"');
    expect(stderr).not.toContain('two.tsx');
    await expectNothingLeft();
  }, 90_000);

  it('calls a file that cannot be played by its path where it knows the project, and by its name otherwise', async () => {
    const playing = `import { Audio } from 'remotion';
import tone from './tone.mp3';
export default () => <Audio src={tone} />;
`;
    const changes = { 'scenes/two.tsx': playing, 'scenes/tone.mp3': 'no sound '.repeat(2000) };
    await using silent = await makeProjectFolder(smallFilm(changes), 'silent');
    const { error } = await refusalOf(['share', silent.path, '--video', 'mp4', '--quality', 'low']);
    const told = { code: 'RENDER_ASSET_MISSING', message: 'asset missing: scenes/tone.mp3 cannot be played' };
    expect(error).toMatchObject(told);
    const later = await refusalOf(['render', `${stack.publicUrl}/p/silent/1`, '--quality', 'low']);
    expect(later.error.message).toMatch(/^asset missing: [0-9a-f]{64}\.mp3 cannot be played$/);
  }, 90_000);

  it.each([
    [
      'an app',
      {
        'permaframe.json': '{"title":"App","kind":"app","entry":"app.tsx"}',
        'app.tsx': 'export default () => <p>hi</p>;',
      },
      [],
      'VIDEO_NOT_A_FILM',
    ],
    ['a GIF that is too large', {}, ['--resolution', '1080p'], 'VIDEO_TOO_LARGE'],
    ['a poster of a frame that is not there', {}, ['--poster-frame', '20'], 'INPUT_INVALID'],
  ])('does not publish %s for a video that cannot be', async (_, changes, options, code) => {
    await using impossible = await makeProjectFolder(smallFilm(changes), 'impossible');
    const args = ['share', impossible.path, '--thread', 'impossible', '--video', 'mp4,gif', ...options];
    expect(await refusalOf(args)).toMatchObject({ code: 1, error: { code } });
    expect((await fetch(`${stack.publicUrl}/p/impossible/1`)).status).toBe(404);
  });

  it('refuses options of a video that nobody asked for', async () => {
    const { code, error } = await refusalOf(['share', project.path, '--quality', 'high']);
    expect({ code, error }).toMatchObject({ code: 1, error: { code: 'USAGE' } });
    expect(error.message).toContain('--quality takes --video');
  });

  it('makes no video of an app that is published', async () => {
    const changes = { 'permaframe.json': '{"title":"App","kind":"app","entry":"scenes/one.tsx"}' };
    await using app = await makeProjectFolder(
      smallFilm({ ...changes, 'scenes/one.tsx': 'export default () => 1;' }),
      'app',
    );
    const { url: link } = await permaframe('share', app.path);
    expect(await refusalOf(['render', link])).toMatchObject({ code: 1, error: { code: 'VIDEO_NOT_A_FILM' } });
  });
});

interface Video {
  format: string;
  deduplicated: boolean;
  key: string;
  url: string;
  bytes: number;
}
