/**
 * Who may sign in: one issuer of people's tokens. GitHub's issuer is not here, and must never be: any workflow at GitHub
 * can have a token with our audience, and would be a person. Runs are verified in http.ts. A root: reads the environment.
 */
import type { AuthConfig } from 'convex/server';
import { env } from './_generated/server.js';

function required(name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

export default {
  providers: [{ domain: required('PERMAFRAME_AUTH_ISSUER'), applicationID: required('PERMAFRAME_AUTH_AUDIENCE') }],
} satisfies AuthConfig;
