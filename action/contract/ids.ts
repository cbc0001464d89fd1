/** The names things go by. All of them end up in object keys and URLs, so their alphabet is small. */
import { z } from 'zod';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const NAME_RULE = 'must be 1 to 63 characters of a-z, 0-9 and "-", and must not begin with "-"';

export const threadIdSchema = z.string().regex(NAME, NAME_RULE);
export const projectIdSchema = z.string().regex(NAME, NAME_RULE);
export const sceneIdSchema = z.string().regex(NAME, NAME_RULE);
export const versionSchema = z.int().min(1).max(999_999_999);
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 characters of lower-case hex');
export const commitSchema = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'must be a full commit id');

/** Reads a version out of a URL or a key: decimal, no sign, no leading zero. Null when it is not one. */
export function parseVersion(text: string): number | null {
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : null;
}

/** Whether the text may name a thread, a project or a scene. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/**
 * Turns any label (a folder's name, say) into a name: lower case, accents dropped, everything else a hyphen.
 * Null when nothing usable is left.
 */
export function toName(label: string): string | null {
  const name = label
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return isName(name) ? name : null;
}
