/** The inputs of the action that makes videos, by what it is to do: parsed once into one value. Nothing deeper reads them. */
import { z } from 'zod';
import type { StoreConfig } from '../adapters/store-config.ts';
import { renderPayloadSchema } from '../contract/dispatch.ts';
import { PermaframeError } from '../contract/errors.ts';
import { commitSchema, parseVersion, sha256Schema, threadIdSchema } from '../contract/ids.ts';
import { publishIdSchema } from '../contract/reports.ts';
import { type VideoRequest, videoRequestSchema } from '../contract/video.ts';
import type { RenderOrder } from '../core/render/plan.ts';
import { MAX_RENDER_JOBS } from '../core/render/spread.ts';
import {
  type Environment,
  invalidInputs,
  isInside,
  optional,
  parseStore,
  readInput,
  required,
  STORE_INPUTS,
} from '../input-schemas.ts';

/** Who asked for the video; null: nobody is told. */
export type Asking = { id: string; callback: string } | null;

interface AboutVideo {
  order: RenderOrder;
  asking: Asking;
  store: StoreConfig;
}

interface AboutMachine {
  /** Has `@remotion/renderer` in its `node_modules`, or in those of a folder above; relative to the workspace, or absolute. */
  renderer: string;
  /** Null: the one that is found. */
  browser: string | null;
}

export interface PlanInputs extends AboutVideo {
  mode: 'plan';
  /** Where the order for the jobs that render is put; relative to the workspace. */
  orderFolder: string;
  /** Jobs that render at a time, at most. */
  maxJobs: number;
}

export interface RenderInputs extends AboutMachine {
  mode: 'render';
  orderFolder: string;
  chunksFolder: string;
  /** Which of the order's groups; from 0. */
  group: number;
}

export interface AttachInputs extends AboutVideo, AboutMachine {
  mode: 'attach';
  chunksFolder: string;
  /** The snapshot's, by which errors are located; null: not known. */
  commit: string | null;
  /** Where that is checked out, relative to the workspace. */
  repositoryFolder: string;
  /** When the plan began and ended, in milliseconds since 1970; null: not known. */
  times: { began: number; planned: number } | null;
  licenseKey: string | null;
}

export type Inputs = PlanInputs | RenderInputs | AttachInputs;

const SECRET_NAMES = ['s3-access-key-id', 's3-secret-access-key', 'remotion-license-key'] as const;

const wholeNumber = z.string().regex(/^[0-9]{1,15}$/, 'must be a whole number');
const folder = z.string().refine(isInside, 'must be a folder inside the workspace, by a relative path');
const callback = renderPayloadSchema.shape.callback;

const videoShape = {
  thread: required(threadIdSchema),
  version: required(
    z
      .string()
      .transform(parseVersion)
      .refine((version) => version !== null, 'must be a whole number from 1'),
  ),
  'artifact-hash': optional(sha256Schema),
  /** A request as the dispatch carries it; `null` where an expression found none. */
  video: z.string(),
  format: z.string(),
  quality: z.string(),
  resolution: z.string(),
  fps: z.string(),
  'poster-frame': optional(wholeNumber.transform(Number)),
  render: optional(publishIdSchema),
  callback: optional(callback),
};
const storeShape = Object.fromEntries(Object.values(STORE_INPUTS).map((name) => [name, z.string()]));
const machineShape = { renderer: required(z.string()), browser: optional(z.string()) };

const schemas = {
  plan: z.object({
    ...videoShape,
    ...storeShape,
    'order-folder': required(folder),
    'max-jobs': optional(wholeNumber.transform(Number).refine((jobs) => jobs > 0, 'must be at least 1')),
  }),
  render: z.object({
    ...machineShape,
    'order-folder': required(folder),
    'chunks-folder': required(folder),
    group: required(wholeNumber.transform(Number)),
  }),
  attach: z.object({
    ...videoShape,
    ...storeShape,
    ...machineShape,
    'chunks-folder': required(folder),
    commit: optional(commitSchema),
    'repository-folder': required(folder),
    began: optional(wholeNumber.transform(Number)),
    planned: optional(wholeNumber.transform(Number)),
    'remotion-license-key': z.string(),
  }),
};

