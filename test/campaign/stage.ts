/** What all histories share and none changes: the deployment, two compiled projects, the runtime in the store. */
import { brotliCompressSync, constants } from 'node:zlib';
import { createCompiler } from '../../action/adapters/esbuild.ts';
import type { Compiled } from '../../action/core/compile/compile.ts';
import type { Compiler, Encode } from '../../action/core/ports.ts';
import { createSnapshot, type Snapshot } from '../../action/core/snapshot.ts';
import { uploadRuntime } from '../../action/core/upload.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { sharedRuntime } from '../support/runtime.ts';
import { toContents } from '../support/tree.ts';
import { deployForCampaign } from './deployment.ts';
import type { Stage } from './history.ts';
import { WatchedBucket } from './store.ts';
import { digest } from './watch.ts';

/** A film of one scene and an app; each version is its own, and shares modules with others. */
const SCENE = "import { useCurrentFrame } from 'remotion';\nexport default () => <p>{useCurrentFrame()}</p>;\n";
const MANIFEST = { title: 'Film', kind: 'storyboard', fps: 30, width: 640, height: 360 };
const NEWEST = 14;

function filesOf(version: number): { path: string; text: string }[] {
  const scenes = [
    { id: 'one', entry: 'one.tsx', durationInFrames: 30 },
    { id: 'two', entry: 'two.tsx', durationInFrames: 30 },
  ];
  return [
    { path: 'permaframe.json', text: JSON.stringify({ ...MANIFEST, scenes }) },
    { path: 'one.tsx', text: SCENE },
    { path: 'two.tsx', text: `export default () => <b>version {${version}}</b>;\n` },
    { path: 'public/note.txt', text: `of version ${version % 2}` },
  ];
}

export async function setStage(): Promise<Stage> {
  const { runtime } = await sharedRuntime();
  const bucket = new WatchedBucket();
  await uploadRuntime(runtime, { store: createMemoryStore({ bucket }), encode });
  const snapshots = new Map<string, Snapshot>();
  const snapshotOf = async (files: ReadonlyMap<string, Uint8Array>) => {
    const key = [...files].map(([path, content]) => `${path}\0${Buffer.from(content).toString('latin1')}`).join('\0');
    const known = snapshots.get(key) ?? (await createSnapshot(new Map(files)));
    snapshots.set(key, known);
    return known;
  };
  const compiled = new Map<string, Compiled>();
  await using compiler = createCompiler(runtime);
  for (let version = 1; version <= NEWEST; version++) {
    const contents = toContents(Object.fromEntries(filesOf(version).map(({ path, text }) => [path, text])));
    const snapshot = await snapshotOf(contents);
    compiled.set(snapshot.hash, await compiler.compile(snapshot));
  }
  const materials = { compiler: compilerOf(compiled), encode, runtime, snapshotOf };
  return { deployment: await deployForCampaign(filesOf), materials, filesOf, runtime: bucket };
}

function compilerOf(compiled: ReadonlyMap<string, Compiled>): Compiler {
  return {
    async compile({ hash }) {
      const known = compiled.get(hash);
      if (!known) throw new Error('a snapshot that nobody saved');
      return known;
    },
  };
}

const known = new Map<string, Uint8Array>();

/** The real one works in threads of its own, which answer when they like. */
const encode: Encode = async (body) => {
  const hash = digest(body);
  const copy = known.get(hash) ?? brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  known.set(hash, copy);
  return copy;
};
