/** Films that are published on a local stack of their own, and a peer of each. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { findFreePort } from '../stack/free-port.ts';
import { type StoreAndEdge, startStoreAndEdge } from '../stack/store-and-edge.ts';
import { ROOT_FOLDER } from '../state.ts';
import { type Command, runCold } from './cold-process.ts';
import type { BenchContext } from './context.ts';
import { listExamples } from './examples.ts';
import { type PeerFilm, writePeerFilm } from './peer-film.ts';

/** A project of one scene: 90 frames of 1280 × 720. */
const CARD_FOLDER = join(ROOT_FOLDER, 'scripts', 'bench', 'card');

export interface BenchFilm {
  name: string;
  /** A copy, free to be changed. */
  folder: string;
  /** Pinned link of its first version. */
  url: string;
  peer: PeerFilm;
}

export interface FilmStack extends AsyncDisposable {
  stack: StoreAndEdge;
  /** Publishes what is in a folder; its pinned link. */
  share(folder: string, thread: string): Promise<string>;
}

const sharedSchema = z.object({ url: z.url() });

export async function startFilmStack(context: BenchContext): Promise<FilmStack> {
  context.progress('video: starting store and edge');
  await using started = new AsyncDisposableStack();
  const stateFolder = join(context.folder, 'stack');
  const stack = started.use(await startStoreAndEdge({ stateFolder, port: await findFreePort() }));
  const owned = started.move();
  return {
    stack,
    async share(folder, thread) {
      const args = ['share', folder, '--thread', thread, '--json'];
      const run = await runCold({ ...permaframe(args), env: storeSettings(stack) }, context);
      return sharedSchema.parse(JSON.parse(run.stdout)).url;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What the command takes to write into the store. */
export function storeSettings({ publicUrl, store }: StoreAndEdge): Record<string, string> {
  return {
    PERMAFRAME_PUBLIC_URL: publicUrl,
    PERMAFRAME_S3_ENDPOINT: store.endpoint,
    PERMAFRAME_S3_BUCKET: store.bucket,
    PERMAFRAME_S3_ACCESS_KEY_ID: store.accessKeyId,
    PERMAFRAME_S3_SECRET_ACCESS_KEY: store.secretAccessKey,
  };
}

/** @param name `card`, or an example's */
export async function makeFilm(name: string, stack: FilmStack, context: BenchContext): Promise<BenchFilm> {
  const source = name === 'card' ? CARD_FOLDER : listExamples().find((example) => example.name === name)?.folder;
  if (source === undefined) throw new Error(`there is no example ${name}`);
  const folder = join(context.folder, name);
  await cp(source, folder, { recursive: true });
  const peer = await writePeerFilm(source, join(context.folder, `peer-${name}`));
  return { name, folder, url: await stack.share(folder, name), peer };
}

export function permaframe(args: readonly string[]): Command {
  const script = join(ROOT_FOLDER, 'scripts', 'permaframe.mjs');
  return { file: process.execPath, args: [script, ...args], cwd: ROOT_FOLDER };
}
