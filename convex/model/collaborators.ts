/** Rows that let people into a project. */
import type { Doc, Id } from '../_generated/dataModel.js';
import type { MutationCtx, QueryCtx } from '../_generated/server.js';
import { findCollaborator } from './access.ts';
import { notFound, refusal } from './refusal.ts';
import type { Role } from './validators.ts';

async function rowsOf(ctx: QueryCtx, project: Id<'projects'>, limit: number): Promise<Doc<'collaborators'>[]> {
  return ctx.db
    .query('collaborators')
    .withIndex('by_project_user', (q) => q.eq('project', project))
    .take(limit);
}

/** @param limit collaborators of one project */
export async function inviteTo(
  ctx: MutationCtx,
  project: Doc<'projects'>,
  who: { email: string } | { user: string },
  role: Role,
  limit: number,
): Promise<Id<'collaborators'>> {
  const user = await findPerson(ctx, who);
  if (user?._id === project.owner) throw refusal('INPUT_INVALID', 'who is the owner of the project', 'who');
  const email = 'email' in who ? who.email : undefined;
  const known = user ? await findCollaborator(ctx, project._id, user) : await findInvitation(ctx, project._id, email);
  if (known) {
    await ctx.db.patch('collaborators', known._id, { role });
    return known._id;
  }
  if ((await rowsOf(ctx, project._id, limit)).length >= limit) {
    throw refusal('INPUT_INVALID', `the project has ${limit} collaborators already, which is the limit`, 'who');
  }
  const given = { ...(user && { user: user._id }), ...(email !== undefined && { email }) };
  return ctx.db.insert('collaborators', { project: project._id, role, ...given });
}

async function findPerson(ctx: QueryCtx, who: { email: string } | { user: string }): Promise<Doc<'users'> | null> {
  if ('email' in who) {
    const { email } = who;
    return ctx.db
      .query('users')
      .withIndex('by_email', (q) => q.eq('email', email))
      .first();
  }
  const id = ctx.db.normalizeId('users', who.user);
  const user = id && (await ctx.db.get('users', id));
  if (!user) throw notFound();
  return user;
}

async function findInvitation(
  ctx: QueryCtx,
  project: Id<'projects'>,
  email: string | undefined,
): Promise<Doc<'collaborators'> | null> {
  return ctx.db
    .query('collaborators')
    .withIndex('by_project_email', (q) => q.eq('project', project).eq('email', email))
    .filter((q) => q.eq(q.field('user'), undefined))
    .first();
}

export async function removeFrom(ctx: MutationCtx, project: Doc<'projects'>, collaborator: string): Promise<void> {
  const id = ctx.db.normalizeId('collaborators', collaborator);
  const row = id && (await ctx.db.get('collaborators', id));
  if (row?.project !== project._id) throw notFound();
  await ctx.db.delete('collaborators', row._id);
}

/** @param withAddresses only the owner sees what address somebody was invited by */
export async function viewCollaborators(ctx: QueryCtx, project: Doc<'projects'>, withAddresses: boolean) {
  const owner = await ctx.db.get('users', project.owner);
  const rows = await rowsOf(ctx, project._id, 1000);
  const others = rows.map(async ({ _id, user, email, role }) => ({
    collaborator: _id as string | null,
    name: user ? ((await ctx.db.get('users', user))?.name ?? null) : null,
    email: withAddresses ? (email ?? null) : null,
    role: role as Role | 'owner',
  }));
  const first = { collaborator: null, name: owner?.name ?? null, email: null, role: 'owner' as const };
  return [first, ...(await Promise.all(others))];
}
