import { makeFunctionReference } from 'convex/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { api } from '../../convex/_generated/api.js';
import {
  codeOf,
  type Deployment,
  deploy,
  everything,
  makeThread,
  modules,
  type Person,
  publish,
  refusalOf,
  requestPublish,
  requestRender,
  STORYBOARD,
  upload,
} from './deployment.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** What an existing project offers to be asked for. */
interface World {
  deployment: Deployment;
  ada: Person;
  /** Of version 1, published. */
  published: string;
  /** Of version 2, under way. */
  active: string;
  /** Of version 3, failed. */
  cancelled: string;
  /** A render of version 1 under way, and one that was cancelled. */
  rendering: string;
  unrendered: string;
  collaborator: string;
  upload: { id: string; storage: string };
}

async function makeWorld(): Promise<World> {
  const deployment = deploy();
  const ada = deployment.person('ada');
  await makeThread(ada, 'film', 4, STORYBOARD);
  const published = await requestPublish(ada, 'film', 1);
  await publish(deployment, published);
  const rendering = await requestRender(ada);
  const unrendered = await requestRender(ada, { format: 'webm' });
  await ada.mutation(api.renders.cancel, { render: unrendered });
  const cancelled = await requestPublish(ada, 'film', 3);
  await ada.mutation(api.publishes.cancel, { publish: cancelled });
  const active = await requestPublish(ada, 'film', 2);
  const project = 'film-project';
  const who = { email: 'vera@example.com' };
  await deployment.person('vera').mutation(api.users.signIn, {});
  const { collaborator } = await ada.mutation(api.projects.addCollaborator, { project, who, role: 'viewer' });
  const { storage, sha256 } = await upload(deployment, new Uint8Array([1, 2, 3]));
  const begun = await ada.mutation(api.files.startUpload, { project, sha256, bytes: 3 });
  const id = begun.kind === 'upload' ? begun.upload : '';
  return {
    deployment,
    ada,
    published,
    active,
    cancelled,
    rendering,
    unrendered,
    collaborator,
    upload: { id, storage },
  };
}

type Need = 'nothing' | 'view' | 'edit' | 'own' | 'uploader';
interface Case {
  /** `nothing`: about the caller only; `uploader`: for the person who began it. */
  need: Need;
  args: (world: World) => Record<string, unknown>;
}

const project = 'film-project';
const thread = 'film';
const given = (need: Need, args: Record<string, unknown> = {}): Case => ({ need, args: () => args });

/** Every public function, with arguments with which its owner succeeds. */
const CASES: Readonly<Record<string, Case>> = {
  'users:signIn': given('nothing'),
  'users:me': given('nothing'),
  'projects:create': given('nothing', { project: 'another', title: 'Another' }),
  'projects:list': given('nothing'),
  'projects:get': given('view', { project }),
  'projects:rename': given('own', { project, title: 'Renamed' }),
  'projects:collaborators': given('view', { project }),
  'projects:addCollaborator': given('own', { project, who: { email: 'eve@example.com' }, role: 'editor' }),
  'projects:changeRole': { need: 'own', args: ({ collaborator }) => ({ project, collaborator, role: 'editor' }) },
  'projects:removeCollaborator': {
    need: 'own',
    args: () => ({ project, collaborator: 'nobody' }),
  },
  'threads:create': given('edit', { project, thread: 'another', title: 'Another' }),
  'threads:list': given('view', { project }),
  'threads:get': given('view', { thread }),
  'threads:setLatest': given('edit', { thread, version: 1 }),
  'threads:takeDown': given('edit', { thread, version: 1 }),
  'threads:restore': given('edit', { thread, version: 1 }),
  'threads:setVisibility': given('edit', { thread, visibility: 'unlisted' }),
  'threads:createLink': given('edit', { thread, version: 1, seconds: 3600 }),
  'versions:save': given('edit', { thread, base: 4, files: [{ path: 'a.txt', text: 'a' }] }),
  'versions:list': given('view', { thread }),
  'versions:get': given('view', { thread, version: 1 }),
  'files:startUpload': given('edit', { project, sha256: 'cd'.repeat(32), bytes: 3 }),
  'files:finishUpload': { need: 'uploader', args: ({ upload: { id, storage } }) => ({ upload: id, storage }) },
  'publishes:request': given('edit', { thread, version: 4 }),
  'publishes:cancel': { need: 'edit', args: ({ active }) => ({ publish: active }) },
  'publishes:retry': { need: 'edit', args: ({ cancelled }) => ({ publish: cancelled }) },
  'publishes:get': { need: 'view', args: ({ published }) => ({ publish: published }) },
  'publishes:listByThread': given('view', { thread }),
  'renders:request': given('edit', { thread, version: 1, video: { format: 'gif' } }),
  'renders:cancel': { need: 'edit', args: ({ rendering }) => ({ render: rendering }) },
  'renders:retry': { need: 'edit', args: ({ unrendered }) => ({ render: unrendered }) },
  'renders:get': { need: 'view', args: ({ rendering }) => ({ render: rendering }) },
  'renders:listByVersion': given('view', { thread, version: 1 }),
  'renders:film': given('view', { thread, version: 1 }),
};

