import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../action/contract/hash.ts';
import { chunkKey, metaKey, posterKey, videoKey } from '../../../action/contract/keys.ts';
import type { RenderReport } from '../../../action/contract/reports.ts';
import { ROOT_FOLDER } from '../../../scripts/state.ts';
import { ACCEPT, type ActionWorld, PROJECT, startActionWorld, THREAD } from '../../support/action-world.ts';
import { probe } from '../../support/media.ts';

let world: ActionWorld;
let commit: string;
let artifactHash: string;
beforeAll(async () => {
  world = await startActionWorld();
  commit = world.commit(film(), 1);
  const published = await world.run(world.inputs({ version: '1', commit }));
  expect(published.code).toBe(0);
  artifactHash = published.outputs['artifact-hash'] ?? '';
}, 120_000);
afterAll(() => world?.[Symbol.asyncDispose]());
beforeEach(() => {
  world.services.renderReports.length = 0;
  world.services.answer = ACCEPT;
  for (const name of ['order', 'chunks']) rmSync(join(world.workspace, name), { recursive: true, force: true });
});

/** Two scenes of six frames; the second throws when it is asked to by its manifest. */
function film(): Record<string, string> {
  const scenes = ['one', 'two'].map((id) => ({ id, entry: `scenes/${id}.tsx`, durationInFrames: 6 }));
  const scene = (color: string) =>
    `import { AbsoluteFill, useCurrentFrame } from 'remotion';\nexport default () => <AbsoluteFill style={{ background: '${color}' }}>{useCurrentFrame()}</AbsoluteFill>;\n`;
  return {
    'permaframe.json': JSON.stringify({ title: 'F', kind: 'storyboard', fps: 30, width: 160, height: 90, scenes }),
    'scenes/one.tsx': scene('teal'),
    'scenes/two.tsx': scene('orange'),
  };
}

type Own = Readonly<Record<string, string>>;

const machine = { renderer: ROOT_FOLDER, 'order-folder': 'order', 'chunks-folder': 'chunks' };
const stored = () => {
  const names = ['s3-endpoint', 's3-bucket', 's3-access-key-id', 's3-secret-access-key', 'callback'];
  const all = world.inputs({});
  return Object.fromEntries(names.map((name) => [name, all[name] ?? '']));
};
const about = (own: Own): Record<string, string> => ({
  ...{ thread: THREAD, version: '1', 'artifact-hash': artifactHash, render: 'k57render', video: 'null', format: 'mp4' },
  ...{ 'order-folder': 'order', ...stored(), ...own },
});
const plan = (own: Own = {}) => world.run({ mode: 'plan', ...about(own) }, 'render.js');
const render = (own: Own = {}) => world.run({ mode: 'render', group: '0', ...machine, ...own }, 'render.js');
const attach = (own: Own = {}) =>
  world.run(
    { mode: 'attach', ...about(own), ...machine, commit, 'repository-folder': 'snapshot', ...own },
    'render.js',
  );
const nameOf = (report: RenderReport) => (report.kind === 'renderMoved' ? report.state : report.kind);
const reported = () => world.services.renderReports.map(nameOf);
const last = () => world.services.renderReports.at(-1);

