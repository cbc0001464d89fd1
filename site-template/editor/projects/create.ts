/** Makes projects and threads, and saves what they begin as: their first version. */
import type { ConvexReactClient } from 'convex/react';
import { toName } from '../../../action/contract/ids.ts';
import { api } from '../../../convex/_generated/api.js';
import { readRefusal } from '../ui/refusal.ts';
import { saveVersion } from '../versions/save-version.ts';
import type { Starter } from './examples.ts';
import { titled } from './titled.ts';

/** Times another name is tried when one is in use. */
const MAX_ATTEMPTS = 5;
const NAME_CHARACTERS = 50;

/** @returns the name that was free: the title's, or one with a few letters more, because names are the deployment's */
async function withFreeName(title: string, create: (name: string) => Promise<unknown>): Promise<string> {
  const start = (toName(title) ?? 'untitled').slice(0, NAME_CHARACTERS).replace(/-+$/, '');
  for (let attempt = 1; ; attempt++) {
    const name = attempt === 1 ? start : `${start}-${crypto.randomUUID().slice(0, 5)}`;
    try {
      await create(name);
      return name;
    } catch (error) {
      if (readRefusal(error).code !== 'NAME_TAKEN' || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** @returns the project's name */
export function createProject(client: ConvexReactClient, title: string): Promise<string> {
  return withFreeName(title, (project) => client.mutation(api.projects.create, { project, title }));
}

/** @returns the thread's name */
export async function createThread(
  client: ConvexReactClient,
  project: string,
  title: string,
  starter: Starter,
): Promise<string> {
  const files = titled(await starter.load(), title);
  const thread = await withFreeName(title, (name) =>
    client.mutation(api.threads.create, { project, thread: name, title }),
  );
  await saveVersion(client, { thread, project }, 0, files);
  return thread;
}
