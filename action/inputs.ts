/** The action's inputs and what GitHub says of the run: parsed once into one value. Nothing deeper reads them. */
import { z } from 'zod';
import type { StoreConfig } from './adapters/store-config.ts';
import { dispatchPayloadSchema } from './contract/dispatch.ts';
import { PermaframeError } from './contract/errors.ts';
import { commitSchema, parseVersion, projectIdSchema, threadIdSchema } from './contract/ids.ts';
import { parseKey } from './contract/keys.ts';
import { publishIdSchema } from './contract/reports.ts';
import {
  type Environment,
  invalidInputs,
  isInside,
  optional,
  parseStore,
  readInput,
  required,
  STORE_INPUTS,
} from './input-schemas.ts';

export interface Inputs {
  thread: string;
  /** Null: the project that the version was published in before. */
  project: string | null;
  /** Null: what the commit says. */
  version: number | null;
  /** Null: the commit of that version in the history of the one that is checked out. */
  commit: string | null;
  /** Of the repository that holds the snapshot, relative to the workspace. */
  repositoryFolder: string;
  /** Null: nobody is told. */
  publish: { id: string; callback: string } | null;
  /** Origin of the edge, without a slash at the end. */
  publicUrl: string;
  /** Key of the runtime's manifest in the store. */
  runtime: string;
  store: StoreConfig;
  /** Null: the commit gets no status. */
  githubToken: string | null;
}

/** Where the action runs. */
export interface RunContext {
  /** `owner/name`. */
  repository: string;
  apiUrl: string;
  /** The run's page on GitHub. */
  runUrl: string;
  /** Absolute; what `repository-folder` is relative to. */
  workspace: string;
}

const NAMES = [
  'thread',
  'project',
  'version',
  'commit',
  'repository-folder',
  'publish',
  'callback',
  'public-url',
  'runtime',
  's3-endpoint',
  's3-bucket',
  's3-access-key-id',
  's3-secret-access-key',
  'github-token',
] as const;
type InputName = (typeof NAMES)[number];

/** Inputs that never appear in a log, a message or a report. */
const SECRET_NAMES = ['s3-access-key-id', 's3-secret-access-key', 'github-token'] as const satisfies InputName[];

const inputsSchema = z
  .strictObject({
    thread: required(threadIdSchema),
    project: optional(projectIdSchema),
    version: optional(
      z
        .string()
        .transform(parseVersion)
        .refine((version) => version !== null, 'must be a whole number from 1'),
    ),
    commit: optional(commitSchema),
    'repository-folder': z.string().refine(isInside, 'must be a folder inside the workspace, by a relative path'),
    publish: optional(z.string().refine(isPublishId, 'must be 1 to 64 characters of A-Z, a-z, 0-9, "_" and "-"')),
    callback: optional(dispatchPayloadSchema.shape.callback),
    'public-url': required(z.string().refine(isOrigin, 'must be an http(s) address without a path')),
    runtime: required(z.string().refine(isRuntimeKey, 'must be runtime/manifest-{sha256}.json')),
    'github-token': optional(z.string()),
  })
  .refine(({ version, commit }) => version !== null || commit !== null, {
    path: ['version'],
    message: 'is missing, and so is commit: one of the two is needed',
  })
  .refine(({ publish, callback }) => (publish === null) === (callback === null), {
    path: ['callback'],
    message: 'and publish go together: give both, or neither',
  });

/**
 * @param env `INPUT_…`, as the runner sets them
 * @throws PermaframeError INPUT_INVALID or CONFIG_INVALID, which names each wrong input and quotes none
 */
export function parseInputs(env: Environment): Inputs {
  const given = Object.fromEntries(NAMES.map((name) => [name, readInput(env, name)]));
  const stored = new Set<string>(Object.values(STORE_INPUTS));
  const parsed = inputsSchema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([name]) => !stored.has(name))),
  );
  if (!parsed.success) throw invalidInputs(parsed.error.issues);
  const { data } = parsed;
  return {
    thread: data.thread,
    project: data.project,
    version: data.version,
    commit: data.commit,
    repositoryFolder: data['repository-folder'] || '.',
    publish: data.publish === null || data.callback === null ? null : { id: data.publish, callback: data.callback },
    publicUrl: new URL(data['public-url']).origin,
    runtime: data.runtime,
    store: parseStore(given),
    githubToken: data['github-token'],
  };
}

/** What must be masked before anything else is done, also when the inputs turn out to be wrong. */
export function secretsOf(env: Environment): string[] {
  return SECRET_NAMES.map((name) => readInput(env, name)).filter((value) => value !== '');
}

/** Who asked for the run, as far as that can be read when other inputs are wrong. */
export function parsePublish(env: Environment): Inputs['publish'] {
  const id = publishIdSchema.safeParse(readInput(env, 'publish'));
  const callback = dispatchPayloadSchema.shape.callback.safeParse(readInput(env, 'callback'));
  return id.success && callback.success ? { id: id.data, callback: callback.data } : null;
}

/** @throws PermaframeError CONFIG_INVALID outside of a GitHub run */
export function parseRunContext(env: Environment): RunContext {
  const schema = z.object({
    GITHUB_REPOSITORY: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
    GITHUB_API_URL: z.url({ protocol: /^https?$/ }),
    GITHUB_SERVER_URL: z.url({ protocol: /^https?$/ }),
    GITHUB_RUN_ID: z.string().regex(/^[0-9]+$/),
    GITHUB_RUN_ATTEMPT: z.string().regex(/^[0-9]+$/),
    GITHUB_WORKSPACE: z.string().min(1),
  });
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))];
    throw new PermaframeError('CONFIG_INVALID', `not in a GitHub run: ${names.join(', ')} must be set`);
  }
  const { GITHUB_REPOSITORY, GITHUB_SERVER_URL, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT } = parsed.data;
  const run = `${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}/attempts/${GITHUB_RUN_ATTEMPT}`;
  return {
    repository: GITHUB_REPOSITORY,
    apiUrl: parsed.data.GITHUB_API_URL.replace(/\/+$/, ''),
    runUrl: `${GITHUB_SERVER_URL.replace(/\/+$/, '')}/${run}`,
    workspace: parsed.data.GITHUB_WORKSPACE,
  };
}

function isOrigin(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` && /^[!-~]+$/.test(address);
}

function isPublishId(text: string): boolean {
  return publishIdSchema.safeParse(text).success;
}

function isRuntimeKey(key: string): boolean {
  return parseKey(key)?.kind === 'runtimeManifest';
}
