/** `threads/{thread}.json`: what may change about published versions. Its one writer is the control plane. */
import { z } from 'zod';
import { threadIdSchema, versionSchema } from './ids.ts';
import { type AttachedVideo, attachedVideoSchema } from './video.ts';

export const VISIBILITIES = ['public', 'unlisted'] as const;

export const threadControlSchema = z.strictObject({
  schema: z.literal(1),
  thread: threadIdSchema,
  /** Where `/p/{thread}/latest` leads. Null until a version is published, and when all are taken down. */
  latest: versionSchema.nullable(),
  /** `unlisted`: only signed links open. */
  visibility: z.enum(VISIBILITIES),
  /** Versions that were taken down, ascending. */
  tombstones: z.array(versionSchema),
  /** By version: the videos that are attached to it, the newest first. At most {@link MAX_ATTACHED_VIDEOS} each. */
  videos: z.record(z.string().regex(/^[1-9][0-9]{0,8}$/), z.array(attachedVideoSchema)).default({}),
});

/** Videos of one version that links know of. Older ones stay where they are, without being offered. */
export const MAX_ATTACHED_VIDEOS = 12;

export type ThreadControl = z.infer<typeof threadControlSchema>;

export function newThreadControl(thread: string): ThreadControl {
  return { schema: 1, thread, latest: null, visibility: 'public', tombstones: [], videos: {} };
}

/** After a video of a version became ready. */
export function withVideo(control: ThreadControl, version: number, video: AttachedVideo): ThreadControl {
  const others = videosOf(control, version).filter(({ key }) => key !== video.key);
  return { ...control, videos: { ...control.videos, [version]: [video, ...others].slice(0, MAX_ATTACHED_VIDEOS) } };
}

/** The videos of a version, the newest first. */
export function videosOf(control: ThreadControl | null, version: number): readonly AttachedVideo[] {
  return control?.videos[version] ?? [];
}

/** After `version` was published: `latest` moves forward, only forward, and never to a version taken down. */
export function withPublished(control: ThreadControl, version: number): ThreadControl {
  if (control.tombstones.includes(version) || version <= (control.latest ?? 0)) return control;
  return { ...control, latest: version };
}

/** Takes a version down. `latest` falls back to the newest of `published` that still stands. */
export function withTombstone(control: ThreadControl, version: number, published: readonly number[]): ThreadControl {
  const tombstones = [...new Set([...control.tombstones, version])].sort((a, b) => a - b);
  if (control.latest !== version) return { ...control, tombstones };
  const standing = published.filter((candidate) => !tombstones.includes(candidate));
  return { ...control, tombstones, latest: standing.length === 0 ? null : Math.max(...standing) };
}

/** Puts a version back that was taken down. `latest` stays where it is, unless nothing else is left. */
export function withoutTombstone(control: ThreadControl, version: number): ThreadControl {
  if (!control.tombstones.includes(version)) return control;
  const tombstones = control.tombstones.filter((candidate) => candidate !== version);
  return { ...control, tombstones, latest: control.latest ?? version };
}

/** What the edge may show of a version. */
export type Standing = 'public' | 'unlisted' | 'gone';

export function standingOf(control: ThreadControl | null, version: number): Standing {
  if (control?.tombstones.includes(version)) return 'gone';
  return control?.visibility ?? 'public';
}

/** The bytes that are stored. */
export function serializeThreadControl(control: ThreadControl): string {
  return `${JSON.stringify(threadControlSchema.parse(control), null, 2)}\n`;
}
