/**
 * Who may sign in: one issuer of people's tokens. GitHub's issuer is not here, and must never be: any workflow at GitHub
 * can have a token with our audience, and would be a person. Runs are verified in http.ts.
 */
import type { AuthConfig } from 'convex/server';

const { PERMAFRAME_AUTH_ISSUER, PERMAFRAME_AUTH_AUDIENCE } = process.env;

export default {
  providers: [{ domain: PERMAFRAME_AUTH_ISSUER ?? '', applicationID: PERMAFRAME_AUTH_AUDIENCE ?? '' }],
} satisfies AuthConfig;
