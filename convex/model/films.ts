/** What a version is as a film: its size and length, out of its manifest. */
import { MANIFEST_PATH, parseManifest, type Scene } from '../../action/contract/manifest.ts';
import { type PlacedScene, placeScenes } from '../../action/contract/timeline.ts';
import type { FilmFormat } from '../../action/contract/video-spec.ts';
import type { Doc, Id } from '../_generated/dataModel.js';
import type { QueryCtx } from '../_generated/server.js';
import { refusal } from './refusal.ts';

/** A film with what may be chosen of it. */
export interface FilmOutline extends FilmFormat {
  /** In their order. `middle` is a frame of the film, from 0: the one that stands for the scene. */
  scenes: { title: string; middle: number }[];
}

export type FilmReading =
  | { kind: 'film'; film: FilmOutline }
  /** An app, which has no length. */
  | { kind: 'app' }
  /** Nothing that could be published. */
  | { kind: 'invalid'; problem: string };

export async function readFilm(ctx: QueryCtx, version: Id<'versions'>): Promise<FilmReading> {
  const text = await readManifestText(ctx, version);
  if (text === null) return { kind: 'invalid', problem: `${MANIFEST_PATH} was not saved as text.` };
  const parsed = parseManifest(text);
  if (!parsed.ok) return { kind: 'invalid', problem: parsed.diagnostics[0]?.message ?? 'the manifest is not valid' };
  if (parsed.manifest.kind !== 'storyboard') return { kind: 'app' };
  const { fps, width, height } = parsed.manifest;
  const { scenes, durationInFrames } = placeScenes(parsed.manifest.scenes);
  return { kind: 'film', film: { fps, width, height, durationInFrames, scenes: scenes.map(outline) } };
}

function outline({ scene, from }: PlacedScene<Scene>): FilmOutline['scenes'][number] {
  return { title: scene.title ?? scene.id, middle: from + Math.floor(scene.durationInFrames / 2) };
}

/** @throws ConvexError VIDEO_NOT_A_FILM, or MANIFEST_INVALID */
export async function requireFilm(ctx: QueryCtx, version: Doc<'versions'>): Promise<FilmFormat> {
  const reading = await readFilm(ctx, version._id);
  switch (reading.kind) {
    case 'film':
      return reading.film;
    case 'app':
      throw refusal('VIDEO_NOT_A_FILM', `Version ${version.number} is not a film.`);
    case 'invalid':
      throw refusal('MANIFEST_INVALID', reading.problem);
  }
}

/** Only this one content is read: the others may be megabytes. */
async function readManifestText(ctx: QueryCtx, version: Id<'versions'>): Promise<string | null> {
  const parts = ctx.db.query('versionFiles').withIndex('by_version_part', (q) => q.eq('version', version));
  for await (const { files } of parts) {
    const found = files.find(({ path }) => path === MANIFEST_PATH);
    if (!found) continue;
    const content = (await ctx.db.get('files', found.file))?.content;
    return content?.kind === 'text' ? content.text : null;
  }
  return null;
}
