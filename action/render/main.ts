/** The composition root of the action that makes videos: reads the environment, puts the parts together, and exits. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findBrowser } from '../adapters/browser.ts';
import { createControlPlane } from '../adapters/control-plane.ts';
import { locateInSnapshot } from '../adapters/esbuild.ts';
import { readCommit } from '../adapters/git.ts';
import { createLog } from '../adapters/log.ts';
import { registerVideo } from '../adapters/remotion-licensing.ts';
import { requireVersion } from '../adapters/remotion-renderer.ts';
import type { RenderMachine } from '../adapters/render-machine.ts';
import { openStoreRuntime } from '../adapters/store-runtime.ts';
import { isPermaframeError, PermaframeError } from '../contract/errors.ts';
import { MAX_RENDER_MILLISECONDS } from '../contract/limits.ts';
import type { FilmMeta } from '../contract/meta.ts';
import type { ObjectStore } from '../core/ports.ts';
import { presentError } from '../present.ts';
import { type AttachTools, runAttach } from './attach-job.ts';
import { conduct, reportUnusable } from './conduct.ts';
import { type AttachInputs, type Inputs, parseAsking, parseInputs, type RenderInputs, secretsOf } from './inputs.ts';
import { runPlan } from './plan-job.ts';
import { presentPlan } from './present.ts';
import { runRender } from './render-job.ts';
import installed from './renderer/package.json' with { type: 'json' };

/** What `scripts/build-action.ts` puts beside this file. */
const HERE = fileURLToPath(new URL('.', import.meta.url));
const RENDER_CHILD = join(HERE, 'remotion-child.js');
const COMPILE_CHILD = join(HERE, 'compile-child.js');
const ESBUILD = join(HERE, 'esbuild');

/** Planning is looking things up and copying them, in milliseconds. */
const PLAN_MILLISECONDS = 4 * 60_000;
/** Rendering has a limit of its own; the rest is fetching and storing, in milliseconds. */
const JOB_MILLISECONDS = MAX_RENDER_MILLISECONDS + 4 * 60_000;
/** More would be limited by memory, not by cores. */
const MAX_BROWSERS = 8;

const { env } = process;
const log = createLog({ hasSummary: (env.GITHUB_STEP_SUMMARY ?? '') !== '' });
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());

try {
  for (const secret of secretsOf(env)) log.mask(secret);
  process.exit(await main());
} catch (error) {
  const known = isPermaframeError(error)
    ? error
    : new PermaframeError('INTERNAL', 'an unexpected error', { cause: error });
  presentError(known, log);
  process.exit(1);
}