interface PublicFunction {
  isPublic?: boolean;
  isQuery?: boolean;
  isMutation?: boolean;
  isAction?: boolean;
}

async function publicFunctions(): Promise<Map<string, PublicFunction>> {
  const found = new Map<string, PublicFunction>();
  for (const [path, load] of Object.entries(modules)) {
    const module = path.replace('../../convex/', '').replace(/\.(ts|js)$/, '');
    if (/^(_generated|model|node)\/|\.config$/.test(module)) continue;
    for (const [name, value] of Object.entries((await load()) as Record<string, unknown>)) {
      const candidate = value as PublicFunction;
      if (typeof value === 'function' && candidate.isPublic) found.set(`${module}:${name}`, candidate);
    }
  }
  return found;
}

const functions = await publicFunctions();

/** The functions are called by name: arguments of every shape are what this is about. */
interface Caller {
  query(name: unknown, args: unknown): Promise<unknown>;
  mutation(name: unknown, args: unknown): Promise<unknown>;
  action(name: unknown, args: unknown): Promise<unknown>;
}

function call(person: unknown, name: string, world: World, changes: Record<string, unknown> = {}): Promise<unknown> {
  const caller = person as Caller;
  const reference = makeFunctionReference(name);
  const args = { ...CASES[name]?.args(world), ...changes };
  const kind = functions.get(name);
  if (kind?.isQuery) return caller.query(reference, args);
  return kind?.isMutation ? caller.mutation(reference, args) : caller.action(reference, args);
}

describe('every public function', () => {
  it('has a case here', () => {
    expect([...functions.keys()].sort()).toEqual(Object.keys(CASES).sort());
  });

  it('has validators for its arguments', () => {
    for (const [name, value] of functions) {
      const { exportArgs } = value as unknown as { exportArgs(): string };
      expect(JSON.parse(exportArgs()), name).toMatchObject({ type: 'object' });
    }
  });

  it.each(Object.keys(CASES))('%s refuses nobody and strangers, and changes nothing', async (name) => {
    const world = await makeWorld();
    const { deployment } = world;
    const before = await everything(deployment);
    expect(await codeOf(call(deployment.t, name, world))).toBe('NOT_ALLOWED');
    // The same whether the thing exists or not.
    const nonsense = {
      project: 'no-such',
      thread: 'no-such',
      publish: 'no-such',
      render: 'no-such',
      upload: 'no-such',
    };
    const args = CASES[name]?.args(world) ?? {};
    const changes = Object.fromEntries(Object.entries(nonsense).filter(([key]) => key in args));
    const stranger = deployment.person('stranger');
    if (CASES[name]?.need !== 'nothing') {
      const refusal = await refusalOf(call(stranger, name, world));
      expect(refusal.code).toBe('NOT_FOUND');
      expect(await refusalOf(call(stranger, name, world, changes))).toEqual(refusal);
      expect(await everything(deployment)).toEqual(before);
    } else {
      const answer = JSON.stringify((await call(stranger, name, world)) ?? null);
      expect(answer).not.toMatch(/film|ada/);
    }
  });

  it.each(Object.keys(CASES))('%s lets viewers read, editors change, and the owner decide', async (name) => {
    const world = await makeWorld();
    const { deployment, ada } = world;
    const need = CASES[name]?.need;
    const vera = deployment.person('vera');
    if (need === 'view') await call(vera, name, world);
    if (need === 'edit' || need === 'own') {
      expect(await codeOf(call(vera, name, world))).toBe('NOT_ALLOWED');
      const promotion = { project, collaborator: world.collaborator, role: 'editor' as const };
      await ada.mutation(api.projects.changeRole, promotion);
      if (need === 'own') expect(await codeOf(call(vera, name, world))).toBe('NOT_ALLOWED');
      else await call(vera, name, world);
    }
    if (need === 'own' && name !== 'projects:removeCollaborator') await call(ada, name, world);
    if (need === 'view') await call(ada, name, world);
    if (need === 'uploader') {
      await ada.mutation(api.projects.changeRole, { project, collaborator: world.collaborator, role: 'editor' });
      expect(await codeOf(call(vera, name, world))).toBe('NOT_FOUND');
      await call(ada, name, world);
    }
  });
});

