import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MAX_BUNDLE_MILLISECONDS } from '../../../../action/contract/limits.ts';
import {
  CompilerClient,
  type CompilerSettings,
  type CompilerWorker,
  changesBetween,
} from '../../../../site-template/editor/compiler/client.ts';
import type { Answer, Build, Request } from '../../../../site-template/editor/compiler/protocol.ts';
import type { Files, WorkspaceFile } from '../../../../site-template/editor/workspace.ts';

const text = (content: string): WorkspaceFile => ({ kind: 'text', text: content });
const ONE: Files = new Map([
  ['a.ts', text('a')],
  ['b.ts', text('b')],
]);
const TWO: Files = new Map([...ONE, ['a.ts', text('changed')]]);
const WASM = {} as WebAssembly.Module;

class FakeWorker implements CompilerWorker {
  readonly requests: Request[] = [];
  isTerminated = false;
  onmessage: CompilerWorker['onmessage'] = null;
  onerror: CompilerWorker['onerror'] = null;
  postMessage(request: Request): void {
    this.requests.push(request);
  }
  terminate(): void {
    this.isTerminated = true;
  }
  answer(data: Answer): void {
    this.onmessage?.({ data } as MessageEvent<Answer>);
  }
  changes() {
    return this.requests.filter((request) => request.kind === 'change');
  }
}

const compiled = (revision: number): Answer => ({
  kind: 'compiled',
  build: { revision } as Build,
  milliseconds: 1,
});

function openClient(changes: Partial<CompilerSettings> = {}) {
  const workers: FakeWorker[] = [];
  const heard: string[] = [];
  const client = new CompilerClient({
    publicUrl: 'https://edge.test',
    runtimeKey: 'runtime/manifest.json',
    startWorker: () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
    loadWasm: async () => WASM,
    events: {
      runtime: () => heard.push('runtime'),
      seen: ({ revision }) => heard.push(`seen ${revision}`),
      compiled: ({ revision }) => heard.push(`compiled ${revision}`),
      failed: (revision, [first]) => heard.push(`failed ${revision} ${first?.code}`),
    },
    ...changes,
  });
  const worker = (index = workers.length - 1): FakeWorker => workers[index] as FakeWorker;
  return { client, workers, heard, worker };
}

const early = (revision: number): Answer => ({ kind: 'early', build: { revision } as Build });
const checked = (revision: number): Answer => ({ kind: 'checked', revision, milliseconds: 1 });

