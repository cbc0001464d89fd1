/** Convex's validators for what tables and internal functions share. Lists of words come from the contract. */
import { type Infer, v } from 'convex/values';
import { OUTPUTS } from '../../action/contract/dispatch.ts';
import { PUBLISH_STATES, RENDER_STATES } from '../../action/contract/states.ts';
import { VISIBILITIES } from '../../action/contract/thread-control.ts';
import {
  VIDEO_FORMATS,
  VIDEO_FRAME_RATES,
  VIDEO_QUALITIES,
  VIDEO_RESOLUTIONS,
} from '../../action/contract/video-spec.ts';

function oneOf<const T extends string>(words: readonly T[]) {
  return v.union(...words.map((word) => v.literal(word)));
}

export const ROLES = ['viewer', 'editor'] as const;

export const roleValidator = oneOf(ROLES);
export const publishStateValidator = oneOf(PUBLISH_STATES);
export const renderStateValidator = oneOf(RENDER_STATES);
export const visibilityValidator = oneOf(VISIBILITIES);
export const outputsValidator = v.array(oneOf(OUTPUTS));

export const attachedVideoValidator = v.object({
  key: v.string(),
  format: oneOf(VIDEO_FORMATS),
  width: v.number(),
  height: v.number(),
  bytes: v.number(),
});

/** Attached videos of a thread, by version. */
export const attachedVideosValidator = v.record(v.string(), v.array(attachedVideoValidator));

/** What a person asks for: what is left out has its default. model/inputs.ts completes it. */
export const videoInputValidator = v.object({
  format: oneOf(VIDEO_FORMATS),
  quality: v.optional(oneOf(VIDEO_QUALITIES)),
  resolution: v.optional(oneOf(VIDEO_RESOLUTIONS)),
  fps: v.optional(oneOf(VIDEO_FRAME_RATES)),
  posterFrame: v.optional(v.union(v.number(), v.null())),
});

/** A complete `VideoRequest` of the contract. */
export const videoRequestValidator = v.object({
  format: oneOf(VIDEO_FORMATS),
  quality: oneOf(VIDEO_QUALITIES),
  resolution: oneOf(VIDEO_RESOLUTIONS),
  fps: oneOf(VIDEO_FRAME_RATES),
  posterFrame: v.union(v.number(), v.null()),
});

/** A `VideoSpec` of the contract. */
export const videoSpecValidator = v.object({
  format: oneOf(VIDEO_FORMATS),
  quality: oneOf(VIDEO_QUALITIES),
  width: v.number(),
  height: v.number(),
  scale: v.number(),
  fps: v.number(),
  durationInFrames: v.number(),
  posterFrame: v.union(v.number(), v.null()),
});

export const versionFileValidator = v.object({
  path: v.string(),
  sha256: v.string(),
  bytes: v.number(),
  file: v.id('files'),
});

/** Who a run is: from the token, never from what it says. */
export const runIdentityValidator = v.object({
  /** Decimal. A string, because nothing promises that GitHub's numbers stay exact as floats. */
  id: v.string(),
  attempt: v.number(),
});

export const runValidator = v.object({ ...runIdentityValidator.fields, url: v.string() });

const placeFields = {
  file: v.optional(v.string()),
  line: v.optional(v.number()),
  column: v.optional(v.number()),
  excerpt: v.optional(v.string()),
};

export const diagnosticValidator = v.object({
  code: v.string(),
  message: v.string(),
  field: v.optional(v.string()),
  ...placeFields,
});

export const warningValidator = v.object({ code: v.string(), message: v.string(), ...placeFields });

export const jobErrorValidator = v.object({
  /** A code of the contract's error table. */
  code: v.string(),
  message: v.string(),
  diagnostics: v.array(diagnosticValidator),
});

export const publishResultValidator = v.object({
  artifactHash: v.string(),
  files: v.number(),
  bytes: v.number(),
  javascriptBytes: v.number(),
  /** Objects and bytes; 0 when the artifact was adopted: who stored it did not say. */
  uploaded: v.number(),
  skipped: v.number(),
  uploadedBytes: v.number(),
  deduplicated: v.boolean(),
});

/** Milliseconds. */
export const timingsValidator = v.object({
  read: v.optional(v.number()),
  compile: v.optional(v.number()),
  compose: v.optional(v.number()),
  upload: v.optional(v.number()),
  total: v.number(),
});

/** When each state was reached, in milliseconds since 1970. */
export const publishTimesValidator = v.object({
  queued: v.number(),
  dispatched: v.optional(v.number()),
  /** When GitHub accepted the newest dispatch. */
  sent: v.optional(v.number()),
  claimed: v.optional(v.number()),
  bundling: v.optional(v.number()),
  uploading: v.optional(v.number()),
  ended: v.optional(v.number()),
});

/** Milliseconds. */
export const renderTimingsValidator = v.object({
  plan: v.optional(v.number()),
  render: v.optional(v.number()),
  combine: v.optional(v.number()),
  upload: v.optional(v.number()),
  total: v.number(),
});

/** When each state was reached, in milliseconds since 1970. */
export const renderTimesValidator = v.object({
  queued: v.number(),
  /** When GitHub accepted the newest dispatch. */
  sent: v.optional(v.number()),
  claimed: v.optional(v.number()),
  rendering: v.optional(v.number()),
  combining: v.optional(v.number()),
  uploading: v.optional(v.number()),
  ended: v.optional(v.number()),
});

/** What GitHub says about the run of a publish or a render. */
export const runFactValidator = v.union(
  /** GitHub could not be asked. */
  v.object({ kind: v.literal('unknown') }),
  /** GitHub has no such run. */
  v.object({ kind: v.literal('none') }),
  v.object({ kind: v.literal('active'), run: runValidator }),
  v.object({ kind: v.literal('completed'), run: runValidator, conclusion: v.string() }),
);

/** What the store says about the artifact of a publish. */
export const artifactFactValidator = v.union(
  /** The store could not be asked. */
  v.object({ kind: v.literal('unknown') }),
  /** There is no meta.json. */
  v.object({ kind: v.literal('none') }),
  v.object({
    kind: v.literal('complete'),
    /** `snapshot` of meta.json: must be the version's, or the artifact is not adopted. */
    snapshot: v.string(),
    /** SHA-256 of meta.json. */
    artifactHash: v.string(),
    files: v.number(),
    bytes: v.number(),
    javascriptBytes: v.number(),
  }),
);

export const factsValidator = v.object({ run: runFactValidator, artifact: artifactFactValidator });

/** What the store says about the video of a render. */
export const videoFactValidator = v.union(
  /** The store could not be asked. */
  v.object({ kind: v.literal('unknown') }),
  v.object({ kind: v.literal('none') }),
  v.object({ kind: v.literal('there'), bytes: v.number() }),
);

export const renderFactsValidator = v.object({ run: runFactValidator, video: videoFactValidator });

export type Facts = Infer<typeof factsValidator>;
export type RenderFacts = Infer<typeof renderFactsValidator>;
export type RunFact = Infer<typeof runFactValidator>;
export type RunIdentity = Infer<typeof runIdentityValidator>;
export type Run = Infer<typeof runValidator>;
export type JobError = Infer<typeof jobErrorValidator>;
export type PublishResult = Infer<typeof publishResultValidator>;
export type PublishTimes = Infer<typeof publishTimesValidator>;
export type RenderTimes = Infer<typeof renderTimesValidator>;
export type Role = Infer<typeof roleValidator>;
