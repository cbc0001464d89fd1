/** The whole local stack: store and edge, GitHub and its runner, the issuers, and the control plane. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { encodeBrotli } from '../../action/adapters/brotli.ts';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { openRuntime } from '../../action/adapters/runtime.ts';
import { parseStoreConfig, type StoreSettings } from '../../action/adapters/store-config.ts';
import { WEBHOOK_PATH } from '../../action/contract/reports.ts';
import { uploadRuntime } from '../../action/core/upload.ts';
import { commitRelease } from '../release.ts';
import { ensureRuntime } from '../runtime-cache.ts';
import { ROOT_FOLDER } from '../state.ts';
import { type ConvexServer, startConvexServer } from './convex/server.ts';
import { ensureEditor, startEditor } from './editor.ts';
import { findFreePort, requireFreePort } from './free-port.ts';
import { type GitHubStandIn, startGitHub } from './github/github.ts';
import { type OidcIssuer, startOidcIssuer } from './oidc.ts';
import { createRunner, type Runner } from './runner/create-runner.ts';
import type { Progress } from './runner/progress.ts';
import { type StoreAndEdge, startStoreAndEdge } from './store-and-edge.ts';

/** The repository that the stand-in for GitHub has. */
export const REPOSITORY = 'local/studio';
const WORKFLOW = '.github/workflows/publish.yml';
const RENDER_WORKFLOW = '.github/workflows/render.yml';
/** Who may sign in to a local stack. The first owns the examples. */
const PEOPLE = {
  ada: { subject: 'ada', name: 'Ada', email: 'ada@example.com' },
  ben: { subject: 'ben', name: 'Ben', email: 'ben@example.com' },
} as const;
const AUDIENCE = 'permaframe';
/** How long a person's token lives on a local stack, in seconds: a working day and then some. */
const TOKEN_SECONDS = 30 * 24 * 60 * 60;
const SIGN_IN = { clientId: AUDIENCE, people: Object.values(PEOPLE), seconds: TOKEN_SECONDS };

/** How long processes of a cancelled run may take to end: Ctrl-C should not wait as long as GitHub does. */
const GRACE = { interrupt: 500, terminate: 500 };

export type PersonName = keyof typeof PEOPLE;

export interface Stack extends AsyncDisposable {
  /** Where the editor is. */
  editorUrl: string;
  publicUrl: string;
  store: StoreAndEdge['store'];
  convex: ConvexServer;
  github: GitHubStandIn;
  /** The token that may do everything at the stand-in for GitHub. */
  githubToken: string;
  runner: Runner;
  oidc: OidcIssuer;
  /** A token that signs a person in. */
  tokenOf(person: PersonName): Promise<string>;
  /** Set when the edge's usual port was taken. */
  movedFrom: number | null;
}

export interface StackOptions {
  /** Everything that survives a restart is kept below it. */
  stateFolder: string;
  /** The edge's port on the first start. */
  port?: number;
  /** The editor's port on the first start. Drafts are kept by address, so it stays. */
  editorPort?: number;
  /** Chromium or Chrome to render with; the one that is found by default. */
  browser?: string;
  onProgress?: (progress: Progress) => void;
  /** Lines that the parts print. */
  log?: (line: string) => void;
}

/** How often a port is asked for that may be free in a moment, and the pause in between, in milliseconds. */
const PORT_TRIES = 15;
const PORT_PAUSE = 200;

const settingsSchema = z.strictObject({
  githubPort: z.int(),
  oidcPort: z.int(),
  convexPort: z.int(),
  sitePort: z.int(),
  /** Missing in what was written before there was an editor. */
  editorPort: z.int().optional(),
  githubToken: z.string(),
  webhookSecret: z.string(),
});
type Settings = z.infer<typeof settingsSchema> & { editorPort: number };

