/**
 * Whether a token comes from a run of one of our workflows. Any workflow at GitHub can have a token with any audience, so the
 * signature says little by itself: every claim below is pinned.
 */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { ReportPins } from './settings.ts';
import type { RunIdentity } from './validators.ts';

/** Difference between GitHub's clock and ours that is put up with, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 5;
/** GitHub's tokens live minutes; an older one is not for this report, in seconds. */
const MAX_TOKEN_AGE_SECONDS = 15 * 60;
/** Longer than any token of GitHub, in characters. */
export const MAX_TOKEN_CHARACTERS = 16_000;

/** Dispatches run the default branch's workflow; nothing else may report. */
const EVENTS = ['repository_dispatch', 'workflow_dispatch'];

export type TokenVerdict =
  /** `about`: what the workflow that it runs may report about. */
  | { kind: 'run'; run: RunIdentity; about: 'publish' | 'render' }
  /** No token of the issuer for this deployment, or none that is valid now. */
  | { kind: 'invalid' }
  /** A good token of a run that is not ours. */
  | { kind: 'foreign' }
  /** The issuer's keys could not be had. */
  | { kind: 'unavailable' };

/**
 * Checks signature, issuer, audience, time, and that the run is one of our workflows'.
 * @param keys of the issuer: {@link issuerKeys}
 */
export async function verifyReportToken(token: string, pins: ReportPins, keys: JWTVerifyGetKey): Promise<TokenVerdict> {
  if (token.length > MAX_TOKEN_CHARACTERS) return { kind: 'invalid' };
  let claims: JWTPayload;
  try {
    const verified = await jwtVerify(token, keys, {
      algorithms: ['RS256'],
      issuer: pins.issuer,
      audience: pins.audience,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: MAX_TOKEN_AGE_SECONDS,
      requiredClaims: ['exp', 'iat', 'nbf'],
    });
    claims = verified.payload;
  } catch (error) {
    return { kind: isAboutToken(error) ? 'invalid' : 'unavailable' };
  }
  // jose is content with one fitting audience among many: a token for somebody else as well is a token to be replayed.
  if (claims.aud !== pins.audience) return { kind: 'invalid' };
  const about = isPinned(claims, pins) ? readWorkflow(claims, pins) : null;
  const run = readRun(claims);
  return about && run ? { kind: 'run', run, about } : { kind: 'foreign' };
}

function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  );
}

function isPinned(claims: JWTPayload, pins: ReportPins): boolean {
  return (
    claims.repository_id === pins.repositoryId &&
    claims.repository_owner_id === pins.repositoryOwnerId &&
    claims.ref === pins.ref &&
    typeof claims.event_name === 'string' &&
    EVENTS.includes(claims.event_name)
  );
}

function readWorkflow(
  { job_workflow_ref: ref }: JWTPayload,
  { workflowRefs }: ReportPins,
): 'publish' | 'render' | null {
  if (ref === workflowRefs.publish) return 'publish';
  return ref === workflowRefs.render ? 'render' : null;
}

/** GitHub writes both as decimal strings. */
function readRun({ run_id: id, run_attempt: attempt }: JWTPayload): RunIdentity | null {
  if (typeof id !== 'string' || !/^[1-9][0-9]{0,19}$/.test(id)) return null;
  if (typeof attempt !== 'string' || !/^[1-9][0-9]{0,5}$/.test(attempt)) return null;
  return { id, attempt: Number(attempt) };
}

/** One key set an issuer, for as long as Convex keeps the module: jose refreshes it, and no more often than needed. */
const keySets = new Map<string, JWTVerifyGetKey>();

/** The issuer's public keys, fetched when first needed. */
export function issuerKeys(issuer: string): JWTVerifyGetKey {
  const known = keySets.get(issuer);
  if (known) return known;
  const keys = createRemoteJWKSet(new URL(`${issuer.replace(/\/$/, '')}/.well-known/jwks`));
  keySets.set(issuer, keys);
  return keys;
}
