/** A process that makes a video with what lies in a folder as its store, and says how far it is, until it is killed. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** A key as the name of a file. */
export const fileOf = (folder: string, key: string): string => join(folder, encodeURIComponent(key));

function folderStore(folder: string): ObjectStore {
  const read = (key: string) => readFile(fileOf(folder, key)).catch(() => null);
  return {
    async create({ key, body }) {
      await writeFile(fileOf(folder, key), body, { flag: 'wx' });
      console.log(`stored ${key}`);
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
