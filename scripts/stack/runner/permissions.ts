/** What `permissions:` grants to a job's token. */
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import type { TokenPermissions } from '../github/run.ts';
import { isMapping } from './parser.ts';

export type Level = 'none' | 'read' | 'write';
/** By the names of the workflow file: `contents`, `id-token`, … What is not named is `none`. */
export type Permissions = Readonly<Record<string, Level>>;
export type RequestedPermissions = Permissions | 'read-all' | 'write-all';

/** What a new repository grants where a workflow says nothing. */
const DEFAULT_PERMISSIONS: Permissions = { contents: 'read', packages: 'read' };
const ALL = ['actions', 'attestations', 'checks', 'contents', 'deployments', 'discussions', 'id-token', 'issues'];
const EVERYTHING = [...ALL, 'packages', 'pages', 'pull-requests', 'security-events', 'statuses'];
const LEVELS: readonly Level[] = ['none', 'read', 'write'];

export function readPermissions(token: TemplateToken | undefined): RequestedPermissions | null {
  if (token === undefined) return null;
  if (!isMapping(token)) return String(token) === 'write-all' ? 'write-all' : 'read-all';
  return Object.fromEntries(Array.from(token, ({ key, value }) => [String(key), String(value) as Level]));
}

/**
 * A job's own block counts, else the workflow's, else the repository's default; never more than a caller has.
 * @param ceiling what the calling job has, for a workflow that is called
 */
export function grantedPermissions(
  ofJob: RequestedPermissions | null,
  ofWorkflow: RequestedPermissions | null,
  ceiling: Permissions | null,
): Permissions {
  const asked = ofJob ?? ofWorkflow ?? ceiling ?? DEFAULT_PERMISSIONS;
  const named = asked === 'read-all' ? everything('read') : asked === 'write-all' ? everything('write') : asked;
  if (ceiling === null) return named;
  return Object.fromEntries(
    Object.entries(named).map(([name, level]) => [name, lower(level, ceiling[name] ?? 'none')]),
  );
}

/** Those that the stand-in for GitHub knows. */
export function tokenPermissions(granted: Permissions): TokenPermissions {
  const { contents, statuses, actions } = granted;
  return {
    ...(contents !== undefined && contents !== 'none' && { contents }),
    ...(statuses !== undefined && statuses !== 'none' && { statuses }),
    ...(actions !== undefined && actions !== 'none' && { actions }),
  };
}

function everything(level: Level): Permissions {
  // There is no reading of an id-token.
  return Object.fromEntries(EVERYTHING.map((name) => [name, name === 'id-token' && level === 'read' ? 'none' : level]));
}

function lower(one: Level, other: Level): Level {
  return LEVELS.indexOf(one) < LEVELS.indexOf(other) ? one : other;
}
