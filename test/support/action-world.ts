/** Everything around one run of the action: the built action, a real store, a git repository, and GitHub's services. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { encodeBrotli } from '../../action/adapters/brotli.ts';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { openRuntime } from '../../action/adapters/runtime.ts';
import type { StoreConfig } from '../../action/adapters/store-config.ts';
import {
  COMMIT_TRAILERS,
  type RenderReport,
  type Report,
  type ReportAnswer,
  renderReportSchema,
  reportSchema,
} from '../../action/contract/reports.ts';
import type { ObjectStore } from '../../action/core/ports.ts';
import { uploadRuntime } from '../../action/core/upload.ts';
import { buildAction } from '../../scripts/build-action.ts';
import { ensureRuntime } from '../../scripts/runtime-cache.ts';
import { startLocalR2 } from './local-r2.ts';

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  log: string;
  outputs: Record<string, string>;
  summary: string;
}

export interface SeenStatus {
  sha: string;
  state: string;
  description: string;
  target_url: string;
  context: string;
}

/** What GitHub and the control plane saw, and how they answer. */
export interface Services {
  reports: Report[];
  renderReports: RenderReport[];
  audiences: string[];
  tokens: string[];
  statuses: SeenStatus[];
  /** Status codes of the next requests for a token; 200 when there is none left. */
  mintFaults: number[];
  /** Status code of every request that marks a commit; null when they are taken. */
  statusFault: number | null;
  /** Called for each report. A number is a status code; `lose` closes the connection once the report was taken. */
  answer: (report: Report | RenderReport) => ReportAnswer | number | 'lose' | Promise<ReportAnswer | number | 'lose'>;
}

export interface ActionWorld extends AsyncDisposable {
  /** Of GitHub's services and the control plane. */
  origin: string;
  services: Services;
  config: StoreConfig;
  store: ObjectStore;
  runtimeKey: string;
  /** Commits files as a version, on top of the one before. */
  commit(files: Readonly<Record<string, string>>, version: number): string;
  /** Inputs of the action that everything but thread, version and commit is in. */
  inputs(own: Readonly<Record<string, string>>): Record<string, string>;
  /** @param script `render.js` for the action that makes videos */
  start(inputs: Readonly<Record<string, string>>, script?: 'index.js' | 'render.js'): Promise<RunningAction>;
  run(inputs: Readonly<Record<string, string>>, script?: 'index.js' | 'render.js'): Promise<Finished>;
  /** GITHUB_WORKSPACE. */
  workspace: string;
}

export interface RunningAction {
  child: ChildProcess;
  finished: Promise<Finished>;
}

export const THREAD = 'film';
export const PROJECT = 'tests';
export const PUBLIC_URL = 'https://share.test';
export const ACCEPT = (): ReportAnswer => ({ kind: 'accepted' });

