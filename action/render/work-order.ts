/** What the plan gives to the jobs that render, and what they give back: files, because they share nothing else. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readProduced } from '../adapters/sandbox-output.ts';
import { type ErrorCode, isErrorCode, PermaframeError } from '../contract/errors.ts';
import { sha256Schema } from '../contract/ids.ts';
import { MAX_RENDER_CHUNKS, MAX_VIDEO_BYTES } from '../contract/limits.ts';
import { VIDEO_FORMATS, VIDEO_QUALITIES } from '../contract/video.ts';
import type { ChunkContent } from '../core/render/attach.ts';
import type { Chunk } from '../core/render/chunks.ts';
import { MAX_RENDER_JOBS } from '../core/render/spread.ts';

/** Largest failure that is read, in bytes, and the longest texts that are taken from it, in characters. */
const MAX_FAILURE_BYTES = 200_000;
const MAX_MESSAGE = 1000;
const MAX_STACK = 20_000;

const chunkSchema = z.strictObject({
  key: sha256Schema,
  extension: z.enum(['ts', 'webm', 'mkv']),
  scene: z.string(),
  first: z.int().min(0),
  last: z.int().min(0),
  mayBeHeard: z.boolean(),
}) satisfies z.ZodType<Chunk>;

const orderSchema = z.strictObject({
  /** Of the film, in pixels. */
  width: z.int(),
  height: z.int(),
  usesWebGl: z.boolean(),
  spec: z.strictObject({
    format: z.enum(VIDEO_FORMATS),
    quality: z.enum(VIDEO_QUALITIES),
    width: z.int(),
    height: z.int(),
    scale: z.number(),
    fps: z.number(),
    durationInFrames: z.int(),
    posterFrame: z.int().nullable(),
  }),
  /** One for each job. */
  groups: z.array(z.array(chunkSchema).min(1).max(MAX_RENDER_CHUNKS)).max(MAX_RENDER_JOBS),
});
export type WorkOrder = z.output<typeof orderSchema>;

/** The page to render, and what it loads: see prepare.ts. */
export function siteFolder(orderFolder: string): string {
  return join(orderFolder, 'site');
}

export async function writeOrder(order: WorkOrder, orderFolder: string): Promise<void> {
  await mkdir(orderFolder, { recursive: true });
  await writeFile(join(orderFolder, 'order.json'), JSON.stringify(orderSchema.parse(order)));
}

/** @throws PermaframeError RENDER_FAILED when the plan left none */
export async function readOrder(orderFolder: string): Promise<WorkOrder> {
  try {
    return orderSchema.parse(JSON.parse(await readFile(join(orderFolder, 'order.json'), 'utf8')));
  } catch (cause) {
    throw new PermaframeError('RENDER_FAILED', 'what the plan left for this job cannot be read', { cause });
  }
}

/** Names that begin with a dot are not carried on: a chunk is there as a whole or not at all, the sound first. */
export async function writeChunk({ chunk, video, audio }: ChunkContent, chunksFolder: string): Promise<void> {
  if (audio) await writeWhole(audio, chunksFolder, `${chunk.key}.wav`);
  await writeWhole(video, chunksFolder, `${chunk.key}.${chunk.extension}`);
}

async function writeWhole(content: Uint8Array, folder: string, name: string): Promise<void> {
  await writeFile(join(folder, `.${name}`), content);
  await rename(join(folder, `.${name}`), join(folder, name));
}

/**
 * A chunk as another job left it: hostile.
 * @returns null when it did not
 * @throws PermaframeError RENDER_OUTPUT_INVALID when it is anything but a plain file of a bearable size
 */
export async function readChunk(
  chunk: Chunk,
  chunksFolder: string,
  names: ReadonlySet<string>,
): Promise<ChunkContent | null> {
  const [video, audio] = [`${chunk.key}.${chunk.extension}`, `${chunk.key}.wav`];
  if (!names.has(video)) return null;
  return {
    chunk,
    video: await readProduced(chunksFolder, video, MAX_VIDEO_BYTES),
    audio: names.has(audio) ? await readProduced(chunksFolder, audio, MAX_VIDEO_BYTES) : null,
  };
}

/** Only what rendering may say: with another code, a film could blame whatever it likes. */
function isRenderCode(code: string): code is ErrorCode {
  return isErrorCode(code) && /^(RENDER|VIDEO)_/.test(code);
}

const failureSchema = z.strictObject({
  code: z.string().refine(isRenderCode, 'must be a code of rendering'),
  message: z.string().transform((text) => text.slice(0, MAX_MESSAGE)),
  /** Of the browser, where a scene threw. */
  stack: z
    .string()
    .transform((text) => text.slice(0, MAX_STACK))
    .nullable(),
});
export type JobFailure = z.output<typeof failureSchema>;

export async function writeFailure(
  error: PermaframeError & { browserStack?: string | null },
  chunksFolder: string,
  group: number,
): Promise<void> {
  const { code, message, browserStack = null } = error;
  const told = isRenderCode(code) ? { code, message } : { code: 'RENDER_FAILED', message: `${code}: ${message}` };
  const failure = { ...told, stack: browserStack?.slice(0, MAX_STACK) ?? null };
  await writeWhole(Buffer.from(JSON.stringify(failure)), chunksFolder, failureName(group));
}

/** What the jobs said; whatever is no failure in our form counts as nothing. By the number of the group. */
export async function readFailures(chunksFolder: string, names: ReadonlySet<string>): Promise<JobFailure[]> {
  const failures: JobFailure[] = [];
  for (let group = 0; group < MAX_RENDER_JOBS; group++) {
    if (!names.has(failureName(group))) continue;
    try {
      const content = await readProduced(chunksFolder, failureName(group), MAX_FAILURE_BYTES);
      failures.push(failureSchema.parse(JSON.parse(content.toString('utf8'))));
    } catch {
      // Then nothing is known of it.
    }
  }
  return failures;
}

function failureName(group: number): string {
  return `failure-${group}.json`;
}
