/** The settings that only the Node actions need: GitHub's and the store's, out of Convex's environment variables. */
'use node';
import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import type { GitHubAuth, GitHubConfig } from '../../action/adapters/github.ts';
import { parseStoreConfig, type StoreConfig } from '../../action/adapters/store-config.ts';
import { isPermaframeError, PermaframeError } from '../../action/contract/errors.ts';
import { REPORT_PATH } from '../../action/contract/reports.ts';
import type { Environment } from '../model/settings.ts';

const DEFAULT_API_URL = 'https://api.github.com';

const addressSchema = z
  .string()
  .regex(/^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/, 'must be an http(s) address without user, query or fragment')
  .refine((address) => URL.canParse(address), 'must be an http(s) address')
  .transform((address) => address.replace(/\/+$/, ''));
// Pasted tokens often end in a line break, which no header may hold.
const tokenSchema = z.string().regex(/^[\x21-\x7e]{1,1000}$/, 'must not contain spaces or line breaks');
const repositorySchema = z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'must be owner/name');
const idSchema = z.string().regex(/^[1-9][0-9]{0,14}$/, 'must be a decimal number');

/** @throws PermaframeError CONFIG_INVALID that names the variable and quotes nothing */
export function githubSettings(env: Environment): GitHubConfig {
  const defaults = { PERMAFRAME_GITHUB_API_URL: DEFAULT_API_URL, ...env };
  return {
    apiUrl: read(defaults, 'PERMAFRAME_GITHUB_API_URL', addressSchema),
    repository: read(env, 'PERMAFRAME_REPOSITORY', repositorySchema),
    auth: githubAuth(env),
  };
}

function githubAuth(env: Environment): GitHubAuth {
  const isApp = env.PERMAFRAME_GITHUB_APP_ID !== undefined;
  if (isApp === (env.PERMAFRAME_GITHUB_TOKEN !== undefined)) {
    throw invalid(
      isApp
        ? 'PERMAFRAME_GITHUB_TOKEN and PERMAFRAME_GITHUB_APP_ID are both set: one is enough'
        : 'PERMAFRAME_GITHUB_TOKEN is not set, and neither is PERMAFRAME_GITHUB_APP_ID',
    );
  }
  if (!isApp) return { kind: 'token', token: read(env, 'PERMAFRAME_GITHUB_TOKEN', tokenSchema) };
  return {
    kind: 'app',
    appId: read(env, 'PERMAFRAME_GITHUB_APP_ID', idSchema),
    installationId: Number(read(env, 'PERMAFRAME_GITHUB_APP_INSTALLATION_ID', idSchema)),
    privateKey: privateKey(read(env, 'PERMAFRAME_GITHUB_APP_PRIVATE_KEY', z.string())),
  };
}

/** GitHub hands out PKCS #1; what signs wants PKCS #8. On one line, its line breaks may be written `\n`. */
function privateKey(pem: string): string {
  try {
    const key = createPrivateKey(pem.replaceAll('\\n', '\n'));
    if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    // Without its cause: that could quote the key.
  }
  throw invalid('PERMAFRAME_GITHUB_APP_PRIVATE_KEY must be the RSA private key of the app, in PEM format');
}

/** @throws PermaframeError CONFIG_INVALID that names the variable and quotes nothing */
export function storeSettings(env: Environment): StoreConfig {
  const variables = {
    endpoint: 'PERMAFRAME_S3_ENDPOINT',
    bucket: 'PERMAFRAME_S3_BUCKET',
    accessKeyId: 'PERMAFRAME_S3_ACCESS_KEY_ID',
    secretAccessKey: 'PERMAFRAME_S3_SECRET_ACCESS_KEY',
  };
  const settings = Object.entries(variables).map(([setting, name]) => [setting, read(env, name, z.string())]);
  try {
    return parseStoreConfig(Object.fromEntries(settings));
  } catch (error) {
    if (!isPermaframeError(error)) throw error;
    const pattern = new RegExp(`\\b(${Object.keys(variables).join('|')})\\b`, 'g');
    throw invalid(error.message.replace(pattern, (setting) => variables[setting as keyof typeof variables]));
  }
}

/** Where runs report to. */
export function callbackAddress(env: Environment): string {
  return new URL(REPORT_PATH, read(env, 'CONVEX_SITE_URL', addressSchema)).href;
}

function read<T>(env: Environment, name: string, schema: z.ZodType<T, unknown>): T {
  const parsed = schema.safeParse(env[name]);
  if (parsed.success) return parsed.data;
  throw invalid(
    `${name} ${env[name] === undefined ? 'is not set' : (parsed.error.issues[0]?.message ?? 'is invalid')}`,
  );
}

function invalid(problem: string): PermaframeError {
  return new PermaframeError('CONFIG_INVALID', problem);
}