/** Starts all parts, in the order in which they need each other. Disposing ends them all. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { stateFolder, port, editorPort, onProgress, log } = options;
  await using started = new AsyncDisposableStack();
  await mkdir(stateFolder, { recursive: true });
  const settings = await readSettings(stateFolder, editorPort);
  const logging = log ? { log } : {};
  const edge = startStoreAndEdge({ stateFolder, ...(port === undefined ? {} : { port }), ...logging });
  const [storeAndEdge, workflows, oidc, editorFolder] = await Promise.all([
    edge.then((ready) => started.use(ready)),
    readFiles([WORKFLOW, RENDER_WORKFLOW]),
    startOidcIssuer({ stateFolder, port: settings.oidcPort, signIn: SIGN_IN, ...logging }).then((ready) =>
      started.use(ready),
    ),
    ensureEditor(log),
  ]);
  const runtimeKey = await pushRuntime(storeAndEdge.store);
  const runner = createRunner({
    stateFolder,
    oidc,
    secrets: runnerSecrets(storeAndEdge),
    vars: runnerVariables(storeAndEdge, runtimeKey, options.browser),
    grace: GRACE,
    ...(onProgress ? { onProgress } : {}),
  });
  const github = started.use(await startGitHub(gitHubOptions(stateFolder, settings, workflows, runner)));
  // What the workflow checks out: the action, built.
  await commitRelease(github.repositoryFolder);
  const convex = started.use(
    await startConvexServer({
      stateFolder: join(stateFolder, 'convex'),
      port: settings.convexPort,
      sitePort: settings.sitePort,
      env: controlPlaneVariables(settings, storeAndEdge, github, oidc),
      ...logging,
    }),
  );
  const editor = started.use(
    await startEditor(editorFolder, settings.editorPort, {
      convexUrl: convex.url,
      signInUrl: oidc.signInUrl,
      audience: AUDIENCE,
      publicUrl: storeAndEdge.publicUrl,
      runtime: runtimeKey,
    }),
  );
  const owned = started.move();
  return {
    editorUrl: editor.url,
    publicUrl: storeAndEdge.publicUrl,
    store: storeAndEdge.store,
    movedFrom: storeAndEdge.movedFrom,
    convex,
    github,
    githubToken: settings.githubToken,
    runner,
    oidc,
    tokenOf: (person) => oidc.signForPerson({ ...PEOPLE[person], audience: AUDIENCE }, { expiresIn: TOKEN_SECONDS }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type RepositoryFile = { path: string; content: Buffer };

function readFiles(paths: readonly string[]): Promise<RepositoryFile[]> {
  return Promise.all(paths.map(async (path) => ({ path, content: await readFile(join(ROOT_FOLDER, path)) })));
}

function gitHubOptions(stateFolder: string, settings: Settings, files: RepositoryFile[], runner: Runner) {
  const siteUrl = `http://127.0.0.1:${settings.sitePort}`;
  return {
    stateFolder: join(stateFolder, 'github'),
    port: settings.githubPort,
    token: settings.githubToken,
    repository: REPOSITORY,
    files,
    execute: runner.execute,
    runLog: runner.readLog,
    webhook: { url: `${siteUrl}${WEBHOOK_PATH}`, secret: settings.webhookSecret },
  };
}

async function pushRuntime(settings: StoreSettings): Promise<string> {
  const runtime = await openRuntime(await ensureRuntime(() => {}));
  using store = createObjectStore(parseStoreConfig(settings));
  await uploadRuntime(runtime, { store, encode: encodeBrotli });
  return runtime.manifestKey;
}

function runnerSecrets({ store }: StoreAndEdge): Record<string, string> {
  return {
    PERMAFRAME_S3_ACCESS_KEY_ID: store.accessKeyId,
    PERMAFRAME_S3_SECRET_ACCESS_KEY: store.secretAccessKey,
  };
}

function runnerVariables(
  { store, publicUrl }: StoreAndEdge,
  runtimeKey: string,
  browser: string | undefined,
): Record<string, string> {
  return {
    PERMAFRAME_PUBLIC_URL: publicUrl,
    PERMAFRAME_S3_ENDPOINT: store.endpoint,
    PERMAFRAME_S3_BUCKET: store.bucket,
    PERMAFRAME_RUNTIME: runtimeKey,
    // Installed here already.
    PERMAFRAME_RENDERER: ROOT_FOLDER,
    // All jobs share this machine: a second one would only make the first one wait.
    PERMAFRAME_RENDER_JOBS: '1',
    ...(browser === undefined ? {} : { PERMAFRAME_BROWSER: browser }),
  };
}

function controlPlaneVariables(
  settings: Settings,
  { store, publicUrl, linkKey }: StoreAndEdge,
  github: GitHubStandIn,
  oidc: OidcIssuer,
): Record<string, string> {
  return {
    PERMAFRAME_AUTH_ISSUER: oidc.peopleIssuer,
    PERMAFRAME_AUTH_AUDIENCE: AUDIENCE,
    PERMAFRAME_OIDC_ISSUER: oidc.issuer,
    PERMAFRAME_REPOSITORY: REPOSITORY,
    PERMAFRAME_REPOSITORY_ID: String(github.repositoryId),
    PERMAFRAME_REPOSITORY_OWNER_ID: String(github.ownerId),
    PERMAFRAME_WORKFLOW_REF: `${REPOSITORY}/${WORKFLOW}@refs/heads/main`,
    PERMAFRAME_GITHUB_API_URL: github.apiUrl,
    PERMAFRAME_GITHUB_URL: github.serverUrl,
    PERMAFRAME_GITHUB_TOKEN: settings.githubToken,
    PERMAFRAME_GITHUB_WEBHOOK_SECRET: settings.webhookSecret,
    PERMAFRAME_PUBLIC_URL: publicUrl,
    PERMAFRAME_LINK_KEY: JSON.stringify(linkKey),
    PERMAFRAME_S3_ENDPOINT: store.endpoint,
    PERMAFRAME_S3_BUCKET: store.bucket,
    PERMAFRAME_S3_ACCESS_KEY_ID: store.accessKeyId,
    PERMAFRAME_S3_SECRET_ACCESS_KEY: store.secretAccessKey,
  };
}

/**
 * Credentials stay the same for good, and so do ports: one that is taken moves for this time only. The issuer's does not
 * move: people are known by its address, and under another they would be strangers to their own projects.
 * @throws Error when the issuer's port stays taken
 */
