/** `permaframe.json`: what a snapshot says about itself. */
import { z } from 'zod';
import type { Diagnostic } from './diagnostics.ts';
import { sceneIdSchema } from './ids.ts';
import {
  formatExcess,
  MAX_DIAGNOSTICS,
  MAX_FILM_SECONDS,
  MAX_FPS,
  MAX_LONG_SIDE_PIXELS,
  MAX_MANIFEST_BYTES,
  MAX_PATH_CHARACTERS,
  MAX_PROPS_DEPTH,
  MAX_SCENES,
  MAX_SHORT_SIDE_PIXELS,
  MIN_SIDE_PIXELS,
} from './limits.ts';
import { placeScenes } from './timeline.ts';

export const MANIFEST_PATH = 'permaframe.json';

/** How a scene hands over to the next one. */
export const TRANSITION_TYPES = ['fade', 'slide', 'wipe', 'none'] as const;
export const TRANSITION_DIRECTIONS = ['from-left', 'from-right', 'from-top', 'from-bottom'] as const;

/** The React implementations a runtime is built with; see docs/architecture.md for which is taken when. */
export const ENGINES = ['preact', 'react'] as const;
export type Engine = (typeof ENGINES)[number];

/**
 * Whether a path can be a file of a snapshot: relative, "/" only, no dot segments, no control characters, no line
 * separators.
 */
export function isSnapshotPath(path: string): boolean {
  if (path.length === 0 || path.length > MAX_PATH_CHARACTERS) return false;
  if (/[\p{Cc}\u2028\u2029\\]/u.test(path) || !path.isWellFormed()) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

const PATH_RULE = `must be a relative path inside the project, with "/", of at most ${MAX_PATH_CHARACTERS} characters`;
const pathSchema = z.string().refine(isSnapshotPath, PATH_RULE);
const framesSchema = wholeNumber('frames', 1, MAX_FILM_SECONDS * MAX_FPS);
const sideSchema = wholeNumber('pixels', MIN_SIDE_PIXELS, MAX_LONG_SIDE_PIXELS).multipleOf(2);

function wholeNumber(unit: string, min: number, max: number): z.ZodNumber {
  const isInside = (value: number) => Number.isInteger(value) && value >= min && value <= max;
  const rule = `must be a whole number of ${unit} from ${min} to ${max}`;
  // Aborts, so that what compares numbers below can rely on them.
  return z.number().refine(isInside, { abort: true, error: (issue) => `${rule}, not ${String(issue.input)}` });
}

/** A line of text that is shown: in a page's head, a player, a log. */
function line(max: number): z.ZodString {
  const isPlain = (text: string) => text.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(text);
  return z.string().trim().max(max).refine(isPlain, 'must be one line of plain text, without control characters');
}

type Props = Record<string, z.core.util.JSONType>;

/** Checked by hand: zod would leave out a key named `__proto__`, and overflow the stack on deep nesting. */
const propsSchema = z.custom<Props>(isObject, 'must be an object').check(({ value, issues }) => {
  for (const { path, message } of propsProblems(value, [])) {
    issues.push({ code: 'custom', path, message, input: value });
  }
});

function isObject(value: unknown): value is Props {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* propsProblems(value: unknown, path: PropertyKey[]): Generator<{ path: PropertyKey[]; message: string }> {
  if (typeof value === 'number' && !Number.isFinite(value)) yield { path, message: 'is a number out of range' };
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= MAX_PROPS_DEPTH) {
    yield { path: [], message: `must not nest deeper than ${MAX_PROPS_DEPTH} levels` };
    return;
  }
  for (const [key, child] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    if (key === '__proto__') yield { path: [...path, key], message: 'is a reserved name: choose another' };
    else yield* propsProblems(child, [...path, key]);
  }
}

const transitionSchema = z.strictObject({
  type: z.enum(TRANSITION_TYPES),
  durationInFrames: framesSchema,
  direction: z.enum(TRANSITION_DIRECTIONS).optional(),
});

const sceneSchema = z.strictObject({
  id: sceneIdSchema,
  /** Shown on the time line; the id is shown otherwise. */
  title: line(80).min(1).optional(),
  entry: pathSchema,
  durationInFrames: framesSchema,
  /** How this scene hands over to the next one. The last scene's has no effect. */
  transition: transitionSchema.optional(),
  /** Given to the component as its props. */
  props: propsSchema.optional(),
});

const common = {
  title: line(120).min(1),
  description: line(300).optional(),
  /** An image of the project that stands for it before it plays, and where it is linked. */
  poster: pathSchema.optional(),
  /** Asks for one implementation of React instead of the one that suits the imports. */
  engine: z.enum(ENGINES).optional(),
};

const storyboardSchema = z
  .strictObject({
    ...common,
    kind: z.literal('storyboard'),
    fps: wholeNumber('frames a second', 1, MAX_FPS),
    width: sideSchema,
    height: sideSchema,
    scenes: z.array(sceneSchema).min(1, 'must have at least one scene').max(MAX_SCENES),
  })
  .check(({ value, issues }) => {
    for (const { path, message } of storyboardProblems(value)) {
      issues.push({ code: 'custom', path, message, input: value });
    }
  });

interface Picture {
  fps: number;
  width: number;
  height: number;
  scenes: Scene[];
}

/** What is wrong although each field by itself is right. */
function* storyboardProblems({ fps, width, height, scenes }: Picture): Generator<{
  path: PropertyKey[];
  message: string;
}> {
  if (Math.min(width, height) > MAX_SHORT_SIDE_PIXELS) {
    const message = `is the shorter side and must be at most ${MAX_SHORT_SIDE_PIXELS} pixels`;
    yield { path: [width < height ? 'width' : 'height'], message };
  }
  const seen = new Set<string>();
  for (const [index, scene] of scenes.entries()) {
    if (seen.has(scene.id)) {
      yield { path: ['scenes', index, 'id'], message: `${quoted(scene.id)} is used by an earlier scene` };
    }
    seen.add(scene.id);
    const overlaps = transitionFrames(scenes[index - 1], scene) + transitionFrames(scene, scenes[index + 1]);
    if (overlaps > scene.durationInFrames) {
      const message = `is ${scene.durationInFrames} frames, shorter than its transitions in and out (${overlaps} frames)`;
      yield { path: ['scenes', index, 'durationInFrames'], message };
    }
  }
  const frames = placeScenes(scenes).durationInFrames;
  const limit = MAX_FILM_SECONDS * fps;
  if (frames > limit) {
    const message = `last ${frames} frames together; the limit is ${limit} (${MAX_FILM_SECONDS} seconds at ${fps} frames a second)`;
    yield { path: ['scenes'], message };
  }
}

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
 * Reads a manifest. Unknown fields fail; problems are reported together, each with the path of its field, up to
 * {@link MAX_DIAGNOSTICS} of them. What compares fields with one another is checked once each of them is right.
 * @param text the file's content, at most {@link MAX_MANIFEST_BYTES} bytes
 */
export function parseManifest(
  text: string,
): { ok: true; manifest: Manifest } | { ok: false; diagnostics: Diagnostic[] } {
  const refuse = (message: string) => ({ ok: false as const, diagnostics: [diagnostic([], message)] });
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes > MAX_MANIFEST_BYTES) return refuse(`is ${formatExcess(bytes, MAX_MANIFEST_BYTES)}`);
  const content = text.replace(/^\ufeff/, '');
  if (content.trim() === '') return refuse('is empty');
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    // The engine quotes the text around the mistake, line breaks and all.
    return refuse(`is not JSON: ${(error as SyntaxError).message.replace(/[\p{Cc}\s]+/gu, ' ')}`);
  }
  const parsed = manifestSchema.safeParse(json, { error: describeIssue });
  if (parsed.success) return { ok: true, manifest: parsed.data };
  const diagnostics = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => diagnostic([...issue.path, key], issue.message))
      : [diagnostic(issue.path, issue.message)],
  );
  const distinct = new Map(diagnostics.map((each) => [each.message, each]));
  return { ok: false, diagnostics: [...distinct.values()].slice(0, MAX_DIAGNOSTICS) };
}