describe('collaborators', () => {
  it('are let in by an address once it is verified, and by nothing less', async () => {
    const { deployment, ada } = await makeWorld();
    const who = { email: ' Eve@Example.com ' };
    await ada.mutation(api.projects.addCollaborator, { project, who, role: 'editor' });
    const claims = { subject: 'fake-eve', issuer: 'https://people', email: 'eve@example.com' };
    const unverified = deployment.t.withIdentity({ ...claims, emailVerified: false });
    await unverified.mutation(api.users.signIn, {});
    expect(await codeOf(unverified.query(api.projects.get, { project }))).toBe('NOT_FOUND');
    const eve = deployment.person('eve');
    await eve.mutation(api.users.signIn, {});
    expect(await eve.query(api.projects.get, { project })).toMatchObject({ role: 'editor' });
    expect(await eve.query(api.projects.list, {})).toEqual([{ project, title: 'A project', role: 'editor' }]);
    // Addresses are the owner's business.
    const seen = await eve.query(api.projects.collaborators, { project });
    expect(seen.map(({ email }) => email)).toEqual([null, null, null]);
  });

  it('are added once, may leave, and are out at once when removed', async () => {
    const { deployment, ada, collaborator } = await makeWorld();
    const again = { project, who: { email: 'vera@example.com' }, role: 'editor' as const };
    expect(await ada.mutation(api.projects.addCollaborator, again)).toEqual({ collaborator });
    const vera = deployment.person('vera');
    await vera.mutation(api.projects.removeCollaborator, { project, collaborator });
    expect(await codeOf(vera.query(api.projects.get, { project }))).toBe('NOT_FOUND');
    expect(await codeOf(vera.mutation(api.publishes.request, { thread, version: 4 }))).toBe('NOT_FOUND');
  });

  it('of another project are not reached through this one', async () => {
    const { deployment, ada, collaborator } = await makeWorld();
    const eve = deployment.person('eve');
    await makeThread(eve, 'hers');
    const mine = { project: 'hers-project', collaborator };
    expect(await codeOf(eve.mutation(api.projects.changeRole, { ...mine, role: 'editor' }))).toBe('NOT_FOUND');
    expect(await codeOf(eve.mutation(api.projects.removeCollaborator, mine))).toBe('NOT_FOUND');
    expect(await ada.query(api.projects.collaborators, { project })).toHaveLength(2);
  });

  it('are no more than the limit, and never the owner', async () => {
    const { ada } = await makeWorld();
    const add = (email: string) =>
      ada.mutation(api.projects.addCollaborator, { project, who: { email }, role: 'viewer' });
    expect(await refusalOf(add('ada@example.com'))).toMatchObject({ code: 'INPUT_INVALID', field: 'who' });
    for (let count = 1; count < 50; count++) await add(`guest${count}@example.com`);
    expect(await refusalOf(add('one-more@example.com'))).toMatchObject({ code: 'INPUT_INVALID', field: 'who' });
    expect(await ada.query(api.projects.collaborators, { project })).toHaveLength(51);
  });
});