interface OrderFile {
  groups: { key: string; extension: string }[][];
}
const orderFile = () => join(world.workspace, 'order', 'order.json');
const readOrder = (): OrderFile => JSON.parse(readFileSync(orderFile(), 'utf8'));
const chunks = (files: Record<string, string>) => {
  mkdirSync(join(world.workspace, 'chunks'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(world.workspace, 'chunks', name), text);
};

describe('the three jobs', () => {
  it('make a video: planned, rendered in groups, joined, attached; with a report of each step', async () => {
    const planned = await plan();
    expect(planned.log).not.toContain('::error');
    expect(planned.outputs).toMatchObject({
      state: 'planned',
      groups: '[0]',
      began: expect.stringMatching(/^\d{13}$/),
    });
    // Two more jobs have to start.
    const estimatedMilliseconds = expect.closeTo(40_000, -3);
    expect(last()).toMatchObject({ kind: 'rendering', chunks: 2, toRender: 2, estimatedMilliseconds });
    // As for a film that is long enough for two.
    const order = readOrder();
    const groups = (order.groups[0] ?? []).map((chunk) => [chunk]);
    writeFileSync(orderFile(), JSON.stringify({ ...order, groups }));
    for (const group of ['0', '1'])
      expect(await render({ group })).toMatchObject({ log: expect.not.stringContaining('::error'), code: 0 });
    expect(readdirSync(join(world.workspace, 'chunks')).sort()).toEqual(groups.map(([c]) => `${c?.key}.ts`).sort());

    const { began = '', planned: at = '' } = planned.outputs;
    const attached = await attach({ began, planned: at });
    expect(attached.code).toBe(0);
    expect(reported()).toEqual(['claimRender', 'rendering', 'combining', 'uploading', 'rendered']);
    expect(last()).toMatchObject({ render: 'k57render', durationMilliseconds: 400, video: { width: 160, height: 90 } });
    const report = last();
    const { key, bytes } = report?.kind === 'rendered' ? report.video : { key: '', bytes: 0 };
    const video = await world.store.get(videoKey(THREAD, 1, key, 'mp4'));
    expect(video?.byteLength).toBe(bytes);
    expect(await probe(video ?? new Uint8Array())).toMatchObject({ codec: 'h264', frames: 12, width: 160, height: 90 });
    expect(attached.summary).toContain(key);
    const shown = (planned.log + attached.log).replaceAll(/^::add-mask::.*$/gm, '') + attached.summary;
    expect(shown).not.toContain(world.config.secretAccessKey);
  });

  it('find a video that is there, and leave it as it is', async () => {
    const { code, outputs } = await plan();
    expect({ code, outputs }).toEqual({ code: 0, outputs: { state: 'ready' } });
    expect(reported()).toEqual(['claimRender', 'rendered']);
    expect((await attach()).code).toBe(0);
    expect(reported().slice(2)).toEqual(['rendered']);
  });

  it('render nothing that is stored: another poster only joins, and tells nobody when nobody asked', async () => {
    const by = { render: '', callback: '', 'poster-frame': '3' };
    expect((await plan(by)).outputs).toMatchObject({ state: 'planned', groups: '[]' });
    expect(readdirSync(world.workspace)).not.toContain('order');
    const { code, log } = await attach(by);
    expect(log).toContain('is attached');
    expect({ code, reports: reported() }).toEqual({ code: 0, reports: [] });
  });

  it('store no video that was called off while it was joined', async () => {
    world.services.answer = (report) =>
      'render' in report && nameOf(report) === 'uploading' ? { kind: 'refused', reason: 'over' } : ACCEPT();
    const before = await world.store.list(`artifacts/${THREAD}/1/video/`);
    const { code, log } = await attach({ 'poster-frame': '4' });
    expect({ code, reports: reported() }).toEqual({ code: 0, reports: ['combining', 'uploading'] });
    expect(log).toContain('This run stops: it is over already.');
    const added = (await world.store.list(`artifacts/${THREAD}/1/video/`)).filter((key) => !before.includes(key));
    expect(added.filter((key) => key.endsWith('.mp4'))).toEqual([]);
  });

  it('let the video that is stored count, when no report could be delivered', async () => {
    world.services.answer = (report) => (report.kind === 'rendered' ? 400 : ACCEPT());
    const { code, log } = await attach({ 'poster-frame': '4' });
    expect(code).toBe(0);
    expect(log).toContain('::warning title=CONTROL_PLANE_UNAVAILABLE::');
    const keys = await world.store.list(`artifacts/${THREAD}/1/video/`);
    const hash = keys.find((key) => key.endsWith('.mp4'))?.match(/[0-9a-f]{64}/)?.[0] ?? '';
    expect(keys).toContain(posterKey(THREAD, 1, hash));
  });
});

describe('what the jobs that rendered leave', () => {
  const low = { quality: 'low' };
  const firstChunk = async () => {
    expect((await plan(low)).outputs.groups).toBe('[0]');
    const [chunk] = readOrder().groups[0] ?? [];
    return { name: `${chunk?.key}.${chunk?.extension}`, key: chunk?.key ?? '' };
  };

  it('is stored under the keys of the plan, and nothing else of it is', async () => {
    const { name, key } = await firstChunk();
    const foreign = 'f'.repeat(64);
    chunks({ [`${foreign}.ts`]: 'x', 'meta.json': '{}', '..ts': 'x', [name.replace('.ts', '.webm')]: 'x' });
    const before = await world.store.list('');
    const { code } = await attach(low);
    expect(code).toBe(1);
    expect(last()).toMatchObject({ kind: 'renderFailed', code: 'RENDER_FAILED' });
    expect(await world.store.list('')).toEqual(before);
    expect(await world.store.head(chunkKey(PROJECT, key, 'webm'))).toBeNull();
  });

  it.each([
    ['a link', (path: string) => symlinkSync('/etc/passwd', path)],
    ['a folder', (path: string) => mkdirSync(path)],
    ['empty', (path: string) => writeFileSync(path, '')],
  ])('is refused when it is %s in the place of a chunk', async (_, make) => {
    const { name } = await firstChunk();
    chunks({});
    make(join(world.workspace, 'chunks', name));
    const before = await world.store.list('');
    expect((await attach(low)).code).toBe(1);
    expect(last()).toMatchObject({ kind: 'renderFailed', code: 'RENDER_OUTPUT_INVALID' });
    expect(await world.store.list('')).toEqual(before);
  });

  const failure = (own: object) => JSON.stringify({ code: 'RENDER_TIMEOUT', message: 'slow', stack: null, ...own });
  it.each([
    ['a failure', failure({}), 'RENDER_TIMEOUT'],
    ['a code that is not of rendering', failure({ code: 'STORE_DENIED' }), 'RENDER_FAILED'],
    ['a code that does not exist', failure({ code: 'RENDER_EVIL' }), 'RENDER_FAILED'],
    ['more than was agreed on', failure({ diagnostics: [{ file: 'x' }] }), 'RENDER_FAILED'],
    ['no JSON', '{', 'RENDER_FAILED'],
    ['a giant', failure({ message: 'x'.repeat(300_000) }), 'RENDER_FAILED'],
    [
      'a stack that leads nowhere',
      failure({ stack: '    at x (http://localhost:3000/etc/passwd:1:1)' }),
      'RENDER_TIMEOUT',
    ],
  ])('may say what went wrong, in one form: %s', async (_, text, code) => {
    chunks({ 'failure-0.json': text });
    expect((await attach(low)).code).toBe(1);
    expect(reported()).toEqual(['renderFailed']);
    expect(last()).toMatchObject({ code, diagnostics: [] });
  });

  it('can issue no command of the runner', async () => {
    const message = '::error::x%0A::set-output name=url::evil\n::add-mask::a ##[add-mask]x <img src=x>';
    chunks({ 'failure-0.json': failure({ message, stack: message }) });
    const { log, summary, outputs } = await attach(low);
    const commands = log.split('\n').filter((line) => /^\s*::/.test(line));
    for (const line of commands) expect(line).toMatch(/^::(debug|error title=RENDER_TIMEOUT|add-mask)/);
    expect(log).not.toContain('##[');
    expect(summary).not.toContain('<img');
    expect(outputs).toEqual({});
  });

  it('tells most where an author can mend it', async () => {
    chunks({
      'failure-0.json': failure({ code: 'RENDER_FAILED' }),
      'failure-1.json': failure({ code: 'RENDER_ASSET_MISSING', message: 'asset missing: a.png' }),
    });
    await attach(low);
    expect(last()).toMatchObject({ code: 'RENDER_ASSET_MISSING', message: 'asset missing: a.png' });
  });
});

describe('what a job could not load', () => {
  it('is called by its path in the snapshot', async () => {
    const digest = await sha256Hex(film()['scenes/one.tsx'] ?? '');
    const message = `asset missing: http://localhost:3000/artifacts/${THREAD}/1/assets/${digest}.mp3 cannot be played`;
    chunks({ 'failure-0.json': JSON.stringify({ code: 'RENDER_ASSET_MISSING', message, stack: null }) });
    await attach({ quality: 'low' });
    expect(last()).toMatchObject({ message: 'asset missing: scenes/one.tsx cannot be played' });
  });
});

describe('a job that renders', () => {
  it.each([
    ['no renderer', { renderer: '/nonexistent' }, 'RENDER_ENGINE_MISSING'],
    ['a renderer of another version', { renderer: 'other' }, 'RENDER_ENGINE_MISSING'],
    ['no browser', { browser: '/nonexistent' }, 'RENDER_BROWSER_MISSING'],
    ['no such group', { group: '5' }, 'RENDER_FAILED'],
  ])('leaves its reason: %s', async (_, own: Record<string, string>, code) => {
    const other = join(world.workspace, 'other', 'node_modules', '@remotion', 'renderer');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'package.json'), '{"name":"@remotion/renderer","version":"4.0.1","main":"index.js"}');
    writeFileSync(join(other, 'index.js'), '');
    await plan({ quality: 'low' });
    expect((await render(own)).code).toBe(1);
    const left = readFileSync(join(world.workspace, 'chunks', `failure-${own.group ?? 0}.json`), 'utf8');
    expect(JSON.parse(left)).toMatchObject({ code, stack: null });
  });
});

