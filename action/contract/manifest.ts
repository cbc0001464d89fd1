/** `permaframe.json`: what a snapshot says about itself. */
import { z } from 'zod';
import type { Diagnostic } from './diagnostics.ts';
import { sceneIdSchema } from './ids.ts';
import {
  formatBytes,
  MAX_FILM_SECONDS,
  MAX_FPS,
  MAX_LONG_SIDE_PIXELS,
  MAX_MANIFEST_BYTES,
  MAX_PATH_CHARACTERS,
  MAX_SCENES,
  MAX_SHORT_SIDE_PIXELS,
  MIN_SIDE_PIXELS,
} from './limits.ts';
import { placeScenes } from './timeline.ts';

export const MANIFEST_PATH = 'permaframe.json';

/** Files below this folder are static: `staticFile('x.png')` finds `public/x.png`. */
export const PUBLIC_FOLDER = 'public/';

/** How a scene hands over to the next one. */
export const TRANSITION_TYPES = ['fade', 'slide', 'wipe', 'none'] as const;
export const TRANSITION_DIRECTIONS = ['from-left', 'from-right', 'from-top', 'from-bottom'] as const;

/** The React implementations a runtime is built with; see docs/architecture.md for which is taken when. */
export const ENGINES = ['preact', 'react'] as const;
export type Engine = (typeof ENGINES)[number];

/** Whether a path can be a file of a snapshot: relative, "/" only, no dot segments, no control characters. */
export function isSnapshotPath(path: string): boolean {
  if (path.length === 0 || path.length > MAX_PATH_CHARACTERS) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f\\]/.test(path) || !path.isWellFormed()) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

const pathSchema = z.string().refine(isSnapshotPath, 'must be a relative path inside the project, with "/"');
const framesSchema = z
  .int('must be a whole number of frames')
  .min(1, 'must be at least 1 frame')
  .max(MAX_FILM_SECONDS * MAX_FPS, `must be at most ${MAX_FILM_SECONDS * MAX_FPS} frames`);
const sideSchema = z
  .int('must be a whole number of pixels')
  .min(MIN_SIDE_PIXELS)
  .max(MAX_LONG_SIDE_PIXELS)
  .multipleOf(2, 'must be even: video formats need it');

const transitionSchema = z.strictObject({
  type: z.enum(TRANSITION_TYPES),
  durationInFrames: framesSchema,
  direction: z.enum(TRANSITION_DIRECTIONS).optional(),
});

const sceneSchema = z.strictObject({
  id: sceneIdSchema,
  /** Shown on the time line; the id is shown otherwise. */
  title: z.string().trim().min(1).max(80).optional(),
  entry: pathSchema,
  durationInFrames: framesSchema,
  /** How this scene hands over to the next one. The last scene's has no effect. */
  transition: transitionSchema.optional(),
  /** Given to the component as its props. */
  props: z.record(z.string(), z.json()).optional(),
});

const common = {
  title: z.string().trim().min(1, 'must not be empty').max(120),
  description: z.string().trim().max(300).optional(),
  /** An image of the project that stands for it before it plays, and where it is linked. */
  poster: pathSchema.optional(),
  /** Asks for one implementation of React instead of the one that suits the imports. */
  engine: z.enum(ENGINES).optional(),
};

const storyboardSchema = z
  .strictObject({
    ...common,
    kind: z.literal('storyboard'),
    fps: z.int('must be a whole number').min(1).max(MAX_FPS),
    width: sideSchema,
    height: sideSchema,
    scenes: z.array(sceneSchema).min(1, 'must have at least one scene').max(MAX_SCENES),
  })
  .check(({ value, issues }) => {
    if (Math.min(value.width, value.height) > MAX_SHORT_SIDE_PIXELS) {
      const message = `the shorter side must be at most ${MAX_SHORT_SIDE_PIXELS} pixels`;
      issues.push({ code: 'custom', path: ['height'], message, input: value });
    }
    const seen = new Set<string>();
    for (const [index, scene] of value.scenes.entries()) {
      if (seen.has(scene.id)) {
        const message = `"${scene.id}" is used by an earlier scene`;
        issues.push({ code: 'custom', path: ['scenes', index, 'id'], message, input: value });
      }
      seen.add(scene.id);
      const overlaps =
        transitionFrames(value.scenes[index - 1], scene) + transitionFrames(scene, value.scenes[index + 1]);
      if (overlaps > scene.durationInFrames) {
        const message = `is ${scene.durationInFrames} frames, shorter than its transitions in and out (${overlaps} frames)`;
        issues.push({ code: 'custom', path: ['scenes', index, 'durationInFrames'], message, input: value });
      }
    }
    const seconds = placeScenes(value.scenes).durationInFrames / value.fps;
    if (seconds > MAX_FILM_SECONDS) {
      const message = `last ${seconds.toFixed(1)} seconds together; the limit is ${MAX_FILM_SECONDS}`;
      issues.push({ code: 'custom', path: ['scenes'], message, input: value });
    }
  });

const appSchema = z.strictObject({ ...common, kind: z.literal('app'), entry: pathSchema });

const manifestSchema = z.discriminatedUnion('kind', [storyboardSchema, appSchema]);

export type Transition = z.infer<typeof transitionSchema>;
export type Scene = z.infer<typeof sceneSchema>;
export type Storyboard = z.infer<typeof storyboardSchema>;
export type AppManifest = z.infer<typeof appSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

function transitionFrames(from: Scene | undefined, to: Scene | undefined): number {
  return (to && from?.transition?.durationInFrames) || 0;
}

/**
 * Reads a manifest. Unknown fields fail; every problem is reported, each with the path of its field.
 * @param text the file's content, at most {@link MAX_MANIFEST_BYTES} bytes
 */
export function parseManifest(
  text: string,
): { ok: true; manifest: Manifest } | { ok: false; diagnostics: Diagnostic[] } {
  const refuse = (message: string, field?: string): Diagnostic => ({
    code: 'MANIFEST_INVALID',
    file: MANIFEST_PATH,
    message,
    ...(field ? { field } : {}),
  });
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes > MAX_MANIFEST_BYTES) {
    const message = `is ${formatBytes(bytes)}; the limit is ${formatBytes(MAX_MANIFEST_BYTES)}`;
    return { ok: false, diagnostics: [refuse(message)] };
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    return { ok: false, diagnostics: [refuse(`is not JSON: ${(error as SyntaxError).message}`)] };
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return { ok: true, manifest: parsed.data };
  return {
    ok: false,
    diagnostics: parsed.error.issues.map((issue) => {
      const field = formatField(issue.path);
      return refuse(`${field || 'the manifest'} ${issue.message}`, field);
    }),
  };
}

/** `scenes[2].entry` for `['scenes', 2, 'entry']`. */
export function formatField(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
