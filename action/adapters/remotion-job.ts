/** What the sandboxed process is asked to do, and what it says: one JSON object a line. */
import { z } from 'zod';
import { isErrorCode } from '../contract/errors.ts';
import type { VideoSpec } from '../contract/video.ts';
import type { ChunkProbe } from '../core/render/chunk-probe.ts';
import type { Chunk } from '../core/render/chunks.ts';

/**
 * Inside, leads to the folder `tmp` beside the job: on disk, because it may hold much, and by a short path, because
 * Chromium puts sockets there, whose paths have at most 107 characters.
 */
export const TEMPORARY_LINK = '/tmp/t';

interface CommonJob {
  /** Has `@remotion/renderer` in its `node_modules`, or in those of a folder above. */
  rendererFolder: string;
  spec: VideoSpec;
  /** Where results go. */
  outputFolder: string;
}

/** Renders chunks: `{key}.{ts|webm|mkv}`, and `{key}.wav` where something is heard. */
export interface RenderJob extends CommonJob {
  kind: 'render';
  browserExecutable: string;
  /** A scene may wait for its own data that long, for one frame. */
  frameMilliseconds: number;
  /** Holds `index.html` (see site.ts) and what it loads. */
  siteFolder: string;
  /** Of the film, in pixels. */
  width: number;
  height: number;
  chunks: readonly Chunk[];
  /** Browsers that draw at the same time. */
  browsers: number;
  /** Whether scenes draw with WebGL. */
  usesWebGl: boolean;
}

/** Joins chunks: `video.{format}`, `poster.jpg`, `sheet.jpg`. */
export interface CombineJob extends CommonJob {
  kind: 'combine';
  /** In their order. */
  chunks: readonly { video: string; audio: string | null; frames: number }[];
  /** Frames of the video to choose a poster from, and to show on the contact sheet. */
  stills: readonly number[];
  /** The poster, where it is not to be chosen. In frames of the video. */
  posterFrame: number | null;
}

/** Decodes chunks that were rendered elsewhere. */
export interface CheckJob extends CommonJob {
  kind: 'check';
  chunks: readonly (Pick<Chunk, 'key' | 'extension'> & { video: string; audio: string | null })[];
}

export type RemotionJob = RenderJob | CombineJob | CheckJob;

const failure = z.object({
  kind: z.literal('failed'),
  code: z.string().refine(isErrorCode, 'must be a code of the error table'),
  message: z.string(),
  /** Of the browser, where a scene threw. */
  stack: z.string().nullable(),
});

/** Hostile: who says it ran the film. */
export const jobMessageSchema = z.discriminatedUnion('kind', [
  /** Frames drawn since the job began, of all chunks. */
  z.object({ kind: z.literal('frames'), frames: z.int().min(0) }),
  z.object({ kind: z.literal('chunk'), chunk: z.string(), isHeard: z.boolean(), milliseconds: z.number().min(0) }),
  z.object({
    kind: z.literal('combined'),
    probe: z.object({
      codec: z.string(),
      width: z.int(),
      height: z.int(),
      frames: z.int(),
      /** In seconds. */
      duration: z.number(),
      fps: z.number(),
      audioCodec: z.string().nullable(),
    }),
  }),
  z.object({
    kind: z.literal('probed'),
    chunk: z.string(),
    probe: z.object({
      codec: z.string(),
      pixelFormat: z.string(),
      width: z.int(),
      height: z.int(),
      streams: z.int(),
      frames: z.int(),
      drift: z.number(),
      audio: z.object({ codec: z.string(), sampleRate: z.number(), channels: z.int(), samples: z.int() }).nullable(),
    }) satisfies z.ZodType<ChunkProbe>,
  }),
  z.object({ kind: z.literal('undecodable'), chunk: z.string(), reason: z.string() }),
  failure,
]);
export type JobMessage = z.infer<typeof jobMessageSchema>;
export type VideoProbe = Extract<JobMessage, { kind: 'combined' }>['probe'];
