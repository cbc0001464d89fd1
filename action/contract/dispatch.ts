/** What a `repository_dispatch` carries. GitHub bounds it: under 10 keys, under 64 KB. */
import { z } from 'zod';
import { commitSchema, projectIdSchema, sha256Schema, threadIdSchema, versionSchema } from './ids.ts';
import { MAX_DISPATCH_BYTES, MAX_DISPATCH_KEYS } from './limits.ts';
import { videoRequestSchema } from './video.ts';

export const DISPATCH_EVENT = 'permaframe-publish';

/** Asks for a video of a published artifact: a run of its own, so that no page ever waits for a video. */
export const RENDER_EVENT = 'permaframe-render';

export const OUTPUTS = ['page', 'mp4', 'webm', 'gif'] as const;

/** A host without user name or password, then anything. */
const CALLBACK = /^https?:\/\/[^/?#@\\]+([/?#]|$)/i;

function isCallback(text: string): boolean {
  // Visible ASCII only: the URL parser would overlook line breaks and spaces that are still in the text.
  return /^[!-~]+$/.test(text) && CALLBACK.test(text) && URL.canParse(text);
}

/** Id of a row of the control plane; also part of the run's name, because a dispatch answers with no run id. */
const rowId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** Where the run reports to. */
const callbackSchema = z
  .string()
  .max(2000)
  .refine(isCallback, 'must be an http or https address, without user name, spaces or line breaks');

export const dispatchPayloadSchema = z
  .strictObject({
    publish: rowId,
    thread: threadIdSchema,
    project: projectIdSchema,
    version: versionSchema,
    /** The snapshot commit. */
    sha: commitSchema,
    outputs: z.array(z.enum(OUTPUTS)).min(1).max(OUTPUTS.length),
    callback: callbackSchema,
  })
  .refine((payload) => new Set(payload.outputs).size === payload.outputs.length, {
    path: ['outputs'],
    message: 'must not name an output twice',
  });

export type DispatchPayload = z.infer<typeof dispatchPayloadSchema>;

/** What a run needs to make a video. The artifact says everything else. */
export const renderPayloadSchema = z.strictObject({
  render: rowId,
  thread: threadIdSchema,
  project: projectIdSchema,
  version: versionSchema,
  /** SHA-256 of the meta.json to render. */
  artifactHash: sha256Schema,
  /** The snapshot commit: its sources tell where a scene that throws was written. Null: not known. */
  sha: commitSchema.nullable(),
  video: videoRequestSchema,
  callback: callbackSchema,
});

export type RenderPayload = z.infer<typeof renderPayloadSchema>;

/**
 * The `client_payload` to send.
 * @throws ZodError when a field is invalid; RangeError over GitHub's bounds.
 */
export function encodeDispatchPayload(payload: DispatchPayload): DispatchPayload {
  return withinBounds(dispatchPayloadSchema.parse(payload));
}

/** As {@link encodeDispatchPayload}, for {@link RENDER_EVENT}. */
export function encodeRenderPayload(payload: z.input<typeof renderPayloadSchema>): RenderPayload {
  return withinBounds(renderPayloadSchema.parse(payload));
}

function withinBounds<P extends object>(payload: P): P {
  if (Object.keys(payload).length >= MAX_DISPATCH_KEYS) throw new RangeError('too many keys for a dispatch');
  const bytes = new TextEncoder().encode(JSON.stringify(payload)).byteLength;
  if (bytes >= MAX_DISPATCH_BYTES) throw new RangeError(`${bytes} bytes are too many for a dispatch`);
  return payload;
}
