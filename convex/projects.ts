/** Projects, and who works on them. */
import { v } from 'convex/values';
import { MAX_COLLABORATORS } from '../action/contract/limits.ts';
import { mutation, query } from './_generated/server.js';
import { admitToProject, currentUser, findCollaborator, rememberUser } from './model/access.ts';
import { inviteTo, removeFrom, viewCollaborators } from './model/collaborators.ts';
import { parseEmail, parseProjectName, parseTitle } from './model/inputs.ts';
import { countCall } from './model/rateLimits.ts';
import { notFound, refusal } from './model/refusal.ts';
import { roleValidator } from './model/validators.ts';

/** Projects that one person sees in the list. */
const MAX_LISTED = 200;

/** Makes a project; whoever calls owns it. `project` is its name in links and keys, and never changes. */
export const create = mutation({
  args: { project: v.string(), title: v.string() },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const slug = parseProjectName(args.project);
    const title = parseTitle(args.title);
    await countCall(ctx, 'createByPerson', user._id, Date.now());
    const taken = await ctx.db
      .query('projects')
      .withIndex('by_slug', (q) => q.eq('slug', slug))
      .unique();
    if (taken) throw refusal('NAME_TAKEN', `The project name "${slug}" is in use.`, 'project');
    await ctx.db.insert('projects', { slug, title, owner: user._id });
    return { project: slug, title };
  },
});

/** The caller's own projects and those of others that they may see, by name. */
export const list = query({
  args: {},
  handler: async (ctx) => {
    const user = await currentUser(ctx);
    if (!user) return [];
    const own = await ctx.db
      .query('projects')
      .withIndex('by_owner', (q) => q.eq('owner', user._id))
      .take(MAX_LISTED);
    const shared = await ctx.db
      .query('collaborators')
      .withIndex('by_user', (q) => q.eq('user', user._id))
      .take(MAX_LISTED);
    const rows = [
      ...own.map((project) => ({ project: project.slug, title: project.title, role: 'owner' as const })),
      ...(await Promise.all(
        shared.map(async ({ project: id, role }) => {
          const project = await ctx.db.get('projects', id);
          return project ? [{ project: project.slug, title: project.title, role }] : [];
        }),
      ).then((lists) => lists.flat())),
    ];
    return rows.sort((a, b) => (a.project < b.project ? -1 : 1)).slice(0, MAX_LISTED);
  },
});

export const get = query({
  args: { project: v.string() },
  handler: async (ctx, args) => {
    const { project, standing } = await admitToProject(ctx, await currentUser(ctx), args.project, 'view');
    return { project: project.slug, title: project.title, role: standing };
  },
});

export const rename = mutation({
  args: { project: v.string(), title: v.string() },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { project } = await admitToProject(ctx, user, args.project, 'own');
    await countCall(ctx, 'changeByPerson', user._id, Date.now());
    await ctx.db.patch('projects', project._id, { title: parseTitle(args.title) });
    return null;
  },
});

/** Who works on the project, its owner first. Addresses are shown to the owner only. */
export const collaborators = query({
  args: { project: v.string() },
  handler: async (ctx, args) => {
    const { project, standing } = await admitToProject(ctx, await currentUser(ctx), args.project, 'view');
    return viewCollaborators(ctx, project, standing === 'owner');
  },
});

/**
 * Lets somebody in, by e-mail address or user id. An address that nobody has verified yet is an invitation. Somebody who
 * is in already gets the role.
 */
export const addCollaborator = mutation({
  args: {
    project: v.string(),
    who: v.union(v.object({ email: v.string() }), v.object({ user: v.string() })),
    role: roleValidator,
  },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { project } = await admitToProject(ctx, user, args.project, 'own');
    await countCall(ctx, 'inviteByPerson', user._id, Date.now());
    const who = 'email' in args.who ? { email: parseEmail(args.who.email) } : args.who;
    return { collaborator: await inviteTo(ctx, project, who, args.role, MAX_COLLABORATORS) };
  },
});

export const changeRole = mutation({
  args: { project: v.string(), collaborator: v.string(), role: roleValidator },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { project } = await admitToProject(ctx, user, args.project, 'own');
    await countCall(ctx, 'changeByPerson', user._id, Date.now());
    const id = ctx.db.normalizeId('collaborators', args.collaborator);
    const row = id && (await ctx.db.get('collaborators', id));
    if (row?.project !== project._id) throw notFound();
    await ctx.db.patch('collaborators', row._id, { role: args.role });
    return null;
  },
});

/** The owner removes anybody; everybody else may leave. */
export const removeCollaborator = mutation({
  args: { project: v.string(), collaborator: v.string() },
  handler: async (ctx, args) => {
    const user = await rememberUser(ctx);
    const { project } = await admitToProject(ctx, user, args.project, 'view');
    const own = await findCollaborator(ctx, project._id, user);
    if (own?._id !== args.collaborator) await admitToProject(ctx, user, args.project, 'own');
    await countCall(ctx, 'changeByPerson', user._id, Date.now());
    await removeFrom(ctx, project, args.collaborator);
    return null;
  },
});
