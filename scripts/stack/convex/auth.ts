/** Who a request comes from: JWTs are verified against the providers of `convex/auth.config.ts`, with the issuer's keys. */
import type { UserIdentity } from 'convex/server';
import { createRemoteJWKSet, decodeJwt, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { RequestError } from './errors.ts';

/** How long an issuer's discovery document is used, in milliseconds. */
const DISCOVERY_MILLISECONDS = 5 * 60_000;
/** How long an issuer may take to answer, in milliseconds. */
const ISSUER_MILLISECONDS = 5_000;

const providerSchema = z.union([
  z.strictObject({ domain: z.string(), applicationID: z.string() }),
  z.strictObject({
    type: z.literal('customJwt'),
    issuer: z.string(),
    jwks: z.string(),
    algorithm: z.enum(['RS256', 'ES256']),
    applicationID: z.string().optional(),
  }),
]);
const configSchema = z.strictObject({ providers: z.array(providerSchema) });
const discoverySchema = z.looseObject({ issuer: z.string(), jwks_uri: z.string() });

type Provider = z.infer<typeof providerSchema>;

export interface Verified {
  identity: UserIdentity;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

export interface TokenVerifier {
  /** @throws RequestError 401, with Convex's codes and words */
  verify(token: string): Promise<Verified>;
}

/** @param config what `auth.config.ts` exports; undefined: nobody can sign in */
export function createTokenVerifier(config: unknown): TokenVerifier {
  const { providers } = configSchema.parse(config ?? { providers: [] });
  const keysOf = keyFinder();
  return {
    verify: async (token) => {
      const claims = parseClaims(token);
      const provider = providers.find((candidate) => isFor(candidate, claims));
      if (provider === undefined) throw unauthenticated('NoAuthProvider', noProviderMessage(providers));
      const isCustom = 'type' in provider;
      const keys = await keysOf(provider, claims.iss ?? '');
      const failure = `Could not verify ${isCustom ? 'custom JWT' : 'OIDC token claim'}. Check that the token signature is valid and the token hasn't expired.`;
      const options = {
        algorithms: isCustom ? [provider.algorithm] : ['RS256', 'EdDSA'],
        requiredClaims: ['iss', 'sub', 'iat', 'exp'],
      };
      const { payload } = await jwtVerify(token, keys, options).catch((cause) => {
        throw unauthenticated('Unauthenticated', failure, cause);
      });
      if (!isCustom && Array.isArray(payload.aud) && payload.aud.length > 1) {
        throw unauthenticated('Unauthenticated', failure);
      }
      return { identity: identityOf(payload), expiresAt: (payload.exp ?? 0) * 1000 };
    },
  };
}

function parseClaims(token: string): JWTPayload {
  let claims: JWTPayload;
  try {
    claims = decodeJwt(token);
  } catch (cause) {
    const message =
      'Could not parse JWT payload. Check that the token is a valid JWT format with three base64-encoded parts separated by dots.';
    throw unauthenticated('InvalidAuthHeader', message, cause);
  }
  if (typeof claims.iss === 'string') return claims;
  throw unauthenticated('InvalidAuthHeader', "Missing issuer claim ('iss') in JWT payload.");
}

/** Remembers each issuer's keys; jose asks again for a key that it does not know. */
function keyFinder(): (provider: Provider, issuer: string) => Promise<JWTVerifyGetKey> {
  const known = new Map<string, { keys: JWTVerifyGetKey; until: number }>();
  return async (provider, issuer) => {
    const name = 'type' in provider ? provider.jwks : issuer;
    const before = known.get(name);
    if (before && before.until > Date.now()) return before.keys;
    const address = 'type' in provider ? provider.jwks : await discoverKeys(issuer);
    const keys = createRemoteJWKSet(new URL(address), { timeoutDuration: ISSUER_MILLISECONDS, cooldownDuration: 1000 });
    known.set(name, { keys, until: Date.now() + DISCOVERY_MILLISECONDS });
    return keys;
  };
}

async function discoverKeys(issuer: string): Promise<string> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(ISSUER_MILLISECONDS) });
    const document = discoverySchema.parse(await answer.json());
    if (document.issuer === issuer) return document.jwks_uri;
    throw new Error(`it says that it is ${document.issuer}`);
  } catch (cause) {
    throw unauthenticated('AuthProviderDiscoveryFailed', `Auth provider discovery of ${issuer} failed`, cause);
  }
}

function isFor(provider: Provider, { iss = '', aud = [] }: JWTPayload): boolean {
  const issuer = 'type' in provider ? provider.issuer : provider.domain;
  const audiences = [aud].flat();
  return (
    withScheme(issuer) === withScheme(iss) &&
    (provider.applicationID === undefined || audiences.includes(provider.applicationID))
  );
}

/** Providers are written with or without scheme and slash. */
function withScheme(issuer: string): string {
  return (/^https?:\/\//.test(issuer) ? issuer : `https://${issuer}`).replace(/\/$/, '');
}

function noProviderMessage(providers: readonly Provider[]): string {
  const beginning = 'No auth provider found matching the given token';
  if (providers.length === 0) return `${beginning} (no providers configured). Check convex/auth.config.ts.`;
  const list = providers.map((provider) =>
    'type' in provider
      ? `CustomJWT(issuer=${provider.issuer}, app_id=${provider.applicationID ?? 'none'})`
      : `OIDC(domain=${provider.domain}, app_id=${provider.applicationID})`,
  );
  return `${beginning}. Check that your JWT's issuer and audience match one of your configured providers: [${list.join(', ')}]`;
}

/** Claim → attribute of `ctx.auth.getUserIdentity()`, as Convex documents it. Other claims keep their names. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  sub: 'subject',
  iss: 'issuer',
  given_name: 'givenName',
  family_name: 'familyName',
  preferred_username: 'preferredUsername',
  profile: 'profileUrl',
  picture: 'pictureUrl',
  email_verified: 'emailVerified',
  birthdate: 'birthday',
  zoneinfo: 'timezone',
  locale: 'language',
  phone_number: 'phoneNumber',
  phone_number_verified: 'phoneNumberVerified',
  updated_at: 'updatedAt',
};
const DROPPED_CLAIMS = new Set(['aud', 'exp', 'iat', 'nbf', 'jti']);

function identityOf(claims: JWTPayload): UserIdentity {
  const kept = Object.entries(claims).filter(([claim]) => !DROPPED_CLAIMS.has(claim));
  const attributes = Object.fromEntries(kept.map(([claim, value]) => [ATTRIBUTES[claim] ?? claim, value]));
  return { ...attributes, tokenIdentifier: `${claims.iss}|${claims.sub}` } as UserIdentity;
}

function unauthenticated(code: string, message: string, cause?: unknown): RequestError {
  return new RequestError(401, code, message, { cause });
}
