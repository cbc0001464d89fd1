/// <reference types="vite/client" />
/** A deployment of convex/ in process. The actions of convex/node are replaced by a record of what was started. */

import { internalActionGeneric } from 'convex/server';
import { ConvexError, v } from 'convex/values';
import { convexTest, type TestConvex } from 'convex-test';
import { expect, vi } from 'vitest';
import { sha256Hex } from '../../action/contract/hash.ts';
import type { RenderReport, Report } from '../../action/contract/reports.ts';
import { api, internal } from '../../convex/_generated/api.js';
import type { Id } from '../../convex/_generated/dataModel.js';
import type { Refusal } from '../../convex/model/refusal.ts';
import schema from '../../convex/schema.ts';

export const modules = import.meta.glob(['../../convex/**/*.{ts,js}', '!**/*.d.ts', '!**/tsconfig.json']);

export const PUBLIC_URL = 'https://share.example.com';
export const LINK_SECRET = 'a1'.repeat(32);

export const ENVIRONMENT = {
  CONVEX_SITE_URL: 'https://control.example.com',
  PERMAFRAME_PUBLIC_URL: PUBLIC_URL,
  PERMAFRAME_REPOSITORY: 'acme/films',
  PERMAFRAME_REPOSITORY_ID: '4711',
  PERMAFRAME_REPOSITORY_OWNER_ID: '42',
  PERMAFRAME_WORKFLOW_REF: 'acme/films/.github/workflows/publish.yml@refs/heads/main',
  PERMAFRAME_GITHUB_WEBHOOK_SECRET: 'a secret of the webhook',
  PERMAFRAME_LINK_KEY: JSON.stringify({ id: 'k1', secret: LINK_SECRET }),
};

/** An action of convex/node that was started: `dispatch`, `inspect`, `cancel`, `status`, `control`, `dispatchRender`, … */
export interface Started {
  action: string;
  id: string;
}

export type Deployment = ReturnType<typeof deploy>;

/** Fakes the clock too: `vi.useRealTimers()` gives it back. */
export function deploy() {
  // Promises stay real: only timers and the date wait for us.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: new Date('2026-11-21T12:00:00Z') });
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
  const started: Started[] = [];
  const t: TestConvex<typeof schema> = convexTest({
    schema,
    modules: { ...modules, ...recorders(started) },
    transactionLimits: true,
  });
  const person = (name: string) =>
    t.withIdentity({
      subject: name,
      issuer: 'https://people',
      name,
      email: `${name}@example.com`,
      emailVerified: true,
    });
  return {
    t,
    started,
    person,
    /** Lets scheduled functions that are due run. */
    async flush(): Promise<void> {
      await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(0));
    },
    /** Lets time pass, and the sweep run as the cron would. */
    async pass(milliseconds: number): Promise<void> {
      vi.setSystemTime(Date.now() + milliseconds);
      await t.mutation(internal.sweep.run, {});
      await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(1));
    },
    /** What was started since the last call. */
    async newlyStarted(): Promise<string[]> {
      await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(1));
      return started.splice(0).map(({ action }) => action);
    },
  };
}

function recorders(started: Started[]): Record<string, () => Promise<unknown>> {
  const record = (action: string) =>
    internalActionGeneric({
      args: { publish: v.optional(v.string()), render: v.optional(v.string()), thread: v.optional(v.string()) },
      handler: async (_ctx, { publish, render, thread }) => {
        started.push({ action, id: publish ?? render ?? thread ?? '' });
        return null;
      },
    });
  const names = { dispatch: 'run', inspect: 'run', cancel: 'run', status: 'run', control: 'write' };
  const files = Object.entries(names).map(([file, name]) => [file, { [name]: record(file) }] as const);
  const renders = {
    dispatch: record('dispatchRender'),
    inspect: record('inspectRender'),
    cancel: record('cancelRender'),
  };
  return Object.fromEntries(
    [...files, ['renders', renders] as const].map(([file, module]) => [
      `../../convex/node/${file}.ts`,
      async () => module,
    ]),
  );
}

export type Person = ReturnType<Deployment['person']>;

export const FILES = [
  { path: 'permaframe.json', text: '{"title":"Film","kind":"app","entry":"app.tsx"}' },
  { path: 'app.tsx', text: 'export default function App() { return null; }' },
];

/** A film of two scenes: 640 × 360, 30 frames a second, 75 frames. */
export const STORYBOARD = [
  {
    path: 'permaframe.json',
    text: JSON.stringify({
      ...{ title: 'Film', kind: 'storyboard', fps: 30, width: 640, height: 360 },
      scenes: [
        {
          ...{ id: 'one', entry: 'one.tsx', durationInFrames: 45 },
          transition: { type: 'fade', durationInFrames: 15 },
        },
        { id: 'two', entry: 'one.tsx', durationInFrames: 45 },
      ],
    }),
  },
  { path: 'one.tsx', text: 'export default function One() { return null; }' },
];

/** A project with a thread and `versions` saved versions, owned by that person. */
export async function makeThread(person: Person, name = 'film', versions = 1, files = FILES): Promise<void> {
  await person.mutation(api.projects.create, { project: `${name}-project`, title: 'A project' });
  await person.mutation(api.threads.create, { project: `${name}-project`, thread: name, title: 'A thread' });
  for (let base = 0; base < versions; base++) await saveVersion(person, name, base, files);
}

