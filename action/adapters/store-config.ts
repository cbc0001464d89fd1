/** The settings of the store: what a root reads from its inputs, checked once. */
import { z } from 'zod';
import { PermaframeError } from '../contract/errors.ts';

// Pasted credentials often end in a space or a line break; both would be signed, and refused without a word of why.
const credentialSchema = z
  .string('must be set')
  .min(1, 'must not be empty')
  .max(256, 'must be at most 256 characters')
  .regex(/^[\x21-\x7e]*$/, 'must not contain spaces, line breaks or characters outside ASCII');

const endpointSchema = z
  .string('must be set')
  .refine(isEndpoint, 'must be an http(s) address without user, query or fragment')
  .transform((address) => address.replace(/\/+$/, ''));

const storeConfigSchema = z
  .strictObject({
    /** Address of the S3 API, without the bucket: `https://{account}.r2.cloudflarestorage.com`. */
    endpoint: endpointSchema,
    /** https://developers.cloudflare.com/r2/buckets/create-buckets/ */
    bucket: z
      .string('must be set')
      .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'must be 3 to 63 characters of a-z, 0-9 and inner "-"'),
    accessKeyId: credentialSchema,
    secretAccessKey: credentialSchema,
    /** R2 knows one region. */
    region: z.literal('auto', 'must be "auto"').default('auto'),
  })
  .refine(({ endpoint, bucket }) => !endpoint.endsWith(`/${bucket}`), {
    path: ['endpoint'],
    message: "must not end with the bucket's name (the address that Cloudflare shows for a bucket does)",
  });

export type StoreSettings = z.input<typeof storeConfigSchema>;
export type StoreConfig = z.output<typeof storeConfigSchema>;

/**
 * Checks the settings of the store.
 * @throws PermaframeError CONFIG_INVALID, which names each wrong setting and quotes none
 */
export function parseStoreConfig(settings: unknown): StoreConfig {
  const parsed = storeConfigSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')} is not a setting`
      : `${issue.path.join('.')} ${issue.message}`,
  );
  // No cause: a zod error may carry the input, and with it a secret.
  throw new PermaframeError('CONFIG_INVALID', `The store is not configured: ${problems.join('; ')}.`);
}

function isEndpoint(address: string): boolean {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return url.username === '' && url.password === '' && !/[?#\s]/.test(address);
}
