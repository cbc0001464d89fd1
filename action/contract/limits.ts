/** Every limit of the product, with its unit. Over a limit: refused with the number, before the work. */

const KB = 1000;
const MB = 1000 * KB;

/** Largest single source file (code, styles, JSON, text), in bytes. */
export const MAX_SOURCE_FILE_BYTES = 256 * KB;
/** All source files of one snapshot together, in bytes. */
export const MAX_SNAPSHOT_SOURCE_BYTES = 5 * MB;
/** Largest single asset (image, font, sound, film), in bytes. */
export const MAX_ASSET_BYTES = 25 * MB;
/** Everything one artifact stores besides the shared runtime, in bytes. */
export const MAX_ARTIFACT_BYTES = 100 * MB;
/** Files in one snapshot. */
export const MAX_SNAPSHOT_FILES = 2000;
/** Characters of a file's path inside its snapshot. */
export const MAX_PATH_CHARACTERS = 255;
/** The manifest itself, in bytes. */
export const MAX_MANIFEST_BYTES = 64 * KB;

/** Lists and objects inside one another in a scene's props. */
export const MAX_PROPS_DEPTH = 32;

/** Scenes of one storyboard. */
export const MAX_SCENES = 50;
/** Pixels along the longer side of a picture. */
export const MAX_LONG_SIDE_PIXELS = 3840;
/** Pixels along the shorter side of a picture. */
export const MAX_SHORT_SIDE_PIXELS = 2160;
/** Pixels along either side, at least. */
export const MIN_SIDE_PIXELS = 16;
/** Frames a second. */
export const MAX_FPS = 60;
/** Length of a film, in seconds. */
export const MAX_FILM_SECONDS = 600;

/** Wall-clock time one bundle may take, in milliseconds. */
export const MAX_BUNDLE_MILLISECONDS = 30_000;
/** Resident memory one bundle may take, all of its processes together, in bytes. */
export const MAX_BUNDLE_MEMORY_BYTES = 1000 * MB;
/** Wall-clock time one page publish may take, in milliseconds. */
export const MAX_PUBLISH_MILLISECONDS = 60_000;

/** Frames of a GIF: it has no compression between frames worth the name. */
export const MAX_GIF_FRAMES = 1800;
/** Frames a second of a GIF: it counts in hundredths, and browsers show what stands for less than two of them for ten. */
export const MAX_GIF_FPS = 50;
/** Pixels along the longer side of a GIF. */
export const MAX_GIF_LONG_SIDE_PIXELS = 1280;
/** Largest finished video, in bytes. */
export const MAX_VIDEO_BYTES = 1000 * MB;
/** Largest poster or contact sheet, in bytes. */
export const MAX_POSTER_BYTES = 2 * MB;
/** Chunks of one video: those of the longest film with the most scenes, at the highest rate. */
export const MAX_RENDER_CHUNKS = 600;
/** Wall-clock time the rendering of one job's chunks may take, in milliseconds. */
export const MAX_RENDER_MILLISECONDS = 45 * 60_000;
/** Wall-clock time that a scene may wait for its own data, for one frame, in milliseconds. */
export const MAX_FRAME_MILLISECONDS = 30_000;
/** Wall-clock time that the whole of a render may take, in milliseconds. */
export const MAX_RENDER_LIFE_MILLISECONDS = 2 * 60 * 60_000;
/** Memory of one job's rendering, browser and encoders together, in bytes. */
export const MAX_RENDER_MEMORY_BYTES = 8000 * MB;
/** Processes and threads of one job's rendering. */
export const MAX_RENDER_PROCESSES = 2000;

/** Assets up to this many bytes are written into the code as data URIs. */
export const INLINE_ASSET_BYTES = 10 * KB;
/** JavaScript of one artifact (its own, without the runtime) from which the author is warned, in bytes. */
export const WARN_JAVASCRIPT_BYTES = 500 * KB;

/** Problems reported at once; more would not be read. */
export const MAX_DIAGNOSTICS = 20;
/** Characters of source shown beside a problem. */
export const MAX_EXCERPT_CHARACTERS = 160;

/** Publishes of one person that may be under way at a time. */
export const MAX_ACTIVE_PUBLISHES = 5;
/** Renders of one person that may be under way at a time: all formats of one film. */
export const MAX_ACTIVE_RENDERS = 3;
/** Videos that may be asked for together with a publish. */
export const MAX_PUBLISH_VIDEOS = 3;
/** Collaborators of one project, its owner left out. */
export const MAX_COLLABORATORS = 50;
/** Source files up to this size travel inside a save; larger files go through an upload URL first, in bytes. */
export const MAX_INLINE_FILE_BYTES = MAX_SOURCE_FILE_BYTES;

/** Longest life of a signed link, in seconds (a leap year). */
export const MAX_LINK_SECONDS = 366 * 24 * 60 * 60;

/** GitHub refuses a dispatch payload of this many bytes or more. */
export const MAX_DISPATCH_BYTES = 64 * KB;
/** A dispatch payload has fewer top-level keys than this; GitHub refuses one that has more. */
export const MAX_DISPATCH_KEYS = 10;

/** Bytes as a person reads them: `1.2 MB`, `340 kB`, `12 bytes`. */
export function formatBytes(bytes: number): string {
  // What would be rounded up to 1000 kB is a megabyte already.
  if (bytes >= MB - 50) return `${trimZero((bytes / MB).toFixed(1))} MB`;
  if (bytes >= KB) return `${trimZero((bytes / KB).toFixed(1))} kB`;
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

/** `1.2 MB; the limit is 64 kB`. In whole bytes where rounding would make the two look the same. */
export function formatExcess(bytes: number, limit: number): string {
  if (formatBytes(bytes) !== formatBytes(limit)) return `${formatBytes(bytes)}; the limit is ${formatBytes(limit)}`;
  return `${bytes} bytes; the limit is ${limit} bytes`;
}

function trimZero(decimal: string): string {
  return decimal.replace(/\.0$/, '');
}
