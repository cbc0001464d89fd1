/** The functions of the control plane that the share parts call, by name, and what they answer. */
import { type FunctionReference, makeFunctionReference } from 'convex/server';
import type { FilmFormat, PublishState, RenderState, VideoFormat, VideoRequest } from './contract.ts';

export type Visibility = 'public' | 'unlisted';
export type Role = 'owner' | 'editor' | 'viewer';

/** Where in the author's files. Line and column count from 1. */
export interface Place {
  file?: string;
  line?: number;
  column?: number;
  excerpt?: string;
}

export interface ReportedProblem extends Place {
  code: string;
  message: string;
  field?: string;
}

export interface ReportedWarning extends Place {
  code: string;
  message: string;
}

/** When each state was reached, in milliseconds since 1970 by the control plane's clock. */
export interface PublishTimes {
  queued: number;
  dispatched?: number;
  sent?: number;
  claimed?: number;
  bundling?: number;
  uploading?: number;
  ended?: number;
}

/** What the run measured, in milliseconds. */
export interface StageTimings {
  read?: number;
  compile?: number;
  compose?: number;
  upload?: number;
  total: number;
}

export interface PublishResult {
  files: number;
  bytes: number;
  javascriptBytes: number;
  uploadedBytes: number;
  deduplicated: boolean;
}

/** One line of a thread's history: `publishes.listByThread`. */
export interface PublishLine {
  publish: string;
  thread: string;
  version: number;
  state: PublishState;
  /** Name of the person who asked for it. */
  requester: string | null;
  retryOf: string | null;
  run: { id: string; attempt: number; url: string } | null;
  times: PublishTimes;
  error: { code: string; message: string } | null;
  result: PublishResult | null;
  timings: StageTimings | null;
  warningCount: number;
  /** The pinned link, once published. */
  url: string | null;
}

/** One publish with everything that is known of it: `publishes.get`. */
export interface PublishView extends Omit<PublishLine, 'error'> {
  error: { code: string; message: string; diagnostics: ReportedProblem[] } | null;
  warnings: ReportedWarning[];
  latestUrl: string | null;
}

/** `threads.get` */
export interface ThreadView {
  thread: string;
  project: string;
  title: string;
  /** Of the person who asks. */
  role: Role;
  /** Number of the newest version; 0 before the first save. */
  newest: number;
  /** Where `/p/{thread}/latest` leads. */
  latest: number | null;
  visibility: Visibility;
  /** Versions that were taken down. */
  tombstones: number[];
  /** Whether the edge has been told. */
  isWritten: boolean;
}

/** When each state of a render was reached, in milliseconds since 1970 by the control plane's clock. */
export interface RenderTimes {
  queued: number;
  sent?: number;
  claimed?: number;
  rendering?: number;
  combining?: number;
  uploading?: number;
  ended?: number;
}

/** The job that makes one video of a published version: `renders.get`, and a line of `renders.listByVersion`. */
export interface RenderView {
  render: string;
  thread: string;
  version: number;
  state: RenderState;
  /** Name of the person who asked for it. */
  requester: string | null;
  request: VideoRequest;
  /** What the request comes to for the film: pixels, frames a second, frames. Null where it was refused. */
  spec: FilmFormat | null;
  /** Pieces that the film is rendered in, and how many of them were not there already. Null until the run has said. */
  chunks: number | null;
  toRender: number | null;
  /** From when the rendering began until the video is ready, as the run expects it. Null until the run has said. */
  estimatedMilliseconds: number | null;
  run: { id: string; attempt: number; url: string } | null;
  times: RenderTimes;
  error: { code: string; message: string; diagnostics: ReportedProblem[] } | null;
  video: { key: string; format: VideoFormat; width: number; height: number; bytes: number } | null;
  /** Where a ready video is, while everybody may open its version. */
  downloadUrl: string | null;
}

/** A version that is a film: `renders.film`. */
export interface FilmOutline extends FilmFormat {
  /** In their order. `middle` is a frame of the film, from 0. A control plane of an older release does not tell them. */
  scenes?: readonly { title: string; middle: number }[];
}

type Ask<Args extends Record<string, unknown>, Answer> = FunctionReference<'query', 'public', Args, Answer>;
type Change<Args extends Record<string, unknown>, Answer> = FunctionReference<'mutation', 'public', Args, Answer>;
type ThreadVersion = { thread: string; version: number };

/** What is left out has the contract's default. */
type WantedVideo = Pick<VideoRequest, 'format'> & Partial<VideoRequest>;
type RenderAsked = { render: string; isNew: boolean };

export interface ShareFunctions {
  thread: Ask<{ thread: string }, ThreadView>;
  publishes: Ask<{ thread: string; limit?: number }, PublishLine[]>;
  publish: Ask<{ publish: string }, PublishView>;
  request: Change<ThreadVersion, { publish: string; isNew: boolean }>;
  retry: Change<{ publish: string }, { publish: string; isNew: boolean }>;
  cancel: Change<{ publish: string }, null>;
  setLatest: Change<ThreadVersion, { latest: number | null }>;
  takeDown: Change<ThreadVersion, { latest: number | null; tombstones: number[] }>;
  restore: Change<ThreadVersion, { latest: number | null; tombstones: number[] }>;
  setVisibility: Change<{ thread: string; visibility: Visibility }, { visibility: Visibility }>;
  createLink: Change<ThreadVersion & { seconds: number }, { url: string; expires: number }>;
  /** Of a version that is a storyboard; null for an app. */
  film: Ask<ThreadVersion, FilmOutline | null>;
  /** Newest first. */
  renders: Ask<ThreadVersion, RenderView[]>;
  requestRender: Change<ThreadVersion & { video: WantedVideo }, RenderAsked>;
  retryRender: Change<{ render: string }, RenderAsked>;
  cancelRender: Change<{ render: string }, null>;
}

/** As `convex/` has them. Another deployment hands its own references in. */
export const CONTROL_PLANE: ShareFunctions = {
  thread: makeFunctionReference('threads:get'),
  publishes: makeFunctionReference('publishes:listByThread'),
  publish: makeFunctionReference('publishes:get'),
  request: makeFunctionReference('publishes:request'),
  retry: makeFunctionReference('publishes:retry'),
  cancel: makeFunctionReference('publishes:cancel'),
  setLatest: makeFunctionReference('threads:setLatest'),
  takeDown: makeFunctionReference('threads:takeDown'),
  restore: makeFunctionReference('threads:restore'),
  setVisibility: makeFunctionReference('threads:setVisibility'),
  createLink: makeFunctionReference('threads:createLink'),
  film: makeFunctionReference('renders:film'),
  renders: makeFunctionReference('renders:listByVersion'),
  requestRender: makeFunctionReference('renders:request'),
  retryRender: makeFunctionReference('renders:retry'),
  cancelRender: makeFunctionReference('renders:cancel'),
};
