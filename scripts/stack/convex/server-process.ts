/** The process that the functions run in: its environment is theirs. Settings come over the channel to its parent. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { apiListener } from './api-server.ts';
import { createTokenVerifier } from './auth.ts';
import { createConvexBackend } from './backend.ts';
import { parseCrons, runCrons } from './crons.ts';
import { logText } from './errors.ts';
import { loadFunctions } from './functions.ts';
import { listenOn } from './http-server.ts';
import { lockFolder } from './lock.ts';
import { siteListener } from './site-server.ts';
import { serveSync } from './sync-server.ts';

/** How long functions that run may take to end, in milliseconds; the next start takes up what they leave. */
const STOP_MILLISECONDS = 1_000;

export const settingsSchema = z.strictObject({
  functionsFolder: z.string(),
  stateFolder: z.string(),
  port: z.int(),
  sitePort: z.int(),
  url: z.string(),
  siteUrl: z.string(),
  adminKey: z.string(),
});
export type ServerSettings = z.infer<typeof settingsSchema>;
export type ServerReport = { kind: 'ready' } | { kind: 'failed'; message: string };

const log = (line: string): void => void process.stderr.write(`${line}\n`);

// A promise or timer that an action forgot must not take the others with it.
process.on('unhandledRejection', (error: unknown) => log(`unhandled rejection: ${logText(error)}`));
process.on('uncaughtException', (error: unknown) => log(`uncaught exception: ${logText(error)}`));

await main();

async function main(): Promise<void> {
  if (process.send === undefined) throw new Error('started by startConvexServer, not by hand');
  const stopped = Promise.race([once(process, 'disconnect'), once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const [settings] = await once(process, 'message');
  try {
    await using server = await start(settingsSchema.parse(settings));
    process.send({ kind: 'ready' } satisfies ServerReport);
    await stopped;
    setTimeout(() => process.exit(0), STOP_MILLISECONDS);
    await server[Symbol.asyncDispose]();
  } catch (error) {
    process.send({ kind: 'failed', message: logText(error) } satisfies ServerReport);
    await sleep(STOP_MILLISECONDS);
  }
  process.exit(0);
}

async function start(settings: ServerSettings): Promise<AsyncDisposable> {
  const { functionsFolder, stateFolder, url, siteUrl, adminKey } = settings;
  await using parts = new AsyncDisposableStack();
  parts.use(await lockFolder(stateFolder));
  const functions = await loadFunctions(functionsFolder);
  const crons = parseCrons(functions.crons);
  const tokens = createTokenVerifier(functions.authConfig);
  const onFatal = (error: unknown): void => {
    log(`the journal cannot be written: ${logText(error)}`);
    process.exit(1);
  };
  const options = { functions, stateFolder, cloudUrl: url, siteUrl, log, onFatal };
  const backend = parts.use(await createConvexBackend(options));
  const tools = { backend, tokens, adminKey, log, hasHttp: functions.hasHttp };
  const api = parts.use(await listenOn(settings.port, apiListener(tools)));
  parts.use(serveSync(api.server, tools));
  parts.use(await listenOn(settings.sitePort, siteListener(tools)));
  parts.use(runCrons(crons, backend, log));
  return parts.move();
}
