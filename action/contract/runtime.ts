/** `runtime/manifest-{sha256}.json`: the libraries a snapshot may import, and the modules that hold them. */
import { z } from 'zod';
import { sha256Schema } from './ids.ts';
import { ENGINES } from './manifest.ts';

const runtimeKeySchema = z.string().regex(/^runtime\/[0-9a-f]{64}\.(js|css)$/);

const libraryModuleSchema = z.strictObject({
  /** The module that an import of the library loads. */
  key: runtimeKeySchema,
  /** Every module that it loads in turn, itself left out, sorted. */
  requires: z.array(runtimeKeySchema),
  /** The names it exports, sorted: an import of any other name is an error when the snapshot is compiled. */
  exports: z.array(z.string()),
});

const engineSchema = z.strictObject({
  /** By import specifier: `react`, `react/jsx-runtime`, … Shared: one instance, found by the import map. */
  libraries: z.record(z.string(), libraryModuleSchema),
  /** What starts an artifact in a page. Imported by the page, not by a snapshot. */
  film: libraryModuleSchema,
  app: libraryModuleSchema,
  /** What shows an artifact to the renderer of videos, frame by frame. Loaded by no page. */
  render: libraryModuleSchema,
});

export const runtimeManifestSchema = z.strictObject({
  schema: z.literal(1),
  engines: z.record(z.enum(ENGINES), engineSchema),
  /** Libraries of which a snapshot keeps only what it uses: their source is compiled into its modules. */
  inlined: z.record(z.string(), z.strictObject({ key: runtimeKeySchema })),
  /** The script of the share page itself: what a viewer loads before pressing play. */
  page: z.strictObject({ key: runtimeKeySchema }),
  /** All files of the runtime, sorted by key. */
  files: z.array(z.strictObject({ key: runtimeKeySchema, bytes: z.int().min(0), sha256: sha256Schema })),
});

export type RuntimeManifest = z.infer<typeof runtimeManifestSchema>;
export type RuntimeEngine = z.infer<typeof engineSchema>;
export type LibraryModule = z.infer<typeof libraryModuleSchema>;

/** Every specifier that a snapshot may import, sorted. */
export function allowedSpecifiers(runtime: RuntimeManifest): string[] {
  const shared = Object.values(runtime.engines).flatMap((engine) => Object.keys(engine.libraries));
  return [...new Set([...shared, ...Object.keys(runtime.inlined)])].sort();
}