async function main(): Promise<0 | 1> {
  let inputs: Inputs;
  let folders: { workspace: string; temporary: string };
  try {
    folders = parseFolders();
    inputs = parseInputs(env);
  } catch (error) {
    // Who asked should not have to wait until somebody notices that the run is gone.
    const asking = parseAsking(env);
    if (asking && isPermaframeError(error)) {
      await reportUnusable(asking.id, createControlPlane(asking.callback), error);
    }
    throw error;
  }
  const workFolder = await mkdtemp(join(folders.temporary, 'permaframe-'));
  try {
    return await runMode(inputs, folders.workspace, workFolder);
  } finally {
    await rm(workFolder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function parseFolders(): { workspace: string; temporary: string } {
  const schema = z.object({ GITHUB_WORKSPACE: z.string().min(1), RUNNER_TEMP: z.string().min(1) });
  const parsed = schema.safeParse(env);
  if (parsed.success) return { workspace: parsed.data.GITHUB_WORKSPACE, temporary: parsed.data.RUNNER_TEMP };
  const names = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new PermaframeError('CONFIG_INVALID', `not in a GitHub run: ${names} must be set`);
}

async function runMode(inputs: Inputs, workspace: string, workFolder: string): Promise<0 | 1> {
  const surroundings = { workspace, log, interrupt: interrupt.signal };
  switch (inputs.mode) {
    case 'plan':
      return conduct(inputs, { ...surroundings, milliseconds: PLAN_MILLISECONDS }, async (job) => {
        const planned = await runPlan(inputs, job);
        presentPlan(planned, log);
        return planned.kind === 'ready' ? planned : null;
      });
    case 'render':
      return render(inputs, workspace, workFolder);
    case 'attach':
      return conduct(inputs, { ...surroundings, milliseconds: JOB_MILLISECONDS }, async (job) => {
        const made = await runAttach(inputs, job, attachTools(inputs, workspace, workFolder, job.tools.store));
        await registerUse(inputs, workspace);
        return made;
      });
  }
}

async function render(inputs: RenderInputs, workspace: string, workFolder: string): Promise<0 | 1> {
  const stop = new AbortController();
  const late = new PermaframeError('RENDER_TIMEOUT', `it took longer than ${JOB_MILLISECONDS / 60_000} minutes`);
  const timer = setTimeout(() => stop.abort(late), JOB_MILLISECONDS);
  const signal = AbortSignal.any([interrupt.signal, stop.signal]);
  const openMachine = () => machineOf(inputs, workspace);
  try {
    await runRender(inputs, { workspace, workFolder, openMachine, say: log.line, signal });
    return 0;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    log.line('The job was cancelled. What was complete by then is kept.');
    return 1;
  } finally {
    clearTimeout(timer);
  }
}

function machineOf({ renderer, browser }: RenderInputs | AttachInputs, workspace: string): RenderMachine {
  requireVersion(resolve(workspace, renderer), installed.dependencies['@remotion/renderer']);
  return {
    childPath: RENDER_CHILD,
    codeFolders: [dirname(RENDER_CHILD)],
    rendererFolder: resolve(workspace, renderer),
    browserExecutable: findBrowser(browser ?? undefined),
    browsers: Math.min(availableParallelism(), MAX_BROWSERS),
  };
}

function attachTools(inputs: AttachInputs, workspace: string, workFolder: string, store: ObjectStore): AttachTools {
  return {
    workFolder,
    openMachine: () => machineOf(inputs, workspace),
    locate: (stack, meta) => unlessUnreadable(() => locate(stack, meta, inputs, workspace, store)),
    readFiles: (meta) => unlessUnreadable(async () => (await readSources(meta, inputs, workspace))?.files ?? null),
  };
}

/** What a failure comes from is told as well as it can be. */
async function unlessUnreadable<T>(read: () => Promise<T | null>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!isPermaframeError(error)) throw error;
    log.line(`Where that is cannot be told: ${error.message}`);
    return null;
  }
}

/** @returns null for another snapshot than the film's: places and names would be anybody's */
async function readSources(meta: FilmMeta, { commit, repositoryFolder }: AttachInputs, workspace: string) {
  if (commit === null) return null;
  const repository = resolve(workspace, repositoryFolder);
  const snapshot = await readCommit({ repository, revision: commit, folder: '' });
  return snapshot.hash === meta.snapshot ? snapshot : null;
}

/** No code of the snapshot runs: it is compiled once more, from git's objects, and read. */
async function locate(stack: string, meta: FilmMeta, inputs: AttachInputs, workspace: string, store: ObjectStore) {
  const snapshot = await readSources(meta, inputs, workspace);
  if (!snapshot) return null;
  const runtime = await openStoreRuntime(store, meta.runtime, interrupt.signal);
  const compiler = { childPath: COMPILE_CHILD, esbuildPath: ESBUILD, signal: interrupt.signal };
  return await locateInSnapshot(snapshot, runtime, stack, compiler);
}

/** The video is made; whatever becomes of this. */
async function registerUse({ licenseKey, renderer }: AttachInputs, workspace: string): Promise<void> {
  if (licenseKey === null) return;
  try {
    await registerVideo(resolve(workspace, renderer), licenseKey);
  } catch {
    const message = 'Remotion could not be told of this video: check PERMAFRAME_REMOTION_LICENSE_KEY.';
    log.annotate({ level: 'warning', title: 'Licence', message });
  }
}
