/** `meta.json`: the commit mark of an artifact, and its table of contents. */
import { z } from 'zod';
import { projectIdSchema, sceneIdSchema, sha256Schema, threadIdSchema, versionSchema } from './ids.ts';
import { ENGINES } from './manifest.ts';

export const artifactFileSchema = z.strictObject({
  /** Object key in the store. */
  key: z.string(),
  bytes: z.int().min(0),
  sha256: sha256Schema,
  contentType: z.string(),
});

const common = {
  schema: z.literal(1),
  thread: threadIdSchema,
  project: projectIdSchema,
  version: versionSchema,
  title: z.string(),
  description: z.string().optional(),
  /** SHA-256 over paths and contents of the snapshot: equal for equal projects. */
  snapshot: sha256Schema,
  engine: z.enum(ENGINES),
  /** Key of the runtime's manifest. */
  runtime: z.string(),
  /** Key of the module that the page imports: the storyboard index, or the app. */
  entry: z.string(),
  /** Key of the poster image, when the project has one. */
  poster: z.string().optional(),
  /** The artifact's own JavaScript, without the runtime. */
  javascriptBytes: z.int().min(0),
  /** Every file that the page needs but this one: its own, its modules, its part of the runtime. Sorted by key. */
  files: z.array(artifactFileSchema),
};

const filmMetaSchema = z.strictObject({
  ...common,
  kind: z.literal('storyboard'),
  fps: z.int(),
  width: z.int(),
  height: z.int(),
  durationInFrames: z.int(),
  scenes: z.array(
    z.strictObject({
      id: sceneIdSchema,
      title: z.string(),
      /** First frame in the film. */
      from: z.int().min(0),
      durationInFrames: z.int().min(1),
      /** Key of the scene's module. */
      module: z.string(),
    }),
  ),
});

const appMetaSchema = z.strictObject({ ...common, kind: z.literal('app') });

export const metaSchema = z.discriminatedUnion('kind', [filmMetaSchema, appMetaSchema]);

export type ArtifactFileEntry = z.infer<typeof artifactFileSchema>;
export type Meta = z.infer<typeof metaSchema>;
export type FilmMeta = z.infer<typeof filmMetaSchema>;
export type AppMeta = z.infer<typeof appMetaSchema>;

/** The bytes that are stored. The hash of the artifact is their SHA-256. */
export function serializeMeta(meta: Meta): string {
  return `${JSON.stringify(metaSchema.parse(meta), null, 2)}\n`;
}
