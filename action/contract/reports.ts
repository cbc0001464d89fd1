/**
 * What a run tells the control plane, and what it is answered. A report is a POST to the `callback` of the dispatch,
 * with GitHub's OIDC token as bearer; who the run is stands in the token and nowhere else.
 */
import { z } from 'zod';
import { isErrorCode } from './errors.ts';
import { sha256Schema } from './ids.ts';
import { MAX_DIAGNOSTICS, MAX_RENDER_CHUNKS } from './limits.ts';
import { attachedVideoSchema } from './video.ts';

/** Path of the report endpoint below the control plane's site URL. */
export const REPORT_PATH = '/permaframe/report';
/** Path of the endpoint for GitHub's `workflow_run` webhook. */
export const WEBHOOK_PATH = '/permaframe/github';
/** A larger report is refused unread, in bytes. */
export const MAX_REPORT_BYTES = 64_000;

export const publishIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

const placeSchema = {
  file: z.string().max(255).optional(),
  line: z.int().min(1).optional(),
  column: z.int().min(1).optional(),
  excerpt: z.string().max(200).optional(),
};

const messageSchema = z.string().max(1000);

export const reportedDiagnosticSchema = z.strictObject({
  code: z.string().max(64).refine(isErrorCode, 'must be a code of the error table'),
  message: messageSchema,
  field: z.string().max(200).optional(),
  ...placeSchema,
});

export const reportedWarningSchema = z.strictObject({
  code: z.string().regex(/^[A-Z_]{1,64}$/),
  message: messageSchema,
  ...placeSchema,
});

const milliseconds = z.int().min(0).max(86_400_000);

/** Wall-clock time of each stage that was run, in milliseconds. */
export const timingsSchema = z.strictObject({
  read: milliseconds.optional(),
  compile: milliseconds.optional(),
  compose: milliseconds.optional(),
  upload: milliseconds.optional(),
  total: milliseconds,
});

const publish = publishIdSchema;

export const reportSchema = z.discriminatedUnion('kind', [
  /** Comes first: one run owns a publish. */
  z.strictObject({ kind: z.literal('claim'), publish }),
  z.strictObject({ kind: z.literal('progress'), publish, state: z.enum(['bundling', 'uploading']) }),
  z.strictObject({
    kind: z.literal('published'),
    publish,
    artifactHash: sha256Schema,
    /** Whether the artifact was there already, complete. */
    deduplicated: z.boolean(),
    files: z.int().min(1).max(100_000),
    bytes: z.int().min(0),
    javascriptBytes: z.int().min(0),
    /** Objects that were stored, and that were there already. */
    uploaded: z.int().min(0),
    skipped: z.int().min(0),
    uploadedBytes: z.int().min(0),
    timings: timingsSchema,
    warnings: z.array(reportedWarningSchema).max(MAX_DIAGNOSTICS * 2),
  }),
  z.strictObject({
    kind: z.literal('failed'),
    publish,
    code: z.string().max(64).refine(isErrorCode, 'must be a code of the error table'),
    message: messageSchema,
    diagnostics: z.array(reportedDiagnosticSchema).max(MAX_DIAGNOSTICS),
    timings: timingsSchema.optional(),
  }),
]);

export type Report = z.infer<typeof reportSchema>;

const render = publishIdSchema;

/** Wall-clock time of each stage of a render that was run, in milliseconds. */
export const renderTimingsSchema = z.strictObject({
  /** From the claim to the first frame. */
  plan: milliseconds.optional(),
  render: milliseconds.optional(),
  combine: milliseconds.optional(),
  upload: milliseconds.optional(),
  total: milliseconds,
});

/** What a run that makes a video tells. The jobs that render have no token: what they did is told by those around them. */
export const renderReportSchema = z.discriminatedUnion('kind', [
  /** Comes first: one run owns a render. */
  z.strictObject({ kind: z.literal('claimRender'), render }),
  z.strictObject({
    kind: z.literal('rendering'),
    render,
    /** Chunks of the film, and how many of them have to be rendered: the others were there. */
    chunks: z.int().min(1).max(MAX_RENDER_CHUNKS),
    toRender: z.int().min(0).max(MAX_RENDER_CHUNKS),
    /** Until the video is ready, by experience. */
    estimatedMilliseconds: milliseconds,
  }),
  z.strictObject({ kind: z.literal('renderMoved'), render, state: z.enum(['combining', 'uploading']) }),
  z.strictObject({
    kind: z.literal('rendered'),
    render,
    video: attachedVideoSchema,
    durationMilliseconds: milliseconds,
    timings: renderTimingsSchema,
  }),
  z.strictObject({
    kind: z.literal('renderFailed'),
    render,
    code: z.string().max(64).refine(isErrorCode, 'must be a code of the error table'),
    message: messageSchema,
    diagnostics: z.array(reportedDiagnosticSchema).max(MAX_DIAGNOSTICS),
  }),
]);

export type RenderReport = z.infer<typeof renderReportSchema>;

/** Why a report changed nothing. */
export const REPORT_REFUSALS = [
  /** No such publish, or not for this repository: the sender learns no more. */
  'unknown',
  /** Another run owns the publish. */
  'notYours',
  /** The publish is over. */
  'over',
  /** It says what is known already, or less. */
  'late',
] as const;

/** Status 200 with this body, whether anything changed or not; 400, 401, 413 for what is not a report at all. */
export const reportAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('accepted') }),
  /** The run should stop: nobody waits for it any more. */
  z.strictObject({ kind: z.literal('refused'), reason: z.enum(REPORT_REFUSALS) }),
]);

export type ReportAnswer = z.infer<typeof reportAnswerSchema>;
export type ReportRefusal = (typeof REPORT_REFUSALS)[number];

/** Trailers of a snapshot commit, by which it is found again instead of made twice. */
export const COMMIT_TRAILERS = {
  thread: 'Permaframe-Thread',
  version: 'Permaframe-Version',
  publish: 'Permaframe-Publish',
  snapshot: 'Permaframe-Snapshot',
} as const;

/** Branch that carries a thread's versions, one commit each. */
export function threadBranch(thread: string): string {
  return `threads/${thread}`;
}

/** Context of the commit status that shows a publish. */
export const STATUS_CONTEXT = 'permaframe/publish';

/** How a run is called, so that it is found by its publish: GitHub answers a dispatch with no run id. */
export function runName(thread: string, version: number, publish: string): string {
  return `Publish ${thread} v${version} (${publish})`;
}

/** As {@link runName}, for a run that makes a video. */
export function renderRunName(thread: string, version: number, render: string): string {
  return `Render ${thread} v${version} (${render})`;
}
