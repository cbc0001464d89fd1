/** Takes over chunks that other jobs rendered, and looks into them, in the sandbox, before anybody relies on them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobMessage } from '../adapters/remotion-job.ts';
import { type RenderMachine, runJob } from '../adapters/render-machine.ts';
import { isPermaframeError } from '../contract/errors.ts';
import type { VideoSpec } from '../contract/video.ts';
import { eachOf } from '../core/each-of.ts';
import type { ChunkContent } from '../core/render/attach.ts';
import { compareChunk } from '../core/render/chunk-probe.ts';
import type { Chunk } from '../core/render/chunks.ts';
import { readChunk } from './work-order.ts';

/** Chunks that are copied at a time: each is in memory. */
const CONCURRENCY = 4;
/** Longest description of what is wrong with a chunk, in characters. */
const MAX_PROBLEM = 300;

/** A chunk that came; `problem` says why it is none after all. */
export type CameChunk<Planned extends Chunk> =
  | { chunk: Planned; problem: null; read(): Promise<ChunkContent> }
  | { chunk: Planned; problem: string };

export interface CheckTools {
  /** An empty folder, or none yet. */
  folder: string;
  openMachine(): RenderMachine;
  signal?: AbortSignal;
}

/**
 * Once for all chunks: what starts takes longer than what is done.
 * @param cameFolder what the jobs left; `names` what is in it
 * @returns those of the chunks that came, in their order
 * @throws PermaframeError RENDER_… when nothing can be looked into here; the signal's reason
 */
export async function checkChunks<Planned extends Chunk>(
  chunks: readonly Planned[],
  { cameFolder, names, spec }: { cameFolder: string; names: ReadonlySet<string>; spec: VideoSpec },
  tools: CheckTools,
): Promise<CameChunk<Planned>[]> {
  const copies = await copyChunks(chunks, cameFolder, names, copiesFolder(tools.folder));
  const whole = copies.filter((copy) => copy.problem === null);
  const problems = whole.length === 0 ? null : await lookInto(whole, spec, tools);
  return copies.map(({ chunk, problem, ...files }) => {
    const found = problem ?? problems?.get(chunk.key) ?? null;
    if (found !== null) return { chunk, problem: found.slice(0, MAX_PROBLEM) };
    return { chunk, problem: null, read: () => readCopy(chunk, files) };
  });
}

function copiesFolder(folder: string): string {
  return join(folder, 'came');
}

interface Copy<Planned> {
  chunk: Planned;
  /** Of our own files, which nobody else writes to. */
  video: string;
  audio: string | null;
  problem: string | null;
}

async function copyChunks<Planned extends Chunk>(
  chunks: readonly Planned[],
  cameFolder: string,
  names: ReadonlySet<string>,
  folder: string,
): Promise<Copy<Planned>[]> {
  await mkdir(folder, { recursive: true });
  const copies = await eachOf(chunks, CONCURRENCY, (chunk) => copyChunk(chunk, cameFolder, names, folder));
  return copies.filter((copy) => copy !== null);
}

/** @returns null when it did not come */
async function copyChunk<Planned extends Chunk>(
  chunk: Planned,
  cameFolder: string,
  names: ReadonlySet<string>,
  folder: string,
): Promise<Copy<Planned> | null> {
  const video = join(folder, `${chunk.key}.${chunk.extension}`);
  try {
    const content = await readChunk(chunk, cameFolder, names);
    if (!content) return null;
    await writeFile(video, content.video);
    if (!content.audio) return { chunk, video, audio: null, problem: null };
    const audio = join(folder, `${chunk.key}.wav`);
    await writeFile(audio, content.audio);
    return { chunk, video, audio, problem: null };
  } catch (error) {
    if (!isPermaframeError(error)) throw error;
    return { chunk, video, audio: null, problem: error.message };
  }
}

async function readCopy(chunk: Chunk, { video, audio }: Pick<Copy<Chunk>, 'video' | 'audio'>): Promise<ChunkContent> {
  return { chunk, video: await readFile(video), audio: audio === null ? null : await readFile(audio) };
}

/** What a file may do to those who decode it. Nobody else is to blame, so the others are kept. */
const DAMAGE: ReadonlySet<string> = new Set(['RENDER_FAILED', 'RENDER_TIMEOUT', 'RENDER_OUT_OF_MEMORY']);

/** @returns by the key of each chunk what is wrong with it, or null */
async function lookInto(
  copies: readonly Copy<Chunk>[],
  spec: VideoSpec,
  { folder, openMachine, signal }: CheckTools,
): Promise<Map<string, string | null>> {
  const byKey = new Map(copies.map((copy) => [copy.chunk.key, copy]));
  const problems = new Map<string, string | null>();
  const chunks = copies.map(({ chunk: { key, extension }, video, audio }) => ({ key, extension, video, audio }));
  const outputFolder = join(folder, 'sandbox');
  await mkdir(outputFolder);
  const onMessage = (message: JobMessage): void => {
    if (message.kind !== 'probed' && message.kind !== 'undecodable') return;
    const copy = byKey.get(message.chunk);
    if (!copy) return;
    const problem =
      message.kind === 'probed'
        ? compareChunk(message.probe, copy.chunk, spec)
        : `no decoder takes it: ${message.reason}`;
    problems.set(message.chunk, problem);
  };
  let reason = 'nobody says what it is';
  try {
    await runJob({ kind: 'check' as const, spec, chunks, outputFolder }, openMachine(), {
      folder: outputFolder,
      readable: [copiesFolder(folder)],
      onMessage,
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted || !isPermaframeError(error) || !DAMAGE.has(error.code)) throw error;
    reason = `looking into what came failed: ${error.message}`;
  }
  for (const key of byKey.keys()) if (!problems.has(key)) problems.set(key, reason);
  return problems;
}
