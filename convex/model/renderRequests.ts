/** Asking for a render: everything that may be refused is refused before any work is done. */

import { ConvexError } from 'convex/values';
import { type ErrorCode, isPermaframeError } from '../../action/contract/errors.ts';
import { sha256Hex } from '../../action/contract/hash.ts';
import { MAX_ACTIVE_RENDERS } from '../../action/contract/limits.ts';
import { videosOf, withVideo } from '../../action/contract/thread-control.ts';
import { renderKeyText, specifyVideo, type VideoRequest, type VideoSpec } from '../../action/contract/video.ts';
import type { Doc, Id } from '../_generated/dataModel.js';
import type { MutationCtx, QueryCtx } from '../_generated/server.js';
import { admitToThread } from './access.ts';
import { changeControl, controlRow } from './controls.ts';
import { requireFilm } from './films.ts';
import { QUEUED_MILLISECONDS } from './jobMachine.ts';
import type { JobPlace } from './jobs.ts';
import { enqueue } from './outbox.ts';
import { countCall } from './rateLimits.ts';
import { type Refusal, refusal } from './refusal.ts';
import { standingRender } from './renders.ts';

/** Who asks for what. */
export interface RenderAsked {
  user: Doc<'users'>;
  thread: Doc<'threads'>;
  version: Doc<'versions'>;
  request: VideoRequest;
  retryOf?: Id<'renders'>;
  /** The publish that brings it about. */
  publish?: Id<'publishes'>;
}

/** What would be rendered, exactly. */
interface RenderPlan {
  artifactHash: string;
  spec: VideoSpec;
  /** Names the video. */
  key: string;
}

/**
 * Begins a render, or finds the one of the same video that is under way or ready.
 * @throws ConvexError STATE_CONFLICT, ARTIFACT_GONE, VIDEO_…, INPUT_INVALID, TOO_MANY_REQUESTS, TOO_MANY_RENDERS
 */
export async function beginRender(
  ctx: MutationCtx,
  asked: RenderAsked,
  now: number,
): Promise<{ render: Id<'renders'>; isNew: boolean }> {
  const { user, thread } = asked;
  const plan = await planRender(ctx, asked);
  const standing = await standingRender(ctx, plan.key);
  if (standing) {
    await offerAgain(ctx, asked, standing, now);
    return { render: standing._id, isNew: false };
  }
  const active = await ctx.db
    .query('renders')
    .withIndex('by_requester_deadline', (q) => q.eq('requester', user._id).gte('deadline', 0))
    .take(MAX_ACTIVE_RENDERS);
  if (active.length >= MAX_ACTIVE_RENDERS) {
    throw refusal('TOO_MANY_RENDERS', `You have ${active.length} videos under way, which is the limit.`);
  }
  await countCall(ctx, 'renderByPerson', user._id, now);
  await countCall(ctx, 'renderByProject', thread.project, now);
  const render = await ctx.db.insert('renders', {
    ...beginning(asked, now),
    ...plan,
    state: 'queued',
    deadline: now + QUEUED_MILLISECONDS,
  });
  await enqueue(ctx, { kind: 'dispatch', render }, now);
  return { render, isNew: true };
}

async function planRender(ctx: QueryCtx, { thread, version, request }: RenderAsked): Promise<RenderPlan> {
  const { tombstones } = await controlRow(ctx, thread._id);
  if (tombstones.includes(version.number)) {
    throw refusal('ARTIFACT_GONE', `Version ${version.number} was taken down. Restore it first.`, 'version');
  }
  const artifactHash = await publishedHash(ctx, version);
  if (artifactHash === null) {
    throw refusal('STATE_CONFLICT', `Version ${version.number} is not published.`, 'version');
  }
  const film = await requireFilm(ctx, version);
  try {
    const spec = specifyVideo(film, request);
    const key = await sha256Hex(new TextEncoder().encode(renderKeyText(artifactHash, spec)));
    return { artifactHash, spec, key };
  } catch (error) {
    if (isPermaframeError(error)) throw refusal(error.code, error.message, 'video');
    throw error;
  }
}

async function publishedHash(ctx: QueryCtx, version: Doc<'versions'>): Promise<string | null> {
  const published = await ctx.db
    .query('publishes')
    .withIndex('by_version_state', (q) => q.eq('version', version._id).eq('state', 'published'))
    .first();
  return published?.result?.artifactHash ?? null;
}

/** A version offers its newest videos only: one that is asked for again is one of them again. */
async function offerAgain(
  ctx: MutationCtx,
  { thread, version }: RenderAsked,
  { video }: Doc<'renders'>,
  now: number,
): Promise<void> {
  if (!video) return;
  await changeControl(
    ctx,
    thread,
    (control) => {
      const isOffered = videosOf(control, version.number).some(({ key }) => key === video.key);
      return isOffered ? control : withVideo(control, version.number, video);
    },
    now,
  );
}

function beginning(asked: RenderAsked, now: number) {
  const { user, thread, version, request, retryOf, publish } = asked;
  return {
    project: thread.project,
    thread: thread._id,
    version: version._id,
    number: version.number,
    ...(publish && { publish }),
    requester: user._id,
    request,
    ...(retryOf && { retryOf }),
    revision: 1,
    dispatches: 0,
    times: { queued: now },
  };
}

/**
 * Begins the renders that people wanted of a version once it is published. What is refused becomes a render that failed
 * with the refusal's code: the publish has succeeded, whatever becomes of its videos.
 */
export async function beginWantedRenders(
  ctx: MutationCtx,
  publish: Doc<'publishes'>,
  { thread, version }: JobPlace,
  wanted: NonNullable<Doc<'publishes'>['videos']>,
  now: number,
): Promise<void> {
  for (const { requester, request } of wanted) {
    const user = await ctx.db.get('users', requester);
    if (!user) throw new Error('a user has vanished');
    const asked = { user, thread, version, request, publish: publish._id };
    try {
      // Time has passed: who may edit is asked anew.
      await admitToThread(ctx, user, thread.name, 'edit');
      await beginRender(ctx, asked, now);
    } catch (error) {
      if (!(error instanceof ConvexError)) throw error;
      const { code, message } = error.data as Refusal;
      await insertRefused(ctx, asked, { code, message }, now);
    }
  }
}

async function insertRefused(
  ctx: MutationCtx,
  asked: RenderAsked,
  { code, message }: { code: ErrorCode; message: string },
  now: number,
): Promise<void> {
  const row = beginning(asked, now);
  const error = { code, message, diagnostics: [] };
  await ctx.db.insert('renders', { ...row, state: 'failed', times: { queued: now, ended: now }, error });
}
