/** `meta.json`: the commit mark of an artifact, and its table of contents. */
import { z } from 'zod';
import { compareText } from './hash.ts';
import { projectIdSchema, sceneIdSchema, sha256Schema, threadIdSchema, versionSchema } from './ids.ts';
import { parseKey } from './keys.ts';
import { ENGINES } from './manifest.ts';

const keySchema = z.string().refine((key) => {
  const kind = parseKey(key)?.kind;
  return kind !== undefined && kind !== 'threadControl';
}, 'must be the key of an object that never changes');

export const artifactFileSchema = z.strictObject({
  /** Object key in the store. */
  key: keySchema,
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
  runtime: keySchema,
  /** Key of the module that the page imports: the storyboard index, or the app. */
  entry: keySchema,
  /** Key of the poster image, when the project has one. */
  poster: keySchema.optional(),
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
      module: keySchema,
    }),
  ),
});

const appMetaSchema = z.strictObject({ ...common, kind: z.literal('app') });

/** Also holds that the files are sorted, each once, and that none belongs to another version or project. */
export const metaSchema = z.discriminatedUnion('kind', [filmMetaSchema, appMetaSchema]).check(({ value, issues }) => {
  const refuse = (path: PropertyKey[], message: string): void => {
    issues.push({ code: 'custom', path, message, input: value });
  };
  const keys = value.files.map((file) => file.key);
  const isSorted = keys.every((key, index) => index === 0 || compareText(keys[index - 1] ?? '', key) < 0);
  if (!isSorted) refuse(['files'], 'must be sorted by key, without repetition');
  const stranger = keys.findIndex((key) => !belongsTo(key, value));
  if (stranger >= 0) refuse(['files', stranger, 'key'], 'belongs to another version or project');
  const modules = value.kind === 'storyboard' ? value.scenes.map((scene) => scene.module) : [];
  const missing = [value.entry, ...modules, ...(value.poster ? [value.poster] : [])].find((key) => !keys.includes(key));
  if (missing !== undefined) refuse(['files'], `must list ${missing}`);
});

function belongsTo(key: string, { thread, version, project }: Pick<Meta, 'thread' | 'version' | 'project'>): boolean {
  const parsed = parseKey(key);
  switch (parsed?.kind) {
    case 'artifact':
    case 'asset':
      return parsed.thread === thread && parsed.version === version;
    case 'scene':
    case 'module':
      return parsed.project === project;
    default:
      return parsed?.kind === 'runtime';
  }
}

export type ArtifactFileEntry = z.infer<typeof artifactFileSchema>;
export type Meta = z.infer<typeof metaSchema>;
export type FilmMeta = z.infer<typeof filmMetaSchema>;
export type AppMeta = z.infer<typeof appMetaSchema>;

/** The bytes that are stored. The hash of the artifact is their SHA-256. */
export function serializeMeta(meta: Meta): string {
  return `${JSON.stringify(metaSchema.parse(meta), null, 2)}\n`;
}
