/** A local stack of its own with the example projects in it, shared by the command as a person would. */
import { join } from 'node:path';
import { z } from 'zod';
import { type Meta, metaSchema } from '../../action/contract/meta.ts';
import { findFreePort } from '../stack/free-port.ts';
import { type StoreAndEdge, startStoreAndEdge } from '../stack/store-and-edge.ts';
import { ROOT_FOLDER } from '../state.ts';
import { runCold } from './cold-process.ts';
import type { BenchContext } from './context.ts';
import { listExamples } from './examples.ts';

export interface SharedExample {
  name: string;
  /** Pinned link. */
  url: string;
  meta: Meta;
}

export interface ExampleStack extends AsyncDisposable {
  stack: StoreAndEdge;
  examples: SharedExample[];
}

const sharedSchema = z.object({ url: z.url() });

export async function startExampleStack(context: BenchContext): Promise<ExampleStack> {
  context.progress('starting store and edge, sharing the examples');
  await using started = new AsyncDisposableStack();
  const stateFolder = join(context.folder, 'stack');
  const stack = started.use(await startStoreAndEdge({ stateFolder, port: await findFreePort() }));
  const examples: SharedExample[] = [];
  for (const { name, folder } of listExamples()) examples.push(await shareExample(name, folder, stack, context));
  const owned = started.move();
  return { stack, examples, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function shareExample(
  name: string,
  folder: string,
  { publicUrl, store }: StoreAndEdge,
  context: BenchContext,
): Promise<SharedExample> {
  const script = join(ROOT_FOLDER, 'scripts', 'permaframe.mjs');
  const env = {
    PERMAFRAME_PUBLIC_URL: publicUrl,
    PERMAFRAME_S3_ENDPOINT: store.endpoint,
    PERMAFRAME_S3_BUCKET: store.bucket,
    PERMAFRAME_S3_ACCESS_KEY_ID: store.accessKeyId,
    PERMAFRAME_S3_SECRET_ACCESS_KEY: store.secretAccessKey,
  };
  const args = [script, 'share', folder, '--thread', name, '--json'];
  const run = await runCold({ file: process.execPath, args, cwd: ROOT_FOLDER, env }, context);
  const { url } = sharedSchema.parse(JSON.parse(run.stdout));
  const mark = await fetch(`${url}/meta.json`, { signal: context.signal });
  if (!mark.ok) throw new Error(`${url}/meta.json answers ${mark.status}`);
  return { name, url, meta: metaSchema.parse(await mark.json()) };
}
