/** Arguments of public functions, checked with the contract's schemas. */
import { z } from 'zod';
import { projectIdSchema, sha256Schema, threadIdSchema, versionSchema } from '../../action/contract/ids.ts';
import { MAX_PUBLISH_VIDEOS } from '../../action/contract/limits.ts';
import { type VideoRequest, videoRequestSchema } from '../../action/contract/video.ts';
import { normalizeEmail } from './access.ts';
import { refusal } from './refusal.ts';

/** One line of plain text, as a person sees it: in lists, commit messages, page heads. */
const titleSchema = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(120, 'must have at most 120 characters')
  .refine(
    (text) => text.isWellFormed() && !/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(text),
    'must be one line of plain text, without control characters',
  );

const emailSchema = z.string().max(254).transform(normalizeEmail).pipe(z.email('must be an e-mail address'));

/** @throws ConvexError INPUT_INVALID that names the argument */
function parse<T>(schema: z.ZodType<T, unknown>, field: string, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = (issue?.path ?? []).reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`),
    field,
  );
  throw refusal('INPUT_INVALID', `${place} ${issue?.message ?? 'is not valid'}`, place);
}

export function parseTitle(value: string): string {
  return parse(titleSchema, 'title', value);
}

export function parseProjectName(value: string): string {
  return parse(projectIdSchema, 'project', value);
}

export function parseThreadName(value: string): string {
  return parse(threadIdSchema, 'thread', value);
}

export function parseVersionNumber(value: number, field = 'version'): number {
  return parse(versionSchema, field, value);
}

export function parseEmail(value: string): string {
  return parse(emailSchema, 'email', value);
}

export function parseSha256(value: string, field = 'sha256'): string {
  return parse(sha256Schema, field, value);
}

/** A whole number from `min` to `max`. */
export function parseWhole(value: number, field: string, min: number, max: number): number {
  const rule = `must be a whole number from ${min} to ${max}`;
  const isWhole = (candidate: number) => Number.isInteger(candidate) && candidate >= min && candidate <= max;
  return parse(z.number().refine(isWhole, rule), field, value);
}

/** A complete request for a video. */
export function parseVideo(value: unknown, field = 'video'): VideoRequest {
  return parse(videoRequestSchema, field, value);
}

/** The videos to be made of a publish, each once. */
export function parseVideos(values: readonly unknown[], field = 'video'): VideoRequest[] {
  if (values.length > MAX_PUBLISH_VIDEOS) {
    throw refusal('INPUT_INVALID', `${field} must have at most ${MAX_PUBLISH_VIDEOS} items`, field);
  }
  const requests = values.map((value, index) => parseVideo(value, `${field}[${index}]`));
  return [...new Map(requests.map((request) => [JSON.stringify(request), request])).values()];
}