function diagnostic(path: readonly PropertyKey[], message: string): Diagnostic {
  const field = formatField(path);
  const place = { code: 'MANIFEST_INVALID' as const, file: MANIFEST_PATH };
  return field === ''
    ? { ...place, message: `the manifest ${message}` }
    : { ...place, field, message: `${field} ${message}` };
}

/** What is wrong with a field, in words that follow its name. Undefined leaves zod's own. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `must be ${article(issue.expected)}, not ${typeName(issue.input)}`;
    case 'invalid_value':
      return `${issue.input === undefined ? 'is missing: it ' : ''}must be ${alternatives(issue.values)}`;
    case 'invalid_union':
      return `must be ${alternatives((issue as { options?: readonly unknown[] }).options ?? [])}`;
    case 'unrecognized_keys': {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      return `is not a field here; these are: ${known.join(', ')}`;
    }
    case 'too_small':
      return 'must not be empty';
    case 'too_big':
      return `must have at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'items'}, not ${(issue.input as string | unknown[]).length}`;
    case 'not_multiple_of':
      return 'must be even: video formats need it';
    default:
      return undefined;
  }
}

function alternatives(values: readonly unknown[]): string {
  const texts = values.map((value) => JSON.stringify(value));
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
}

function typeName(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  return article(Array.isArray(value) ? 'array' : typeof value);
}

function article(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** `scenes[2].entry` for `['scenes', 2, 'entry']`; a part that does not read as a name is quoted and shortened. */
export function formatField(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const name = String(part);
    if (!/^[\w$-]{1,40}$/.test(name)) return `${text}[${quoted(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** The text as JSON writes it, so that nothing in it breaks a line, and no longer than a message can bear. */
function quoted(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return JSON.stringify(short.replace(/[\u2028\u2029\u007f-\u009f]/g, ' '));
}
