/** The tables of the control plane. Each says who writes it and who deletes from it; "nobody" is meant. */
import { defineSchema, defineTable } from 'convex/server';
import { v } from 'convex/values';
import {
  attachedVideosValidator,
  attachedVideoValidator,
  jobErrorValidator,
  outputsValidator,
  publishResultValidator,
  publishStateValidator,
  publishTimesValidator,
  renderStateValidator,
  renderTimesValidator,
  renderTimingsValidator,
  roleValidator,
  runValidator,
  timingsValidator,
  versionFileValidator,
  videoRequestValidator,
  videoSpecValidator,
  visibilityValidator,
  warningValidator,
} from './model/validators.ts';

export default defineSchema({
  /** Whoever signed in once. Written by the person's own mutations (model/access.ts). Deleted by nobody. */
  users: defineTable({
    /** Issuer and subject of the person's token: the only thing that identifies. */
    tokenIdentifier: v.string(),
    name: v.string(),
    /** Only an address that the issuer says is verified; lower case. */
    email: v.optional(v.string()),
  })
    .index('by_tokenIdentifier', ['tokenIdentifier'])
    .index('by_email', ['email']),

  /** Written by projects.ts. Deleted by nobody: published pages outlive interest in them. */
  projects: defineTable({
    /** The project id of the contract, part of object keys. Unique in the deployment, never changes. */
    slug: v.string(),
    title: v.string(),
    owner: v.id('users'),
  })
    .index('by_slug', ['slug'])
    .index('by_owner', ['owner']),

  /**
   * Who else may see or change a project. Written and deleted by projects.ts; a row with an address and no user is
   * an invitation, and is bound when somebody signs in with that address verified (model/access.ts).
   */
  collaborators: defineTable({
    project: v.id('projects'),
    user: v.optional(v.id('users')),
    /** As it was invited; lower case. */
    email: v.optional(v.string()),
    role: roleValidator,
  })
    .index('by_project_user', ['project', 'user'])
    .index('by_project_email', ['project', 'email'])
    .index('by_user', ['user'])
    .index('by_email_user', ['email', 'user']),

  /** Written by threads.ts and, for the newest version, by versions.ts. Deleted by nobody. */
  threads: defineTable({
    project: v.id('projects'),
    /** The thread id of the contract, part of links. Unique in the deployment, never changes. */
    name: v.string(),
    title: v.string(),
    /** Number of the newest version; 0 before the first save. */
    newest: v.number(),
  })
    .index('by_name', ['name'])
    .index('by_project', ['project']),

  /** Immutable saves. Written by versions.ts; `commit` once, by dispatching.ts. Deleted by nobody. */
  versions: defineTable({
    thread: v.id('threads'),
    number: v.number(),
    author: v.id('users'),
    /** `snapshotHash` of the contract. */
    snapshotHash: v.string(),
    fileCount: v.number(),
    bytes: v.number(),
    /** The snapshot commit, once there is one. */
    commit: v.optional(v.string()),
  }).index('by_thread_number', ['thread', 'number']),

  /**
   * The files of a version, in parts, because 2,000 long paths are more than one document holds. Written with the
   * version. Deleted by nobody.
   */
  versionFiles: defineTable({
    version: v.id('versions'),
    part: v.number(),
    files: v.array(versionFileValidator),
  }).index('by_version_part', ['version', 'part']),

  /**
   * Contents, each once a project: whether another project has the same bytes is nobody's business. Written by
   * versions.ts (text) and files.ts (uploads). Deleted by nobody: versions are for ever.
   */
  files: defineTable({
    project: v.id('projects'),
    sha256: v.string(),
    bytes: v.number(),
    content: v.union(
      v.object({ kind: v.literal('text'), text: v.string() }),
      v.object({ kind: v.literal('stored'), storage: v.id('_storage') }),
    ),
  })
    .index('by_project_sha256', ['project', 'sha256'])
    .index('by_storage', ['content.storage']),

  /** Uploads that were begun. Written by files.ts, deleted by files.ts when finished, by cleanup.ts when not. */
  uploads: defineTable({
    project: v.id('projects'),
    user: v.id('users'),
    sha256: v.string(),
    bytes: v.number(),
  }),

  /**
   * The job that makes the artifact of a version. Written by publishes.ts on request, then only through
   * model/publishes.ts with what model/publishMachine.ts decided. Deleted by nobody.
   */
  publishes: defineTable({
    project: v.id('projects'),
    thread: v.id('threads'),
    version: v.id('versions'),
    /** The version's number, for sorting. */
    number: v.number(),
    requester: v.id('users'),
    outputs: outputsValidator,
    /** Videos that are asked for when it is published, each for the person who wanted it. */
    videos: v.optional(v.array(v.object({ requester: v.id('users'), request: videoRequestValidator }))),
    retryOf: v.optional(v.id('publishes')),
    state: publishStateValidator,
    /** Goes up with each change of state, run or dispatch: facts that were gathered before are stale. */
    revision: v.number(),
    /** Times a `repository_dispatch` was sent. */
    dispatches: v.number(),
    /** The run that claimed it. */
    run: v.optional(runValidator),
    /** When the sweep looks again, in milliseconds since 1970; missing when it is over. */
    deadline: v.optional(v.number()),
    times: publishTimesValidator,
    error: v.optional(jobErrorValidator),
    result: v.optional(publishResultValidator),
    timings: v.optional(timingsValidator),
    warnings: v.optional(v.array(warningValidator)),
    /** The pinned link, once published. */
    url: v.optional(v.string()),
  })
    .index('by_thread', ['thread'])
    .index('by_thread_state_number', ['thread', 'state', 'number'])
    .index('by_version_state', ['version', 'state'])
    .index('by_requester_deadline', ['requester', 'deadline'])
    .index('by_deadline', ['deadline'])
    .index('by_run', ['run.id']),

  /**
   * The job that makes one video of a published artifact. Written by model/renderRequests.ts on request (also as failed,
   * when a publish that wanted it was published and the request was refused), then only through model/renders.ts with what
   * model/renderMachine.ts decided. Deleted by nobody.
   */
  renders: defineTable({
    project: v.id('projects'),
    thread: v.id('threads'),
    version: v.id('versions'),
    /** The version's number. */
    number: v.number(),
    /** The publish that brought it about, if it was not asked for by itself. */
    publish: v.optional(v.id('publishes')),
    requester: v.id('users'),
    /** SHA-256 of the meta.json that is rendered. Missing where there was none. */
    artifactHash: v.optional(v.string()),
    request: videoRequestValidator,
    /** The request worked out for the film, and the `renderKey` of both. Missing where it was refused. */
    spec: v.optional(videoSpecValidator),
    key: v.optional(v.string()),
    retryOf: v.optional(v.id('renders')),
    state: renderStateValidator,
    /** Goes up with each change of state, run or dispatch: facts that were gathered before are stale. */
    revision: v.number(),
    /** Times a `repository_dispatch` was sent. */
    dispatches: v.number(),
    /** The run that claimed it. */
    run: v.optional(runValidator),
    /** When the sweep looks again, in milliseconds since 1970; missing when it is over. */
    deadline: v.optional(v.number()),
    times: renderTimesValidator,
    /** Chunks of the film, how many of them had to be rendered, and how long that should take: told by the run. */
    chunks: v.optional(v.number()),
    toRender: v.optional(v.number()),
    estimatedMilliseconds: v.optional(v.number()),
    error: v.optional(jobErrorValidator),
    /** What is attached to the version, once ready. */
    video: v.optional(attachedVideoValidator),
    /** Of the video; missing when it was adopted. */
    durationMilliseconds: v.optional(v.number()),
    timings: v.optional(renderTimingsValidator),
  })
    .index('by_version', ['version'])
    .index('by_version_state', ['version', 'state'])
    .index('by_key_state', ['key', 'state'])
    .index('by_requester_deadline', ['requester', 'deadline'])
    .index('by_deadline', ['deadline'])
    .index('by_run', ['run.id']),

  /**
   * What threads/{thread}.json says, or is about to say. Written by threads.ts, model/publishes.ts and
   * model/renders.ts (`videos`); `written` by controls.ts. Deleted by nobody.
   */
  threadControls: defineTable({
    thread: v.id('threads'),
    latest: v.union(v.number(), v.null()),
    visibility: visibilityValidator,
    tombstones: v.array(v.number()),
    /** The newest first. Missing: none. */
    videos: v.optional(attachedVideosValidator),
    /** Goes up with each change. */
    revision: v.number(),
    /** The revision that the store has. */
    written: v.number(),
  }).index('by_thread', ['thread']),

  /**
   * What still has to be done outside. A row stays until the Node action reports it done: an action that dies leaves
   * its row, and the sweep starts it again when `dueAt` has passed. Written and deleted by model/outbox.ts.
   */
  outbox: defineTable({
    kind: v.union(v.literal('dispatch'), v.literal('cancelRun'), v.literal('status'), v.literal('control')),
    /** For all kinds but `control`: this, or `render` (which has no `status`). */
    publish: v.optional(v.id('publishes')),
    render: v.optional(v.id('renders')),
    /** For `control`. */
    thread: v.optional(v.id('threads')),
    /** When the sweep starts it again, in milliseconds since 1970. */
    dueAt: v.number(),
    /** Until then an action may be at it, in milliseconds since 1970. Later than that, news starts it at once. */
    leaseUntil: v.number(),
    attempts: v.number(),
  })
    .index('by_dueAt', ['dueAt'])
    .index('by_publish_kind', ['publish', 'kind'])
    .index('by_render_kind', ['render', 'kind'])
    .index('by_thread_kind', ['thread', 'kind']),

  /** Token buckets. Written by model/rateLimits.ts, deleted by cleanup.ts once full again. */
  rateLimits: defineTable({
    /** Name of the limit and id of the person or project. */
    key: v.string(),
    tokens: v.number(),
    /** When `tokens` was right, in milliseconds since 1970. */
    at: v.number(),
    /** When the bucket is full again, in milliseconds since 1970. */
    fullAt: v.number(),
  })
    .index('by_key', ['key'])
    .index('by_fullAt', ['fullAt']),
});
