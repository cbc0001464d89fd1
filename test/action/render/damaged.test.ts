import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chunkKey } from '../../../action/contract/keys.ts';
import { runTool } from '../../../scripts/bench/probe.ts';
import { ROOT_FOLDER } from '../../../scripts/state.ts';
import { type ActionWorld, PROJECT, startActionWorld, THREAD } from '../../support/action-world.ts';
import { toneFilm } from '../../support/tiny-films.ts';

/** Frames of the two scenes; each is a chunk. */
const LENGTHS = [6, 8] as const;

let world: ActionWorld;
/** What the job that renders left: the bytes by their names. */
const rendered = new Map<string, Buffer>();
/** Keys of the two chunks. */
let keys: [string, string];
beforeAll(async () => {
  world = await startActionWorld();
  const { files, manifest } = toneFilm(30, LENGTHS);
  const text = { ...files, 'permaframe.json': JSON.stringify(manifest) } as Record<string, string>;
  const published = await world.run(world.inputs({ version: '1', commit: world.commit(text, 1) }));
  expect(published.code).toBe(0);
  expect((await plan()).outputs.groups).toBe('[0]');
  const order: { groups: { key: string }[][] } = JSON.parse(readFileSync(join(folder('order'), 'order.json'), 'utf8'));
  keys = (order.groups[0] ?? []).map(({ key }) => key) as [string, string];
  expect((await render()).code).toBe(0);
  for (const name of readdirSync(folder('chunks'))) rendered.set(name, readFileSync(join(folder('chunks'), name)));
}, 180_000);
afterAll(() => world?.[Symbol.asyncDispose]());
beforeEach(() => {
  world.services.renderReports.length = 0;
  for (const name of ['order', 'chunks']) rmSync(folder(name), { recursive: true, force: true });
});

const folder = (name: string) => join(world.workspace, name);
const machine = { renderer: ROOT_FOLDER, 'order-folder': 'order', 'chunks-folder': 'chunks' };
const about = (own: Readonly<Record<string, string>>) => {
  const names = ['s3-endpoint', 's3-bucket', 's3-access-key-id', 's3-secret-access-key', 'callback'];
  const all = world.inputs({});
  const store = Object.fromEntries(names.map((name) => [name, all[name] ?? '']));
  return {
    ...{ thread: THREAD, version: '1', 'artifact-hash': '', render: 'k57render', video: 'null', format: 'mp4' },
    ...{ 'order-folder': 'order', ...store, ...own },
  };
};
const plan = (own = {}) => world.run({ mode: 'plan', ...about(own) }, 'render.js');
const render = () => world.run({ mode: 'render', group: '0', ...machine }, 'render.js');
const attach = (own = {}) =>
  world.run({ mode: 'attach', ...about(own), ...machine, commit: '', 'repository-folder': 'snapshot' }, 'render.js');
const last = () => world.services.renderReports.at(-1);
const original = (name: string): Buffer => rendered.get(name) ?? Buffer.alloc(0);

/** Leaves what was rendered, but for some of it. */
function leave(others: Readonly<Record<string, Uint8Array>>): void {
  mkdirSync(folder('chunks'), { recursive: true });
  for (const [name, content] of [...rendered, ...Object.entries(others)]) {
    writeFileSync(join(folder('chunks'), name), content);
  }
}

async function smaller(video: Uint8Array): Promise<Buffer> {
  writeFileSync(join(world.workspace, 'in.ts'), video);
  const out = join(world.workspace, 'out.ts');
  await runTool('ffmpeg', ['-i', join(world.workspace, 'in.ts'), '-s', '160x90', '-c:v', 'libx264', '-y', out]);
  return readFileSync(out);
}

const half = (content: Uint8Array): Uint8Array => content.subarray(0, Math.round(content.length / 2));

type Change = (first: string, second: string) => Promise<Record<string, Uint8Array>> | Record<string, Uint8Array>;
const DAMAGES: [string, Change, RegExp][] = [
  ['cut off', (a) => ({ [`${a}.ts`]: half(original(`${a}.ts`)) }), /number of frames is \d, not 6|no decoder takes it/],
  ['of another size', async (a) => ({ [`${a}.ts`]: await smaller(original(`${a}.ts`)) }), /the width is 160, not 320$/],
  ['too long', (a, b) => ({ [`${a}.ts`]: original(`${b}.ts`) }), /the number of frames is 8, not 6$/],
  ['a text', (a) => ({ [`${a}.ts`]: Buffer.from('#EXTM3U\nfile:///etc/passwd\n') }), /no decoder takes it: .+/],
  ['a sound', (a) => ({ [`${a}.ts`]: original(`${a}.wav`) }), /no decoder takes it|the codec is/],
  [
    'heard for too long',
    (a, b) => ({ [`${a}.wav`]: original(`${b}.wav`) }),
    /samples of the sound is 12800, not 9600$/,
  ],
  ['heard in part', (a) => ({ [`${a}.wav`]: half(original(`${a}.wav`)) }), /samples of the sound is \d+, not 9600$/],
  ['a film, where it should be heard', (a) => ({ [`${a}.wav`]: original(`${a}.ts`) }), /no decoder takes it/],
];

describe('a chunk that came damaged', () => {
  it.each(DAMAGES)('is not stored, and its frames are named: %s', async (_, change, problem) => {
    leave(await change(...keys));
    const { code } = await attach();
    expect(code).toBe(1);
    const message = expect.stringMatching(new RegExp(`^frames 0 to 5 came damaged: .*(${problem.source})`));
    expect(last()).toMatchObject({ kind: 'renderFailed', code: 'RENDER_OUTPUT_INVALID', message });
    expect(await world.store.head(chunkKey(PROJECT, keys[0], 'ts'))).toBeNull();
    expect(await world.store.head(chunkKey(PROJECT, keys[0], 'wav'))).toBeNull();
    // The others are kept.
    const kept = await world.store.get(chunkKey(PROJECT, keys[1], 'ts'));
    expect(original(`${keys[1]}.ts`).equals(kept ?? new Uint8Array())).toBe(true);
  });

  it('is all that Retry renders', async () => {
    await plan();
    expect(last()).toMatchObject({ kind: 'rendering', chunks: 2, toRender: 1 });
    expect((await render()).code).toBe(0);
    expect(readdirSync(folder('chunks')).sort()).toEqual([`${keys[0]}.ts`, `${keys[0]}.wav`]);
    expect((await attach()).code).toBe(0);
    expect(last()).toMatchObject({ kind: 'rendered' });
  });
});

describe('chunks that are whole', () => {
  it.each(['webm', 'gif'])('are taken of every format: %s', async (format) => {
    expect((await plan({ format })).outputs.groups).toBe('[0]');
    expect((await render()).code).toBe(0);
    expect(await attach({ format })).toMatchObject({ log: expect.not.stringContaining('::error'), code: 0 });
    expect(last()).toMatchObject({ kind: 'rendered', video: { format } });
  });
});