const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the compiler, from the side of the editor', () => {
  test('is sent all files at first, and then what has changed', async () => {
    const { client, worker } = openClient();
    client.update(1, ONE);
    await settled();
    client.update(2, TWO);
    client.update(3, new Map([['a.ts', TWO.get('a.ts') as WorkspaceFile]]));
    const [start, ...changes] = worker().requests;
    expect(start).toEqual({
      kind: 'start',
      wasm: WASM,
      publicUrl: 'https://edge.test',
      runtimeKey: 'runtime/manifest.json',
    });
    expect(changes).toEqual([
      {
        kind: 'change',
        revision: 1,
        put: [
          ['a.ts', text('a')],
          ['b.ts', text('b')],
        ],
        remove: [],
      },
      { kind: 'change', revision: 2, put: [['a.ts', text('changed')]], remove: [] },
      { kind: 'change', revision: 3, put: [], remove: ['b.ts'] },
    ]);
  });

  test('is sent only the newest of what was edited while it was loaded', async () => {
    const { client, worker } = openClient();
    client.update(1, ONE);
    client.update(2, TWO);
    await settled();
    expect(
      worker()
        .changes()
        .map(({ revision }) => revision),
    ).toEqual([2]);
  });

  test('is not believed about what is out of date', async () => {
    const { client, worker, heard } = openClient();
    client.update(1, ONE);
    await settled();
    client.update(2, TWO);
    worker().answer(compiled(1));
    worker().answer({ kind: 'failed', revision: 1, diagnostics: [] });
    worker().answer(compiled(2));
    expect(heard).toEqual(['seen 2', 'compiled 2']);
  });

  test('shows what it has early, once, and says what became of it when that is known', async () => {
    const { client, worker, heard } = openClient();
    client.update(1, ONE);
    await settled();
    worker().answer(early(1));
    expect(heard).toEqual(['seen 1']);
    worker().answer(checked(1));
    expect(heard).toEqual(['seen 1', 'compiled 1']);
    client.update(2, TWO);
    worker().answer(early(2));
    worker().answer({ kind: 'failed', revision: 2, diagnostics: [{ code: 'BUNDLE_FAILED', message: '' }] });
    expect(heard.slice(2)).toEqual(['seen 2', 'failed 2 BUNDLE_FAILED']);
  });

  test('is not believed about what came early and is out of date', async () => {
    const { client, worker, heard } = openClient();
    client.update(1, ONE);
    await settled();
    worker().answer(early(1));
    client.update(2, TWO);
    worker().answer(checked(1));
    worker().answer(checked(2));
    expect(heard).toEqual(['seen 1']);
  });

  test('that crashes is replaced by a fresh one, which gets all files', async () => {
    const { client, workers, worker, heard } = openClient();
    client.update(1, ONE);
    await settled();
    worker().answer({ kind: 'crashed', revision: 1 });
    await settled();
    expect(workers).toHaveLength(2);
    expect(worker(0).isTerminated).toBe(true);
    expect(worker(1).changes()[0]?.put).toHaveLength(2);
    worker(1).answer(compiled(1));
    expect(heard).toEqual(['seen 1', 'compiled 1']);
  });

  test('that crashes on the same files again says that they are nested too deeply, until they change', async () => {
    const { client, workers, worker, heard } = openClient();
    client.update(1, ONE);
    await settled();
    worker().onerror?.({ preventDefault() {} } as ErrorEvent);
    await settled();
    worker().answer({ kind: 'crashed', revision: 1 });
    await settled();
    expect([workers.length, heard]).toEqual([2, ['failed 1 BUNDLE_TOO_DEEP']]);
    client.update(2, TWO);
    await settled();
    worker().answer(compiled(2));
    expect([workers.length, heard.at(-1)]).toEqual([3, 'compiled 2']);
  });

  test('that takes too long is ended, and begins anew with the next edit', async () => {
    const { client, workers, worker, heard } = openClient();
    client.update(1, ONE);
    await settled();
    await vi.advanceTimersByTimeAsync(MAX_BUNDLE_MILLISECONDS);
    expect([worker(0).isTerminated, heard]).toEqual([true, ['failed 1 BUNDLE_TIMEOUT']]);
    client.update(2, TWO);
    await settled();
    expect([workers.length, worker().changes()[0]?.put.length]).toEqual([2, 2]);
  });

  test('that was quick is not ended later', async () => {
    const { client, worker, heard } = openClient();
    client.update(1, ONE);
    await settled();
    worker().answer(compiled(1));
    await vi.advanceTimersByTimeAsync(2 * MAX_BUNDLE_MILLISECONDS);
    expect([worker().isTerminated, heard]).toEqual([false, ['seen 1', 'compiled 1']]);
  });

  test('that cannot be loaded says so, and is loaded again when it is tried again', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const loadWasm = vi.fn(async () => WASM).mockRejectedValueOnce(new Error('offline'));
    const { client, worker, heard } = openClient({ loadWasm });
    client.update(1, ONE);
    await settled();
    expect(heard).toEqual(['failed 1 PAGE_UNREACHABLE']);
    client.retry();
    await settled();
    worker().answer(compiled(1));
    expect(heard.at(-1)).toBe('compiled 1');
  });

  test('answers questions by their number, and none of a worker that is gone', async () => {
    const { client, worker } = openClient();
    expect(await client.locate(1, [])).toBeNull();
    client.update(1, ONE);
    await settled();
    const [place, guarded, never] = [client.locate(1, []), client.guard(1), client.guard(1)];
    worker().answer({ kind: 'guarded', id: 2, build: { revision: 1 } as Build });
    worker().answer({ kind: 'located', id: 1, place: { file: 'a.ts', line: 3 } });
    expect([await place, await guarded]).toEqual([{ file: 'a.ts', line: 3 }, { revision: 1 }]);
    worker().answer({ kind: 'crashed', revision: 1 });
    expect(await never).toBeNull();
  });

  test('is gone once it is disposed of, even while it is loaded', async () => {
    const { client, workers } = openClient();
    client.update(1, ONE);
    client.dispose();
    await settled();
    expect(workers).toEqual([]);
  });
});

test('a binary file is sent as its bytes or their address, with what is known of it', () => {
  const blob = new Blob(['x']);
  const common = { kind: 'binary' as const, sha256: 'a'.repeat(64), bytes: 1 };
  const files: Files = new Map([
    ['a.png', { ...common, content: { kind: 'blob', blob } }],
    ['b.png', { ...common, content: { kind: 'url', url: 'https://files.test/b' } }],
  ]);
  expect(changesBetween(new Map(), files).put).toEqual([
    ['a.png', { ...common, source: blob }],
    ['b.png', { ...common, source: 'https://files.test/b' }],
  ]);
});
