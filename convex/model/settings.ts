/** The settings of the control plane, read out of Convex's environment variables once they are needed. */
import { z } from 'zod';
import { fromHex } from '../../action/contract/hash.ts';
import type { SigningKey } from '../../action/contract/signing.ts';
import { refusal } from './refusal.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const origin = z
  .url({ protocol: /^https?$/ })
  .transform((text) => new URL(text))
  .refine((url) => url.href === `${url.origin}/`, 'must be an origin: nothing after the host')
  .transform((url) => url.origin);

const decimal = z.string().regex(/^[1-9][0-9]{0,19}$/, 'must be a decimal number');

const DEFAULT_OIDC_ISSUER = 'https://token.actions.githubusercontent.com';
const DEFAULT_GITHUB_URL = 'https://github.com';

/** `owner/name/.github/workflows/file.yml@refs/heads/branch` */
const WORKFLOW_REF = /^([\w.-]+\/[\w.-]+\/\.github\/workflows\/)([\w.-]+\.ya?ml)@(refs\/heads\/[^\s]+)$/;

/** The workflow that renders, beside the one that publishes. */
const RENDER_WORKFLOW = 'render.yml';

/** What must be right in the token of a run. */
export interface ReportPins {
  issuer: string;
  audience: string;
  repositoryId: string;
  repositoryOwnerId: string;
  /** `job_workflow_ref`, by what a job of that workflow may report about. */
  workflowRefs: { publish: string; render: string };
  /** The branch that dispatches run on: the one of the workflows. */
  ref: string;
}

/** @throws ConvexError CONFIG_INVALID that names the variable */
export function reportPins(env: Environment): ReportPins {
  const workflowRef = read(env, 'PERMAFRAME_WORKFLOW_REF', z.string().regex(WORKFLOW_REF));
  const [, folder = '', , ref = ''] = WORKFLOW_REF.exec(workflowRef) ?? [];
  return {
    issuer: read({ PERMAFRAME_OIDC_ISSUER: DEFAULT_OIDC_ISSUER, ...env }, 'PERMAFRAME_OIDC_ISSUER', z.url()),
    audience: new URL(read(env, 'CONVEX_SITE_URL', z.url())).origin,
    repositoryId: read(env, 'PERMAFRAME_REPOSITORY_ID', decimal),
    repositoryOwnerId: read(env, 'PERMAFRAME_REPOSITORY_OWNER_ID', decimal),
    workflowRefs: { publish: workflowRef, render: `${folder}${RENDER_WORKFLOW}@${ref}` },
    ref,
  };
}

/** Where a person finds a run. */
export function runUrl(env: Environment, run: { id: string; attempt: number }): string {
  const defaults = { PERMAFRAME_GITHUB_URL: DEFAULT_GITHUB_URL, ...env };
  const github = read(defaults, 'PERMAFRAME_GITHUB_URL', origin);
  const repository = read(env, 'PERMAFRAME_REPOSITORY', z.string().regex(/^[\w.-]+\/[\w.-]+$/));
  return `${github}/${repository}/actions/runs/${run.id}/attempts/${run.attempt}`;
}

export function webhookSettings(env: Environment): { secret: string; repositoryId: string } {
  return {
    secret: read(env, 'PERMAFRAME_GITHUB_WEBHOOK_SECRET', z.string().min(16, 'must have at least 16 characters')),
    repositoryId: read(env, 'PERMAFRAME_REPOSITORY_ID', decimal),
  };
}

/** Origin of the edge, without a slash at the end. */
export function publicUrl(env: Environment): string {
  return read(env, 'PERMAFRAME_PUBLIC_URL', origin);
}

/** The key that signs links: `{"id": "k1", "secret": "<hex>"}`, one of those in the edge's LINK_KEYS. */
export function linkKey(env: Environment): SigningKey {
  const text = read(env, 'PERMAFRAME_LINK_KEY', z.string());
  const schema = z.strictObject({
    id: z.string().regex(/^[a-z0-9]{1,16}$/),
    secret: z.string().regex(/^([0-9a-f]{2}){32,128}$/i),
  });
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw refusal('CONFIG_INVALID', 'PERMAFRAME_LINK_KEY must be {"id", "secret"}, the secret 32 bytes in hex or more');
  }
  return { id: parsed.data.id, secret: fromHex(parsed.data.secret) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names the variable and what it must be; never what it is. */
function read<T>(env: Environment, name: string, schema: z.ZodType<T, unknown>): T {
  const parsed = schema.safeParse(env[name]);
  if (parsed.success) return parsed.data;
  const rule = env[name] === undefined ? 'is not set' : (parsed.error.issues[0]?.message ?? 'is not valid');
  throw refusal('CONFIG_INVALID', `${name} ${rule}`);
}
