/** What a version is as a film: its size and length, out of its manifest. */
import { MANIFEST_PATH, parseManifest } from '../../action/contract/manifest.ts';
import { placeScenes } from '../../action/contract/timeline.ts';
import type { FilmFormat } from '../../action/contract/video-spec.ts';
import type { Doc, Id } from '../_generated/dataModel.js';
import type { QueryCtx } from '../_generated/server.js';
import { refusal } from './refusal.ts';

export type FilmReading =
  | { kind: 'film'; film: FilmFormat }
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
  const { fps, width, height, scenes } = parsed.manifest;
  return { kind: 'film', film: { fps, width, height, durationInFrames: placeScenes(scenes).durationInFrames } };
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
