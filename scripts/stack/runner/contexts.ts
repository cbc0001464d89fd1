/** What a workflow sees of its run: the `github` and `runner` contexts, the variables of a process, an OIDC token's claims. */
import { join } from 'node:path';
import type { Run } from '../github/run.ts';
import type { RunClaims } from '../oidc.ts';

/** As GitHub keeps logs, in days. Nothing is thrown away here. */
const RETENTION_DAYS = '90';
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** GitHub's are Linux; what else this may be is what Node says. */
const SYSTEMS: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS' };

/** Folders of one job. */
export interface JobFolders {
  root: string;
  /** GITHUB_WORKSPACE. */
  workspace: string;
  /** RUNNER_TEMP. */
  temp: string;
  /** RUNNER_TOOL_CACHE; empty. */
  tools: string;
  home: string;
  /** Scripts and command files: outside of what a workflow is told to write to. */
  files: string;
  /** GITHUB_EVENT_PATH. */
  event: string;
}

export function jobFolders(root: string, repository: string): JobFolders {
  const name = repository.split('/')[1] ?? repository;
  const temp = join(root, 'work', '_temp');
  return {
    root,
    workspace: join(root, 'work', name, name),
    temp,
    tools: join(root, 'tools'),
    home: join(root, 'home'),
    files: join(temp, '_runner_file_commands'),
    event: join(temp, '_github_workflow', 'event.json'),
  };
}

/** Of a run, before it has a job: `run-name`, `concurrency`. @param workflow its name */
export function runContext(run: Run, workflow: string): Record<string, unknown> {
  const { repository } = run;
  const server = new URL(run.url).origin;
  const [owner] = repository.fullName.split('/');
  return {
    actor: run.actor,
    actor_id: actorId(run),
    api_url: run.apiUrl,
    base_ref: '',
    event: run.event,
    event_name: run.eventName,
    graphql_url: `${run.apiUrl}/graphql`,
    head_ref: '',
    ref: run.ref,
    ref_name: run.ref.replace(/^refs\/(heads|tags)\//, ''),
    ref_protected: false,
    ref_type: refType(run),
    repository: repository.fullName,
    repository_id: String(repository.id),
    repository_owner: owner,
    repository_owner_id: String(repository.ownerId),
    repositoryUrl: `git:${server.replace(/^https?:/, '')}/${repository.fullName}.git`,
    retention_days: RETENTION_DAYS,
    run_attempt: String(run.attempt),
    run_id: String(run.id),
    run_number: String(run.number),
    secret_source: 'Actions',
    server_url: server,
    sha: run.sha,
    triggering_actor: run.actor,
    workflow,
    workflow_ref: `${repository.fullName}/${run.workflowPath}@${run.ref}`,
    workflow_sha: run.sha,
  };
}

export function runnerContext(folders: JobFolders): Record<string, string> {
  return {
    arch: process.arch.toUpperCase(),
    environment: 'github-hosted',
    name: 'Local runner',
    os: SYSTEMS[process.platform] ?? process.platform,
    temp: folders.temp,
    tool_cache: folders.tools,
  };
}

/** Which file a job stands in: another one than the run's when it was called. */
export function jobContext({ repository, ref, sha }: Run, workflowPath: string): Record<string, string> {
  return {
    workflow_ref: `${repository.fullName}/${workflowPath}@${ref}`,
    workflow_sha: sha,
    workflow_repository: repository.fullName,
    workflow_file_path: workflowPath,
  };
}

/** Variables that come from contexts. No step can change them for later ones. */
export function contextVariables(github: Record<string, unknown>, folders: JobFolders): Record<string, string> {
  const hidden = ['event', 'token', 'repositoryUrl', 'secret_source'];
  const ofGithub = Object.entries(github)
    .filter(([name]) => !hidden.includes(name))
    .map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, String(value)]);
  const ofRunner = Object.entries(runnerContext(folders)).map(([name, value]) => [
    `RUNNER_${name.toUpperCase()}`,
    value,
  ]);
  return { ...Object.fromEntries(ofGithub), ...Object.fromEntries(ofRunner), GITHUB_ACTIONS: 'true' };
}

/** All that a process has before the workflow adds to it: nothing of ours but where programs are. */
export function baseVariables(folders: JobFolders, nodeFolder: string): Record<string, string> {
  return { PATH: `${nodeFolder}:${SYSTEM_PATH}`, HOME: folders.home, LANG: 'C.UTF-8', CI: 'true' };
}

/** @param workflowPath of the workflow that the job stands in: another one than the run's when it was called */
export function claimsOf(run: Run, workflow: string, workflowPath: string): RunClaims {
  const { repository } = run;
  const [owner = ''] = repository.fullName.split('/');
  return {
    sub: `repo:${repository.fullName}:ref:${run.ref}`,
    repository: repository.fullName,
    repository_id: String(repository.id),
    repository_owner: owner,
    repository_owner_id: String(repository.ownerId),
    repository_visibility: 'private',
    job_workflow_ref: `${repository.fullName}/${workflowPath}@${run.ref}`,
    job_workflow_sha: run.sha,
    workflow,
    workflow_ref: `${repository.fullName}/${run.workflowPath}@${run.ref}`,
    workflow_sha: run.sha,
    event_name: run.eventName,
    ref: run.ref,
    ref_type: refType(run),
    sha: run.sha,
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(run.attempt),
    runner_environment: 'github-hosted',
    actor: run.actor,
    actor_id: actorId(run),
  };
}

function refType({ ref }: Run): string {
  return ref.startsWith('refs/tags/') ? 'tag' : 'branch';
}

function actorId({ event, repository }: Run): string {
  const { sender } = event;
  const id = typeof sender === 'object' && sender !== null && 'id' in sender ? sender.id : repository.ownerId;
  return String(id);
}
