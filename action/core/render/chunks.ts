/** Cuts a film into chunks, each named by everything that its pictures and its sound depend on. */
import { compareText, sha256Hex } from '../../contract/hash.ts';
import type { ChunkExtension } from '../../contract/keys.ts';
import type { FilmMeta } from '../../contract/meta.ts';
import { type PlacedScene, placeScenes } from '../../contract/timeline.ts';
import { RENDER_REVISION, type VideoSpec } from '../../contract/video.ts';
import type { FilmData } from '../compile/film-index.ts';
import { type Encoding, encodingOf } from './encoding.ts';

/** A chunk of a film; within one scene, whose transition from the scene before is part of it. */
export interface Chunk {
  /** SHA-256 of what it depends on: its objects' name in the store. */
  key: string;
  extension: Exclude<ChunkExtension, 'wav'>;
  /** Id of its scene. */
  scene: string;
  /** Frames of the video, from 0; both are part of it. */
  first: number;
  last: number;
  /** Whether any of its scenes knows how to make a sound. */
  mayBeHeard: boolean;
}

/** What an artifact says about a film, and the texts of its modules by key. */
export interface FilmSource {
  meta: FilmMeta;
  film: FilmData;
  modules: ReadonlyMap<string, string>;
}

/**
 * A scene is cut into an even number of equal pieces of at most this many frames, so that machines and cores share it. A
 * piece costs about half a second besides its frames, of which one browser draws about fourteen in a second.
 */
const CHUNK_FRAMES = 90;
/** Cutting less than this would cost more than it brings. */
const WORTH_CUTTING_FRAMES = 40;
/**
 * Remotion's components that are heard, and its internals, but not `useVideoConfig`. Names of exports stay what they are
 * in a compiled module.
 */
const SOUNDS = /Audio|Video(?!Config)|Internals/;
/** What names a file in a module: its digest. */
const DIGEST = /[0-9a-f]{64}/g;

type Scene = FilmData['scenes'][number];

/**
 * The chunks of a video in the order in which they are seen; together they are all of its frames. A scene's chunks keep
 * their keys while it, what it imports, the scene that a transition leads from, the style, the runtime and the settings
 * stay the same: also when scenes before them come, go or change their length.
 */
export async function planChunks(source: FilmSource, spec: VideoSpec): Promise<Chunk[]> {
  const { film } = source;
  const ratio = spec.fps / film.fps;
  const encoding = encodingOf(spec.format, spec.quality);
  const common = commonParts(source, spec, encoding);
  const places = placeScenes(film.scenes).scenes;
  const chunks: Promise<Chunk>[] = [];
  for (const [index, place] of places.entries()) {
    const begin = firstFrame(place.from, ratio);
    const entered = firstFrame(place.from + place.transitionIn, ratio);
    const next = places[index + 1];
    const end = next ? firstFrame(next.from, ratio) : spec.durationInFrames;
    for (const [first, last] of cut(begin, entered, end)) {
      const seen = partsOf(source, places, index, first < entered);
      const text = JSON.stringify([common, seen.parts, first / ratio - place.from, last - first + 1]);
      const mayBeHeard = encoding.audioBitrate !== null && SOUNDS.test(seen.texts);
      chunks.push(nameChunk(text, { extension: encoding.extension, scene: place.scene.id, first, last, mayBeHeard }));
    }
  }
  return Promise.all(chunks);
}

async function nameChunk(text: string, chunk: Omit<Chunk, 'key'>): Promise<Chunk> {
  return { key: await sha256Hex(text), ...chunk };
}

/** The first frame of the video at or after a frame of the film. */
function firstFrame(from: number, ratio: number): number {
  return Math.ceil(from * ratio - 1e-9);
}

/**
 * What shows two scenes is a piece of its own, so that a change of the one leaves the rest of the other as it is.
 * @param entered the first frame that shows nothing of the scene before
 * @returns first and last frame of each piece
 */
function cut(begin: number, entered: number, end: number): [first: number, last: number][] {
  if (entered === begin || end - entered < WORTH_CUTTING_FRAMES) return cutEvenly(begin, end);
  return [[begin, entered - 1], ...cutEvenly(entered, end)];
}

function cutEvenly(begin: number, end: number): [first: number, last: number][] {
  const frames = end - begin;
  const pieces = frames < WORTH_CUTTING_FRAMES ? 1 : 2 * Math.ceil(frames / (2 * CHUNK_FRAMES));
  const edge = (piece: number): number => begin + Math.round((piece * frames) / pieces);
  return Array.from({ length: frames > 0 ? pieces : 0 }, (_, piece) => [edge(piece), edge(piece + 1) - 1]);
}

/** What all chunks of a video depend on. The whole style, because a rule may mean any element. */
function commonParts({ meta, film }: FilmSource, spec: VideoSpec, encoding: Encoding): unknown {
  const style = meta.files.find(({ key }) => key.endsWith('/style.css'));
  return [
    ['permaframe-chunk', RENDER_REVISION, meta.runtime, meta.engine, style?.sha256],
    [film.fps, film.width, film.height, spec.width, spec.height, spec.scale, spec.fps],
    encoding,
  ];
}

/** The scenes that are seen: what they are made of, and the code of it. */
function partsOf(
  source: FilmSource,
  places: readonly PlacedScene<Scene>[],
  index: number,
  isEntering: boolean,
): { parts: unknown; texts: string } {
  const before = isEntering ? places[index - 1] : undefined;
  const own = sceneParts(source, index);
  if (!before) return { parts: [[own.parts]], texts: own.texts };
  const leaving = sceneParts(source, index - 1);
  return { parts: [[leaving.parts, before.scene.transition], [own.parts]], texts: leaving.texts + own.texts };
}

function sceneParts({ meta, film, modules }: FilmSource, index: number): { parts: unknown; texts: string } {
  const { durationInFrames, props } = film.scenes[index] as Scene;
  const files = filesOf(meta.scenes[index]?.module ?? '', meta, modules);
  const texts = files.map((key) => modules.get(key) ?? '').join('\n');
  // A name that is put together while the scene runs may be any of them.
  const staticFiles = texts.includes('taticFile') ? film.staticFiles : null;
  return { parts: [files.map(withoutVersion).sort(compareText), durationInFrames, props, staticFiles], texts };
}

/** Every module and asset that a module may load: all digests of the artifact that its text, or a text that it leads to, has. */
function filesOf(entry: string, meta: FilmMeta, modules: ReadonlyMap<string, string>): string[] {
  const byDigest = Map.groupBy(meta.files, ({ key }) => /([0-9a-f]{64})\.[a-z0-9]+$/.exec(key)?.[1] ?? '');
  const seen = new Set([entry]);
  for (const key of seen) {
    for (const [digest] of modules.get(key)?.matchAll(DIGEST) ?? []) {
      for (const file of byDigest.get(digest) ?? []) seen.add(file.key);
    }
  }
  return [...seen];
}

/** An asset lies below its version, but is the same in all of them. */
function withoutVersion(key: string): string {
  return key.replace(/^artifacts\/[^/]+\/[^/]+\//, '');
}
