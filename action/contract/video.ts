/** What may be asked of a video, as it comes from outside; what it is called; and how an attached one is known. */
import { z } from 'zod';
import {
  VIDEO_FORMATS,
  VIDEO_FRAME_RATES,
  VIDEO_QUALITIES,
  VIDEO_RESOLUTIONS,
  type VideoRequest,
  type VideoSpec,
} from './video-spec.ts';

export * from './video-spec.ts';

/** A request; complete once parsed: whatever is left out has its default. */
export const videoRequestSchema = z.strictObject({
  format: z.enum(VIDEO_FORMATS),
  quality: z.enum(VIDEO_QUALITIES).default('medium'),
  resolution: z.enum(VIDEO_RESOLUTIONS).default('own'),
  fps: z.enum(VIDEO_FRAME_RATES).default('own'),
  posterFrame: z.int().min(0).nullable().default(null),
}) satisfies z.ZodType<VideoRequest>;

/** Raised when the same request would give another video of the same artifact: other encoders, other settings. */
export const RENDER_REVISION = 1;

/**
 * What names a video among those of its artifact: the SHA-256 of this text. Equal requests of equal artifacts are one
 * video.
 * @param artifactHash SHA-256 of meta.json, which holds the hashes of the modules, the assets and the runtime
 */
export function renderKeyText(artifactHash: string, spec: VideoSpec): string {
  const { format, quality, width, height, fps, durationInFrames, posterFrame } = spec;
  return JSON.stringify([
    'permaframe-render',
    RENDER_REVISION,
    artifactHash,
    [format, quality, width, height, fps, durationInFrames, posterFrame],
  ]);
}

/** A video that is attached to a version, as the edge and the editor know it. */
export const attachedVideoSchema = z.strictObject({
  /** SHA-256 of {@link renderKeyText}. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  format: z.enum(VIDEO_FORMATS),
  width: z.int().min(1),
  height: z.int().min(1),
  bytes: z.int().min(1),
});
export type AttachedVideo = z.infer<typeof attachedVideoSchema>;
