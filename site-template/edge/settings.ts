/** What the person who deploys the edge has set: parsed once, complete, and never a reason to stop serving. */
import { z } from 'zod';
import { fromHex } from '../../action/contract/hash.ts';
import type { SigningKey } from '../../action/contract/signing.ts';

/** Fewer would be weaker than the hash itself. */
const MIN_SECRET_BYTES = 32;

export interface Settings {
  /** Origin that viewers use, without a slash at the end. Null: the origin of each request. */
  publicOrigin: string | null;
  /** Keys of signed links. Empty: every signed link is refused. */
  linkKeys: readonly SigningKey[];
  /** What is set but cannot be used, without its value. Signed links are then not judged, and /health fails. */
  problems: readonly string[];
}

/** The variables as they are bound; absent and empty mean the same. */
export interface SettingVariables {
  PUBLIC_URL?: string | undefined;
  LINK_KEYS?: string | undefined;
}

/** Never throws: a bad secret must not take public pages down. See {@link Settings.problems}. */
export function parseSettings(variables: SettingVariables): Settings {
  const publicOrigin = parsePublicUrl(variables.PUBLIC_URL ?? '');
  const linkKeys = parseLinkKeys(variables.LINK_KEYS ?? '');
  const problems: string[] = [];
  if (publicOrigin === undefined) problems.push('PUBLIC_URL must be an http(s) address without a path');
  if (linkKeys === undefined) {
    problems.push('LINK_KEYS must be JSON, [{"id", "secret"}], each secret at least 32 bytes in hex or base64');
  }
  return { publicOrigin: publicOrigin ?? null, linkKeys: linkKeys ?? [], problems };
}

function parsePublicUrl(text: string): string | null | undefined {
  if (text === '') return null;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return url.href === `${url.origin}/` ? url.origin : undefined;
}

const linkKeysSchema = z
  .array(z.strictObject({ id: z.string().regex(/^[a-z0-9]{1,16}$/), secret: z.string() }))
  .min(1)
  .refine((keys) => new Set(keys.map((key) => key.id)).size === keys.length);

function parseLinkKeys(text: string): SigningKey[] | undefined {
  if (text === '') return [];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = linkKeysSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const keys: SigningKey[] = [];
  for (const { id, secret: encoded } of parsed.data) {
    const secret = decodeSecret(encoded);
    if (secret === undefined || secret.byteLength < MIN_SECRET_BYTES) return undefined;
    keys.push({ id, secret });
  }
  return keys;
}

/** Hex when it can be hex (base64 of that alphabet alone is not made by chance), else base64, either alphabet. */
function decodeSecret(text: string): Uint8Array | undefined {
  if (text.length % 2 === 0 && /^[0-9a-f]+$/i.test(text)) return fromHex(text);
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