describe('a render that cannot be', () => {
  it.each([
    ['another artifact is published', { 'artifact-hash': '0'.repeat(64) }, 'ARTIFACT_CONFLICT'],
    ['no such version', { version: '9', 'artifact-hash': '' }, 'ARTIFACT_MISSING'],
    ['a poster that the film does not have', { 'poster-frame': '12' }, 'INPUT_INVALID'],
    ['the store refuses the credentials', { 's3-secret-access-key': 'wrong-secret-access-key' }, 'STORE_DENIED'],
    ['a setting is missing', { 's3-bucket': '' }, 'CONFIG_INVALID'],
    ['a format that does not exist', { format: 'avi' }, 'INPUT_INVALID'],
    ['a request that is none', { video: '{"format":"mp4","evil":1}' }, 'INPUT_INVALID'],
  ])('is claimed and failed, with its reason: %s', async (_, own: Record<string, string>, code) => {
    const { code: exit, outputs } = await plan(own);
    expect(exit).toBe(1);
    expect(reported()).toEqual(['claimRender', 'renderFailed']);
    expect(last()).toMatchObject({ code });
    expect(outputs).toEqual({});
  });

  it('is left alone when another run has it: nothing is handed over', async () => {
    world.services.answer = () => ({ kind: 'refused', reason: 'notYours' });
    const { code, outputs, log } = await plan({ quality: 'high' });
    expect({ code, outputs, reports: reported() }).toEqual({ code: 0, outputs: {}, reports: ['claimRender'] });
    expect(log).toContain('::notice title=Nothing to do::This run stops: another run has it.');
    expect(readdirSync(world.workspace)).not.toContain('order');
  });

  it('is of an app: refused before anything else', async () => {
    const app = {
      'permaframe.json': '{"title":"A","kind":"app","entry":"a.tsx"}',
      'a.tsx': 'export default () => <p/>;',
    };
    await world.run(world.inputs({ version: '2', commit: world.commit(app, 2) }));
    const meta = await world.store.get(metaKey(THREAD, 2));
    await plan({ version: '2', 'artifact-hash': await sha256Hex(meta ?? new Uint8Array()) });
    expect(last()).toMatchObject({ kind: 'renderFailed', code: 'VIDEO_NOT_A_FILM' });
  });
});
