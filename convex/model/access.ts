/**
 * Who may do what. The owner and editors of a project change and publish it, viewers read it, and nobody else learns
 * that it exists: what is missing and what is forbidden get the same answer.
 */
import type { UserIdentity } from 'convex/server';
import type { Doc } from '../_generated/dataModel.js';
import type { MutationCtx, QueryCtx } from '../_generated/server.js';
import { notFound, refusal } from './refusal.ts';
import type { Role } from './validators.ts';

type User = Doc<'users'>;

/** What a call needs: to look, to change, or to decide who else may. */
export type Need = 'view' | 'edit' | 'own';
export type Standing = Role | 'owner';

const RANK: Readonly<Record<Standing, number>> = { viewer: 0, editor: 1, owner: 2 };
const NEEDED: Readonly<Record<Need, number>> = { view: 0, edit: 1, own: 2 };

/** Characters of a person's name that are kept. */
const MAX_NAME_CHARACTERS = 80;
/** Invitations that are bound at one sign-in. */
const MAX_BOUND_INVITATIONS = 200;

async function requireIdentity(ctx: QueryCtx): Promise<UserIdentity> {
  const identity = await ctx.auth.getUserIdentity();
  if (!identity) throw refusal('NOT_ALLOWED', 'Sign in first.');
  return identity;
}

async function findUser(ctx: QueryCtx, { tokenIdentifier }: UserIdentity): Promise<User | null> {
  return ctx.db
    .query('users')
    .withIndex('by_tokenIdentifier', (q) => q.eq('tokenIdentifier', tokenIdentifier))
    .unique();
}

/**
 * The person who calls a query; null before the first mutation, when the person has nothing yet.
 * @throws ConvexError NOT_ALLOWED when nobody is signed in
 */
export async function currentUser(ctx: QueryCtx): Promise<User | null> {
  return findUser(ctx, await requireIdentity(ctx));
}

/**
 * The person who calls a mutation, remembered from now on; invitations to a verified address become theirs.
 * @throws ConvexError NOT_ALLOWED when nobody is signed in
 */
export async function rememberUser(ctx: MutationCtx): Promise<User> {
  const identity = await requireIdentity(ctx);
  const { name, email } = describe(identity);
  const known = await findUser(ctx, identity);
  if (known && known.name === name && known.email === email) return known;
  const { tokenIdentifier } = identity;
  const id = known?._id ?? (await ctx.db.insert('users', { tokenIdentifier, name }));
  await ctx.db.patch('users', id, { name, email });
  const user = await ctx.db.get('users', id);
  if (!user) throw new Error('a user has vanished');
  if (user.email !== undefined) await bindInvitations(ctx, user, user.email);
  return user;
}

/** An address counts only if the issuer has verified it: anybody can write any address into a profile. */
function describe(identity: UserIdentity): { name: string; email: string | undefined } {
  const email = identity.emailVerified === true && identity.email ? normalizeEmail(identity.email) : undefined;
  const label = identity.name ?? identity.nickname ?? identity.preferredUsername ?? 'Somebody';
  const name = label.replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ').trim();
  return { name: [...name].slice(0, MAX_NAME_CHARACTERS).join('') || 'Somebody', email };
}

/** The form in which addresses are compared. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

async function bindInvitations(ctx: MutationCtx, user: User, email: string): Promise<void> {
  const invitations = await ctx.db
    .query('collaborators')
    .withIndex('by_email_user', (q) => q.eq('email', email).eq('user', undefined))
    .take(MAX_BOUND_INVITATIONS);
  for (const invitation of invitations) {
    const project = await ctx.db.get('projects', invitation.project);
    const isThere = project?.owner === user._id || (await findCollaborator(ctx, invitation.project, user)) !== null;
    if (isThere) await ctx.db.delete('collaborators', invitation._id);
    else await ctx.db.patch('collaborators', invitation._id, { user: user._id });
  }
}

export async function findCollaborator(
  ctx: QueryCtx,
  project: Doc<'projects'>['_id'],
  user: User,
): Promise<Doc<'collaborators'> | null> {
  return ctx.db
    .query('collaborators')
    .withIndex('by_project_user', (q) => q.eq('project', project).eq('user', user._id))
    .unique();
}

async function standingIn(ctx: QueryCtx, project: Doc<'projects'>, user: User | null): Promise<Standing | null> {
  if (!user) return null;
  if (project.owner === user._id) return 'owner';
  return (await findCollaborator(ctx, project._id, user))?.role ?? null;
}

async function admit(
  ctx: QueryCtx,
  project: Doc<'projects'> | null,
  user: User | null,
  need: Need,
): Promise<{ project: Doc<'projects'>; standing: Standing }> {
  const standing = project && (await standingIn(ctx, project, user));
  if (!project || !standing) throw notFound();
  if (RANK[standing] < NEEDED[need]) {
    const message = need === 'own' ? 'Only the owner of the project may do this.' : 'You may look, but not change.';
    throw refusal('NOT_ALLOWED', message);
  }
  return { project, standing };
}

/** @throws ConvexError NOT_FOUND or NOT_ALLOWED */
export async function admitToProject(ctx: QueryCtx, user: User | null, slug: string, need: Need) {
  const project = await ctx.db
    .query('projects')
    .withIndex('by_slug', (q) => q.eq('slug', slug))
    .unique();
  return admit(ctx, project, user, need);
}

/** @throws ConvexError NOT_FOUND or NOT_ALLOWED */
export async function admitToThread(ctx: QueryCtx, user: User | null, name: string, need: Need) {
  const thread = await ctx.db
    .query('threads')
    .withIndex('by_name', (q) => q.eq('name', name))
    .unique();
  const admitted = await admit(ctx, thread && (await ctx.db.get('projects', thread.project)), user, need);
  if (!thread) throw notFound();
  return { thread, ...admitted };
}

/** @throws ConvexError NOT_FOUND or NOT_ALLOWED */
export async function admitToPublish(ctx: QueryCtx, user: User | null, publishId: string, need: Need) {
  const id = ctx.db.normalizeId('publishes', publishId);
  const publish = id && (await ctx.db.get('publishes', id));
  const admitted = await admit(ctx, publish && (await ctx.db.get('projects', publish.project)), user, need);
  if (!publish) throw notFound();
  return { publish, ...admitted };
}

/** @throws ConvexError NOT_FOUND or NOT_ALLOWED */
export async function admitToRender(ctx: QueryCtx, user: User | null, renderId: string, need: Need) {
  const id = ctx.db.normalizeId('renders', renderId);
  const render = id && (await ctx.db.get('renders', id));
  const admitted = await admit(ctx, render && (await ctx.db.get('projects', render.project)), user, need);
  if (!render) throw notFound();
  return { render, ...admitted };
}

/** @throws ConvexError NOT_FOUND when the thread has no such version */
export async function requireVersion(ctx: QueryCtx, thread: Doc<'threads'>, number: number): Promise<Doc<'versions'>> {
  const version = await ctx.db
    .query('versions')
    .withIndex('by_thread_number', (q) => q.eq('thread', thread._id).eq('number', number))
    .unique();
  if (!version) throw notFound();
  return version;
}
