/** Store and edge of the local stack: the Worker that ships, over a local R2 with an S3 endpoint of its own. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { StoreSettings } from '../../action/adapters/store-config.ts';
import { ROOT_FOLDER } from '../state.ts';
import { findFreePort, requireFreePort } from './free-port.ts';
import { startWranglerDev } from './wrangler-dev.ts';

export const DEFAULT_EDGE_PORT = 8787;
const EDGE_FOLDER = join(ROOT_FOLDER, 'site-template', 'edge');
const SETTINGS_FILE = 'settings.json';
const LINK_KEY_ID = 'local';

const settingsSchema = z.strictObject({
  /** Port that the edge had last: links that were shared then should still open. */
  edgePort: z.int().min(1).max(65535),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  linkSecret: z.string(),
});

type Settings = z.infer<typeof settingsSchema>;

export interface StoreAndEdge extends AsyncDisposable {
  publicUrl: string;
  store: StoreSettings & { endpoint: string; bucket: string; accessKeyId: string; secretAccessKey: string };
  /** The key of signed links that the edge accepts; the secret is hex. */
  linkKey: { id: string; secret: string };
  /** Set when the usual port was taken. */
  movedFrom: number | null;
}

interface StoreAndEdgeOptions {
  /** Objects, credentials and settings are kept below it, over restarts. */
  stateFolder: string;
  /** The port to prefer when nothing was started in this state folder yet; 0: any. */
  port?: number;
  log?: (line: string) => void;
}

/** @throws Error when wrangler does not start; its last lines are in the message */
export async function startStoreAndEdge({ stateFolder, port, log }: StoreAndEdgeOptions): Promise<StoreAndEdge> {
  await mkdir(stateFolder, { recursive: true });
  const settings = await readSettings(stateFolder, port ?? DEFAULT_EDGE_PORT);
  const edgePort = await usablePort(settings.edgePort);
  const { configPath, bucket } = await writeConfig(stateFolder, settings);
  const file = join(stateFolder, SETTINGS_FILE);
  // Links carry the port of the first start: a later one that has to move does so for this time only.
  if (!existsSync(file)) await writeSecretly(file, JSON.stringify({ ...settings, edgePort }, null, 2));
  const wrangler = await startWranglerDev({
    configPath,
    port: edgePort,
    persistTo: join(stateFolder, 'wrangler'),
    ...(log ? { log } : {}),
  });
  const { accessKeyId, secretAccessKey } = settings;
  return {
    publicUrl: wrangler.url,
    store: { endpoint: wrangler.s3Endpoint, bucket, accessKeyId, secretAccessKey },
    linkKey: { id: LINK_KEY_ID, secret: settings.linkSecret },
    movedFrom: settings.edgePort === 0 || edgePort === settings.edgePort ? null : settings.edgePort,
    [Symbol.asyncDispose]: () => wrangler[Symbol.asyncDispose](),
  };
}

async function usablePort(wanted: number): Promise<number> {
  if (wanted === 0) return findFreePort();
  return requireFreePort(wanted).then(
    () => wanted,
    () => findFreePort(),
  );
}

async function readSettings(stateFolder: string, port: number): Promise<Settings> {
  const file = join(stateFolder, SETTINGS_FILE);
  if (existsSync(file)) {
    const parsed = settingsSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (parsed.success) return parsed.data;
    throw new Error(`${file} cannot be read. Remove it to begin anew: the objects stay.`);
  }
  return {
    edgePort: port,
    accessKeyId: `local-${randomBytes(8).toString('hex')}`,
    secretAccessKey: randomBytes(32).toString('hex'),
    linkSecret: randomBytes(32).toString('hex'),
  };
}

/** The configuration that ships, with what only a local run needs: S3 credentials, a link key, absolute paths. */
async function writeConfig(stateFolder: string, settings: Settings): Promise<{ configPath: string; bucket: string }> {
  const shipped = parseJsonc(await readFile(join(EDGE_FOLDER, 'wrangler.jsonc'), 'utf8'));
  const [binding, ...others] = shipped.r2_buckets;
  if (!binding || others.length > 0) throw new Error('wrangler.jsonc binds more than one bucket');
  const { accessKeyId, secretAccessKey, linkSecret } = settings;
  const localDev = { experimental_s3_credentials: { accessKeyId, secretAccessKey } };
  const config = {
    ...shipped,
    $schema: undefined,
    main: join(EDGE_FOLDER, shipped.main),
    r2_buckets: [{ ...binding, local_dev: localDev }],
    vars: { LINK_KEYS: JSON.stringify([{ id: LINK_KEY_ID, secret: linkSecret }]) },
  };
  const configPath = join(stateFolder, 'wrangler.json');
  await writeSecretly(configPath, JSON.stringify(config, null, 2));
  return { configPath, bucket: binding.bucket_name };
}

const shippedSchema = z.looseObject({
  main: z.string(),
  r2_buckets: z.array(z.looseObject({ binding: z.string(), bucket_name: z.string() })),
});

/** JSON with whole-line comments, as wrangler.jsonc is written. */
function parseJsonc(text: string): z.infer<typeof shippedSchema> {
  return shippedSchema.parse(JSON.parse(text.replace(/^\s*\/\/.*$/gm, '').replace(/,(\s*[}\]])/g, '$1')));
}

/** Readable by its owner only. */
async function writeSecretly(file: string, content: string): Promise<void> {
  await writeFile(file, `${content}\n`, { mode: 0o600 });
}
