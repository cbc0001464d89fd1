/** What a `repository_dispatch` carries. GitHub bounds it: under 10 keys, under 64 KB. */
import { z } from 'zod';
import { commitSchema, projectIdSchema, threadIdSchema, versionSchema } from './ids.ts';
import { MAX_DISPATCH_BYTES, MAX_DISPATCH_KEYS } from './limits.ts';

export const DISPATCH_EVENT = 'permaframe-publish';

export const OUTPUTS = ['page', 'mp4', 'webm', 'gif'] as const;

/** A host without user name or password, then anything. */
const CALLBACK = /^https?:\/\/[^/?#@\\]+([/?#]|$)/i;

function isCallback(text: string): boolean {
  // Visible ASCII only: the URL parser would overlook line breaks and spaces that are still in the text.
  return /^[!-~]+$/.test(text) && CALLBACK.test(text) && URL.canParse(text);
}

export const dispatchPayloadSchema = z
  .strictObject({
    /** Id of the publish row; also part of the run's name, because a dispatch answers with no run id. */
    publish: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    thread: threadIdSchema,
    project: projectIdSchema,
    version: versionSchema,
    /** The snapshot commit. */
    sha: commitSchema,
    outputs: z.array(z.enum(OUTPUTS)).min(1).max(OUTPUTS.length),
    /** Where the run reports to. */
    callback: z
      .string()
      .max(2000)
      .refine(isCallback, 'must be an http or https address, without user name, spaces or line breaks'),
  })
  .refine((payload) => new Set(payload.outputs).size === payload.outputs.length, {
    path: ['outputs'],
    message: 'must not name an output twice',
  });

export type DispatchPayload = z.infer<typeof dispatchPayloadSchema>;

/**
 * The `client_payload` to send.
 * @throws ZodError when a field is invalid; RangeError over GitHub's bounds.
 */
export function encodeDispatchPayload(payload: DispatchPayload): DispatchPayload {
  const parsed = dispatchPayloadSchema.parse(payload);
  if (Object.keys(parsed).length >= MAX_DISPATCH_KEYS) throw new RangeError('too many keys for a dispatch');
  const bytes = new TextEncoder().encode(JSON.stringify(parsed)).byteLength;
  if (bytes >= MAX_DISPATCH_BYTES) throw new RangeError(`${bytes} bytes are too many for a dispatch`);
  return parsed;
}