/**
 * @param env `INPUT_…`, as the runner sets them
 * @throws PermaframeError INPUT_INVALID or CONFIG_INVALID, which names each wrong input and quotes none
 */
export function parseInputs(env: Environment): Inputs {
  const mode = readInput(env, 'mode');
  switch (mode) {
    case 'plan': {
      const data = parse(schemas.plan, env);
      const maxJobs = data['max-jobs'] ?? MAX_RENDER_JOBS;
      return { mode, ...aboutVideo(data, env), orderFolder: data['order-folder'], maxJobs };
    }
    case 'render': {
      const { renderer, browser, group, ...folders } = parse(schemas.render, env);
      const [orderFolder, chunksFolder] = [folders['order-folder'], folders['chunks-folder']];
      return { mode, renderer, browser, group, orderFolder, chunksFolder };
    }
    case 'attach': {
      const data = parse(schemas.attach, env);
      const { renderer, browser, commit, began, planned } = data;
      return {
        mode,
        ...aboutVideo(data, env),
        ...{ renderer, browser, commit },
        chunksFolder: data['chunks-folder'],
        repositoryFolder: data['repository-folder'],
        times: began === null || planned === null ? null : { began, planned },
        licenseKey: data['remotion-license-key'] || null,
      };
    }
    default:
      throw new PermaframeError('INPUT_INVALID', 'The inputs are wrong: mode must be plan, render or attach.');
  }
}

/** What must be masked before anything else is done, also when the inputs turn out to be wrong. */
export function secretsOf(env: Environment): string[] {
  return SECRET_NAMES.map((name) => readInput(env, name)).filter((value) => value !== '');
}

/** Who asked for the video, as far as that can be read when other inputs are wrong. */
export function parseAsking(env: Environment): Asking {
  const id = publishIdSchema.safeParse(readInput(env, 'render'));
  const address = callback.safeParse(readInput(env, 'callback'));
  return id.success && address.success ? { id: id.data, callback: address.data } : null;
}

function parse<T extends z.ZodObject>(schema: T, env: Environment): z.output<T> {
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, readInput(env, name)]));
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw invalidInputs(parsed.error.issues);
  return parsed.data;
}

type VideoData = z.output<z.ZodObject<typeof videoShape>>;

function aboutVideo(data: VideoData, env: Environment): AboutVideo {
  const { thread, version, render, callback: address } = data;
  if (version === null) throw new PermaframeError('INPUT_INVALID', 'version is missing');
  if ((render === null) !== (address === null)) {
    throw new PermaframeError('INPUT_INVALID', 'The inputs are wrong: render and callback go together.');
  }
  return {
    order: { thread, version, artifactHash: data['artifact-hash'], request: requestOf(data) },
    asking: render === null || address === null ? null : { id: render, callback: address },
    store: parseStore(Object.fromEntries(Object.values(STORE_INPUTS).map((name) => [name, readInput(env, name)]))),
  };
}

/** A request that was dispatched, or one that a person put together by hand: what is left out there has its default. */
function requestOf(data: VideoData): VideoRequest {
  const { format, quality, resolution, fps } = data;
  const dispatched = parseJson(data.video);
  const named = Object.entries({ format, quality, resolution, fps }).filter(([, value]) => value !== '');
  const byHand = { ...Object.fromEntries(named), posterFrame: data['poster-frame'] };
  const parsed = videoRequestSchema.safeParse(dispatched ?? byHand);
  if (!parsed.success) throw invalidInputs(parsed.error.issues);
  return parsed.data;
}

/** @returns null for `null` and for nothing */
function parseJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new PermaframeError('INPUT_INVALID', 'The inputs are wrong: video is no JSON.');
  }
}