async function readSettings(stateFolder: string, firstEditorPort: number | undefined): Promise<Settings> {
  const file = join(stateFolder, 'stack.json');
  const kept = existsSync(file) ? settingsSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))) : null;
  if (kept && !kept.success) throw new Error(`${file} cannot be read. Remove the folder to begin anew.`);
  const { githubPort, oidcPort, convexPort, sitePort, editorPort, ...secrets } = kept?.data ?? {
    githubToken: `local-${randomBytes(24).toString('hex')}`,
    webhookSecret: randomBytes(24).toString('hex'),
  };
  const settings = {
    ...secrets,
    oidcPort: oidcPort === undefined ? await findFreePort() : await waitForPort(oidcPort),
    githubPort: await usablePort(githubPort),
    convexPort: await usablePort(convexPort),
    sitePort: await usablePort(sitePort),
    editorPort: await usablePort(editorPort ?? firstEditorPort),
  };
  if (editorPort === undefined) await writeFile(file, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  return settings;
}

/** Waits a little for a stack that is just ending. */
async function waitForPort(port: number): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      await requireFreePort(port);
      return port;
    } catch (error) {
      if (tries === PORT_TRIES) throw error;
      await sleep(PORT_PAUSE);
    }
  }
}

async function usablePort(wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return findFreePort();
  return requireFreePort(wanted).then(
    () => wanted,
    () => findFreePort(),
  );
}