/** Takes about five seconds, and as long again when the action has to be built. */
export async function startActionWorld(): Promise<ActionWorld> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-action-'));
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const services: Services = {
    reports: [],
    renderReports: [],
    audiences: [],
    tokens: [],
    statuses: [],
    mintFaults: [],
    statusFault: null,
    answer: ACCEPT,
  };
  const origin = await serve(services, started);
  const [action, runtimeFolder, r2] = await Promise.all([buildAction(), ensureRuntime(() => {}), startLocalR2()]);
  started.use(r2);
  const runtime = await openRuntime(runtimeFolder);
  const store = started.use(createObjectStore(r2.config));
  await uploadRuntime(runtime, { store, encode: encodeBrotli });
  const git = startRepository(join(folder, 'work', 'snapshot'));
  const owned = started.move();
  let runs = 0;
  const world: ActionWorld = {
    origin,
    services,
    config: r2.config,
    store,
    runtimeKey: runtime.manifestKey,
    commit: git,
    inputs: (own) => ({ ...defaultInputs(origin, r2.config, runtime.manifestKey), ...own }),
    async start(inputs, script = 'index.js') {
      const files = join(folder, `run-${++runs}`);
      await mkdir(files);
      return startAction(join(action.folder, script), { origin, files, workspace: world.workspace }, inputs);
    },
    run: async (inputs, script) => (await world.start(inputs, script)).finished,
    workspace: join(folder, 'work'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return world;
}

function defaultInputs(origin: string, config: StoreConfig, runtime: string): Record<string, string> {
  return {
    thread: THREAD,
    project: PROJECT,
    'repository-folder': 'snapshot',
    publish: 'k57publish',
    callback: `${origin}/site/permaframe/report`,
    'public-url': PUBLIC_URL,
    runtime,
    's3-endpoint': config.endpoint,
    's3-bucket': config.bucket,
    's3-access-key-id': config.accessKeyId,
    's3-secret-access-key': config.secretAccessKey,
    'github-token': 'ghs_tokenOfTheJob1234567890',
  };
}

interface Place {
  origin: string;
  files: string;
  workspace: string;
}

async function startAction(main: string, place: Place, inputs: Readonly<Record<string, string>>) {
  const [output, summary] = [join(place.files, 'output'), join(place.files, 'summary')];
  await Promise.all([output, summary].map((path) => writeFile(path, '')));
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'owner/pages',
    GITHUB_API_URL: `${place.origin}/api`,
    GITHUB_SERVER_URL: 'https://github.test',
    GITHUB_RUN_ID: '42',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKSPACE: place.workspace,
    RUNNER_TEMP: place.files,
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${place.origin}/token?api-version=2`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
  };
  for (const [name, value] of Object.entries(inputs)) env[`INPUT_${name.toUpperCase()}`] = value;
  const child = spawn(process.execPath, [main], { env, cwd: place.workspace, stdio: ['ignore', 'pipe', 'pipe'] });
  const finished = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    async ([stdout, stderr]) => ({
      code: child.exitCode,
      signal: child.signalCode,
      log: stdout + stderr,
      outputs: readOutputs(await readFile(output, 'utf8')),
      summary: await readFile(summary, 'utf8'),
    }),
  );
  return { child, finished };
}

/** `name<<delimiter`, value, delimiter. */
function readOutputs(file: string): Record<string, string> {
  const entries = [...file.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm)];
  return Object.fromEntries(entries.map(([, name = '', , value = '']) => [name, value]));
}

function startRepository(folder: string): ActionWorld['commit'] {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  execFileSync('mkdir', ['-p', folder]);
  git('init', '--quiet', '--initial-branch=main');
  return (files, version) => {
    git('rm', '-rq', '--cached', '--ignore-unmatch', '.');
    for (const [path, content] of Object.entries(files)) {
      // Straight into git's objects: the working tree stays empty, and nothing may depend on it.
      const blob = execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: folder, input: content });
      git('update-index', '--add', '--cacheinfo', `100644,${blob.toString().trim()},${path}`);
    }
    const { thread, version: number, publish, snapshot } = COMMIT_TRAILERS;
    const trailers = [
      `${thread}: ${THREAD}`,
      `${number}: ${version}`,
      `${publish}: k57`,
      `${snapshot}: ${'0'.repeat(64)}`,
    ];
    git('commit', '--quiet', '--allow-empty', '-m', `Version ${version}\n\n${trailers.join('\n')}`);
    return git('rev-parse', 'HEAD');
  };
}

async function serve(services: Services, stack: AsyncDisposableStack): Promise<string> {
  const server = createServer((request, response) => {
    route(request, response, services).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function route(request: IncomingMessage, response: ServerResponse, services: Services): Promise<void> {
  const url = new URL(request.url ?? '', 'http://local');
  const body = await text(request);
  const json = (status: number, value: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (url.pathname === '/token') {
    const fault = services.mintFaults.shift();
    if (fault !== undefined) return json(fault, {});
    services.audiences.push(url.searchParams.get('audience') ?? '');
    return json(200, { value: `token-${services.audiences.length}` });
  }
  const [, sha] = /^\/api\/repos\/owner\/pages\/statuses\/([0-9a-f]{40})$/.exec(url.pathname) ?? [];
  if (sha !== undefined) {
    if (services.statusFault !== null) return json(services.statusFault, {});
    services.statuses.push({ sha, ...JSON.parse(body) });
    return json(201, { id: 1 });
  }
  if (url.pathname !== '/site/permaframe/report') return json(404, {});
  services.tokens.push(request.headers.authorization ?? '');
  const report = reportSchema.or(renderReportSchema).parse(JSON.parse(body));
  if ('render' in report) services.renderReports.push(report);
  else services.reports.push(report);
  const answer = await services.answer(report);
  if (answer === 'lose') response.destroy();
  else if (typeof answer === 'number') json(answer, {});
  else json(200, answer);
}