export async function saveVersion(person: Person, thread: string, base: number, content = FILES): Promise<void> {
  const files = [...content, { path: 'version.ts', text: `export const version = ${base + 1};` }];
  await person.mutation(api.versions.save, { thread, base, files });
}

export async function requestPublish(person: Person, thread = 'film', version = 1): Promise<Id<'publishes'>> {
  const { publish } = await person.mutation(api.publishes.request, { thread, version });
  return publish as Id<'publishes'>;
}

/** What may be asked of a video. */
export type VideoInput = (typeof api.renders.request)['_args']['video'];

/** Asks for a video of version 1, which must be published. */
export async function requestRender(
  person: Person,
  video: VideoInput = { format: 'mp4' },
  thread = 'film',
  version = 1,
): Promise<Id<'renders'>> {
  return (await person.mutation(api.renders.request, { thread, version, video })).render;
}

export function runOf(id = '1001', attempt = 1) {
  return { id, attempt, url: `https://github.com/acme/films/actions/runs/${id}/attempts/${attempt}` };
}

export const HASH = 'ab'.repeat(32);

export function publishedReport(publish: string): Extract<Report, { kind: 'published' }> {
  return {
    kind: 'published',
    publish,
    artifactHash: HASH,
    deduplicated: false,
    files: 4,
    bytes: 1000,
    javascriptBytes: 500,
    uploaded: 4,
    skipped: 0,
    uploadedBytes: 1000,
    timings: { total: 900 },
    warnings: [],
  };
}

export function receive({ t }: Deployment, report: Report, run = runOf()) {
  return t.mutation(internal.reports.receive, { report, run });
}

/** Takes a publish from the request to its end, as dispatch and run would. */
export async function publish(
  deployment: Deployment,
  id: Id<'publishes'>,
  run = runOf(),
  artifactHash = HASH,
): Promise<void> {
  await deployment.t.mutation(internal.dispatching.sent, { publish: id });
  await receive(deployment, { kind: 'claim', publish: id }, run);
  expect(await receive(deployment, { ...publishedReport(id), artifactHash }, run)).toEqual({ kind: 'accepted' });
}

export function receiveRender({ t }: Deployment, report: RenderReport, run = runOf('2001')) {
  return t.mutation(internal.reports.receiveRender, { report, run });
}

/** What a run reports of a render once its video is stored. */
export async function renderedReport({ t }: Deployment, render: Id<'renders'>, bytes = 5000) {
  const row = await t.run((ctx) => ctx.db.get('renders', render));
  if (!row?.spec || row.key === undefined) throw new Error('there is nothing to render');
  const { format, width, height } = row.spec;
  const report: Extract<RenderReport, { kind: 'rendered' }> = {
    ...{ kind: 'rendered', render, video: { key: row.key, format, width, height, bytes } },
    ...{ durationMilliseconds: 2500, timings: { plan: 100, render: 900, combine: 50, upload: 40, total: 1100 } },
  };
  return report;
}

/** Takes a render from the request to its end, as dispatch and run would. */
export async function makeVideo(deployment: Deployment, render: Id<'renders'>, run = runOf('2001')): Promise<void> {
  await deployment.t.mutation(internal.rendering.sent, { render });
  await receiveRender(deployment, { kind: 'claimRender', render }, run);
  expect(await receiveRender(deployment, await renderedReport(deployment, render), run)).toEqual({ kind: 'accepted' });
}

/** A deployment with a film of Ada's, whose versions from 1 on are published. */
export async function publishFilm(versions = 1) {
  const deployment = deploy();
  const ada = deployment.person('ada');
  await makeThread(ada, 'film', versions, STORYBOARD);
  for (let version = 1; version <= versions; version++) {
    const hash = version === 1 ? HASH : String(version).padStart(64, '0');
    await publish(deployment, await requestPublish(ada, 'film', version), runOf(String(1000 + version)), hash);
  }
  const { t } = deployment;
  const control = await t.run((ctx) => ctx.db.query('threadControls').first());
  if (control) await t.mutation(internal.controls.written, { thread: control.thread, revision: control.revision });
  await deployment.newlyStarted();
  return { deployment, ada };
}

/** Everything in the database, for "nothing has changed". */
export function everything({ t }: Deployment): Promise<unknown> {
  return t.run(async (ctx) => {
    const tables = Object.keys(schema.tables) as (keyof typeof schema.tables)[];
    return Promise.all(tables.map(async (table) => [table, await ctx.db.query(table).collect()]));
  });
}

/** The refusal that a call ends with; any other error, and success, fail the test. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ConvexError) return error.data as Refusal;
    throw error;
  }
  throw new Error('the call was not refused');
}

export async function codeOf(call: Promise<unknown>): Promise<string> {
  return (await refusalOf(call)).code;
}

/** Stores bytes as the upload URL would. */
export async function upload(
  { t }: Deployment,
  bytes: Uint8Array,
): Promise<{ storage: Id<'_storage'>; sha256: string }> {
  const blob = new Blob([new Uint8Array(bytes)]);
  return { storage: await t.run((ctx) => ctx.storage.store(blob)), sha256: await sha256Hex(bytes) };
}

export type Files = ({ path: string; text: string } | { path: string; sha256: string })[];

/** A deployment with an empty thread of Ada's, and how she saves into it. */
export async function beginFilm() {
  const deployment = deploy();
  const ada = deployment.person('ada');
  await makeThread(ada, 'film', 0);
  const save = (files: Files, base = 0) => ada.mutation(api.versions.save, { thread: 'film', base, files });
  return { deployment, ada, save };
}
