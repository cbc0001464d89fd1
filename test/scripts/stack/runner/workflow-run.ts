/** Runs a workflow that a test writes down, from a real bare repository, and gathers what came of it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Conclusion, Run, TokenPermissions } from '../../../../scripts/stack/github/run.ts';
import { createRunner, type Runner, type RunnerOptions } from '../../../../scripts/stack/runner/create-runner.ts';
import type { Progress, RunReport } from '../../../../scripts/stack/runner/progress.ts';

export const WORKFLOW_PATH = '.github/workflows/test.yml';
/** Of a well-known action; any will do. */
export const PIN = '3d3c42e5aac5ba805825da76410c181273ba90b1';

export interface Finished {
  conclusion: Conclusion;
  report: RunReport;
  progress: Progress[];
  /** All logs, without times. */
  log: string;
  /** Of the tokens that jobs were given. */
  grants: TokenPermissions[];
}

export interface Bench extends Disposable {
  folder: string;
  runner: Runner;
  run: Run;
  progress: Progress[];
  grants: TokenPermissions[];
  /** Runs it, or another run of the same repository. */
  execute(change?: Partial<Run>, signal?: AbortSignal): Promise<Finished>;
  git(...args: string[]): string;
  /** Commits more files on a branch. */
  commit(files: Readonly<Record<string, string>>, branch?: string): string;
}

type Options = Partial<RunnerOptions> & { event?: Run['event']; eventName?: Run['eventName'] };

/** @param files path → content; a text alone is the workflow */
export function openBench(files: string | Readonly<Record<string, string>>, options: Options = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'permaframe-runner-test-'));
  const repository = join(folder, 'repository.git');
  const env = {
    ...{ PATH: process.env.PATH ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    ...{ GIT_AUTHOR_NAME: 'Test', GIT_AUTHOR_EMAIL: 'test@example.com' },
    ...{ GIT_COMMITTER_NAME: 'Test', GIT_COMMITTER_EMAIL: 'test@example.com' },
  };
  const git = (...args: string[]) =>
    execFileSync('git', ['--git-dir', repository, ...args], { env })
      .toString()
      .trim();
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository], { env });
  const commit: Bench['commit'] = (changed, branch = 'main') => {
    const index = { ...env, GIT_INDEX_FILE: join(folder, 'index') };
    const run = (args: string[], input?: string) =>
      execFileSync('git', ['--git-dir', repository, ...args], { env: index, ...(input !== undefined && { input }) })
        .toString()
        .trim();
    rmSync(index.GIT_INDEX_FILE, { force: true });
    const parent = git('for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`);
    if (parent !== '') run(['read-tree', parent]);
    for (const [path, content] of Object.entries(changed)) {
      const blob = run(['hash-object', '-w', '--stdin'], content);
      run(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`]);
    }
    const made = run(['commit-tree', run(['write-tree']), ...(parent ? ['-p', parent] : []), '-m', 'a change']);
    run(['update-ref', `refs/heads/${branch}`, made]);
    return made;
  };
  const sha = commit(typeof files === 'string' ? { [WORKFLOW_PATH]: files } : files);
  const progress: Progress[] = [];
  const grants: TokenPermissions[] = [];
  const { event, eventName = 'repository_dispatch', ...runnerOptions } = options;
  const runner = createRunner({
    stateFolder: join(folder, 'state'),
    grace: { interrupt: 300, terminate: 300 },
    ...runnerOptions,
    onProgress: (each) => {
      progress.push(each);
      runnerOptions.onProgress?.(each);
    },
  });
  const run: Run = {
    ...{
      id: 7,
      number: 3,
      attempt: 1,
      name: 'a run',
      workflowPath: WORKFLOW_PATH,
      eventName,
      sha,
      ref: 'refs/heads/main',
    },
    event: event ?? { action: 'go', client_payload: {} },
    actor: 'ada',
    repository: { fullName: 'acme/films', id: 11, ownerId: 22, defaultBranch: 'main', folder: repository },
    apiUrl: 'http://127.0.0.1:9/api',
    url: 'http://127.0.0.1:9/acme/films/actions/runs/7',
    issueToken: (permissions) => {
      grants.push(permissions);
      return `ghs_token-${grants.length}-of-a-test`;
    },
  };
  return {
    ...{ folder, runner, run, progress, grants, git, commit },
    async execute(change = {}, signal = new AbortController().signal) {
      const changed = { ...run, ...change };
      const conclusion = await runner.execute(changed, signal);
      const report = await runner.reportOf(changed.id, changed.attempt);
      const log = readLogs(runner.logFolder(changed.id, changed.attempt));
      return { conclusion, report, progress, log, grants };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs one workflow to its end. */
export async function runWorkflow(
  files: string | Readonly<Record<string, string>>,
  options?: Options,
): Promise<Finished> {
  using bench = openBench(files, options);
  return await bench.execute();
}

/** One job with these steps, as YAML. @param job further lines of the job */
export function workflowOf(steps: string, job = ''): string {
  const indent = (text: string, by: string) => text.replace(/^(?=.)/gm, by);
  return `on: {repository_dispatch: {}}\njobs:\n  build:\n    runs-on: ubuntu-latest\n${indent(job, '    ')}${job ? '\n' : ''}    steps:\n${indent(steps, '      ')}\n`;
}

function readLogs(folder: string): string {
  const files = (() => {
    try {
      return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    } catch {
      return [];
    }
  })();
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return paths.map((path) => readFileSync(path, 'utf8').replace(/^\S+ /gm, '')).join('');
}
