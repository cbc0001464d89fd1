/** The kinds of file that are published, and how each is served. */

/** Files below this folder are static: `staticFile('x.png')` finds `public/x.png`. */
export const PUBLIC_FOLDER = 'public/';

interface FileType {
  contentType: string;
  /** Whether brotli makes it smaller. */
  compressible: boolean;
  /** What a snapshot may do with it: `code` is compiled, `text` and `asset` can be imported or served. */
  use: 'code' | 'text' | 'asset';
}

const types: Readonly<Record<string, FileType>> = {
  js: code('text/javascript; charset=utf-8'),
  css: code('text/css; charset=utf-8'),
  html: code('text/html; charset=utf-8'),
  json: text('application/json; charset=utf-8'),
  txt: text('text/plain; charset=utf-8'),
  md: text('text/markdown; charset=utf-8'),
  csv: text('text/csv; charset=utf-8'),
  srt: text('application/x-subrip; charset=utf-8'),
  vtt: text('text/vtt; charset=utf-8'),
  glsl: text('text/plain; charset=utf-8'),
  vert: text('text/plain; charset=utf-8'),
  frag: text('text/plain; charset=utf-8'),
  svg: asset('image/svg+xml', true),
  png: asset('image/png'),
  jpg: asset('image/jpeg'),
  jpeg: asset('image/jpeg'),
  webp: asset('image/webp'),
  gif: asset('image/gif'),
  avif: asset('image/avif'),
  woff2: asset('font/woff2'),
  woff: asset('font/woff'),
  ttf: asset('font/ttf', true),
  otf: asset('font/otf', true),
  mp3: asset('audio/mpeg'),
  m4a: asset('audio/mp4'),
  aac: asset('audio/aac'),
  ogg: asset('audio/ogg'),
  wav: asset('audio/wav'),
  mp4: asset('video/mp4'),
  webm: asset('video/webm'),
  glb: asset('model/gltf-binary'),
};

function code(contentType: string): FileType {
  return { contentType, compressible: true, use: 'code' };
}

function text(contentType: string): FileType {
  return { contentType, compressible: true, use: 'text' };
}

function asset(contentType: string, compressible = false): FileType {
  return { contentType, compressible, use: 'asset' };
}

/** The lower-case extension of a path, without the dot; empty when there is none. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** How a published file is served. Undefined for a type that is never published. */
export function fileTypeOf(path: string): FileType | undefined {
  const extension = extensionOf(path);
  return Object.hasOwn(types, extension) ? types[extension] : undefined;
}

/** Extensions a snapshot may import as a URL or put below `public/`. */
export const ASSET_EXTENSIONS: readonly string[] = extensionsOf('asset');
/** Extensions a snapshot may import as a string. JSON is imported as a value. */
export const TEXT_EXTENSIONS: readonly string[] = extensionsOf('text');

function extensionsOf(use: FileType['use']): string[] {
  return Object.keys(types).filter((extension) => types[extension]?.use === use);
}

/** Whether a file of the snapshot may be published as it is, by `staticFile()` or by an import. */
export function isPublishableAsset(path: string): boolean {
  const use = fileTypeOf(path)?.use;
  return use === 'asset' || use === 'text';
}

/** Never changes: any copy, anywhere, may be kept for ever. */
export const CACHE_IMMUTABLE = 'public, max-age=31536000, immutable';
/** Can be taken down or moved: asked again after a minute, answered from the ETag. */
export const CACHE_SHORT = 'public, max-age=60, must-revalidate';
/** Behind a signed link: kept nowhere. */
export const CACHE_PRIVATE = 'private, no-store';
