/** The action's composition root: reads the environment, puts the parts together, and exits. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderPage } from '../site-template/page/render-page.ts';
import { encodeBrotli } from './adapters/brotli.ts';
import { createControlPlane } from './adapters/control-plane.ts';
import { createCompiler } from './adapters/esbuild.ts';
import { readCommit } from './adapters/git.ts';
import { findVersion, readVersion } from './adapters/git-history.ts';
import { createGitHub } from './adapters/github.ts';
import { createLog, type Log } from './adapters/log.ts';
import { createObjectStore } from './adapters/r2.ts';
import { openStoreRuntime } from './adapters/store-runtime.ts';
import { isPermaframeError, PermaframeError } from './contract/errors.ts';
import type { ObjectStore } from './core/ports.ts';
import { type Inputs, parseInputs, parsePublish, parseRunContext, type RunContext, secretsOf } from './inputs.ts';
import { presentEnd, presentError, reportUnusable } from './present.ts';
import { publishPage, type Tools } from './publish-page.ts';

/** What `scripts/build-action.ts` puts beside this file. */
const CHILD = fileURLToPath(new URL('./compile-child.js', import.meta.url));
const ESBUILD = fileURLToPath(new URL('./esbuild', import.meta.url));

const { env } = process;
const log = createLog({ hasSummary: (env.GITHUB_STEP_SUMMARY ?? '') !== '' });
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());

try {
  for (const secret of secretsOf(env)) log.mask(secret);
  process.exit(await main());
} catch (error) {
  const known = isPermaframeError(error)
    ? error
    : new PermaframeError('INTERNAL', 'an unexpected error', { cause: error });
  presentError(known, log);
  process.exit(1);
}

async function main(): Promise<0 | 1> {
  let inputs: Inputs;
  let context: RunContext;
  try {
    context = parseRunContext(env);
    inputs = parseInputs(env);
  } catch (error) {
    // Who asked should not have to wait until somebody notices that the run is gone.
    const publish = parsePublish(env);
    if (publish && isPermaframeError(error))
      await reportUnusable(publish.id, createControlPlane(publish.callback), error);
    throw error;
  }
  using store = createObjectStore(inputs.store);
  const tools = toolsFor(inputs, context, store, log);
  const { ending, correspondence } = await publishPage(inputs, tools, interrupt.signal);
  return await presentEnd({ ending, inputs, runUrl: context.runUrl, correspondence, log, interrupt: interrupt.signal });
}

function toolsFor(inputs: Inputs, context: RunContext, store: ObjectStore, itsLog: Log): Tools {
  const { thread, githubToken, publish } = inputs;
  const repository = resolve(context.workspace, inputs.repositoryFolder);
  const github =
    githubToken === null
      ? null
      : createGitHub({
          apiUrl: context.apiUrl,
          repository: context.repository,
          auth: { kind: 'token', token: githubToken },
        });
  return {
    log: itsLog,
    controlPlane: publish && createControlPlane(publish.callback),
    setStatus: github && ((status, signal) => github.setStatus(status, signal)),
    store,
    encode: encodeBrotli,
    renderPage,
    async resolveVersion({ commit, version }) {
      if (commit !== null && version !== null) return { commit, version };
      if (commit !== null) return readVersion(repository, thread, commit);
      if (version !== null) return findVersion(repository, thread, version);
      throw new PermaframeError('INPUT_INVALID', 'version and commit are missing');
    },
    readSnapshot: (commit) => readCommit({ repository, revision: commit, folder: '' }),
    openRuntime: (manifestKey, signal) => openStoreRuntime(store, manifestKey, signal),
    createCompiler: (runtime) => createCompiler(runtime, { childPath: CHILD, esbuildPath: ESBUILD }),
    now: () => performance.now(),
  };
}
