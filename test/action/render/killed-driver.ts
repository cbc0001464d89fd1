/** A process that makes a video with what lies in a folder as its store, and says how far it is, until it is killed. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RenderMachine } from '../../../action/adapters/render-machine.ts';
import { openRuntime } from '../../../action/adapters/runtime.ts';
import type { ObjectStore } from '../../../action/core/ports.ts';
import type { RenderOrder } from '../../../action/core/render/plan.ts';
import { renderVideo } from '../../../action/render/render-video.ts';

export interface DriverOrder {
  order: RenderOrder;
  machine: RenderMachine;
  storeFolder: string;
  workFolder: string;
  runtimeFolder: string;
}

/** A kill takes that long on a busy machine. */
const KILL_MILLISECONDS = 400;

/** A key as the name of a file. */
export const fileOf = (folder: string, key: string): string => join(folder, encodeURIComponent(key));

function folderStore(folder: string): ObjectStore {
  const read = (key: string) => readFile(fileOf(folder, key)).catch(() => null);
  return {
    async create({ key, body }) {
      // Whole or not at all, as a store does it.
      const draft = `${folder}.draft`;
      await writeFile(draft, body);
      await rename(draft, fileOf(folder, key));
      console.log(`stored ${key}`);
      // Whoever is to be killed at this moment should not be killed in the next.
      await sleep(KILL_MILLISECONDS);
      return { kind: 'created' };
    },
    head: async (key) => {
      const body = await read(key);
      return body && { bytes: body.byteLength, sha256: null };
    },
    get: read,
    list: () => Promise.reject(new Error('nobody lists')),
  };
}

if (process.argv[2] !== undefined) {
  const { order, machine, storeFolder, workFolder, runtimeFolder }: DriverOrder = JSON.parse(process.argv[2]);
  const runtime = await openRuntime(runtimeFolder);
  await mkdir(workFolder, { recursive: true });
  await renderVideo(order, {
    store: folderStore(storeFolder),
    machine,
    workFolder,
    openRuntime: async () => runtime,
    onStage: (stage) => console.log(`stage ${stage}`),
    onFrames: (drawn) => console.log(`frames ${drawn}`),
  });
  console.log('done');
}
