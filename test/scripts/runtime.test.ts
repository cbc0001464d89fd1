import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObjectStore } from '../../action/adapters/r2.ts';
import { openStoreRuntime } from '../../action/adapters/store-runtime.ts';
import { runCommand, storeEnvironment } from '../support/command.ts';
import { type LocalR2, startLocalR2 } from '../support/local-r2.ts';

let r2: LocalR2;
beforeAll(async () => {
  r2 = await startLocalR2();
});
afterAll(() => r2?.[Symbol.asyncDispose]());

const push = (...args: string[]) => runCommand(['runtime', ...args], storeEnvironment(r2.config, 'https://share.test'));

describe('permaframe runtime push', () => {
  it('stores the runtime once, and prints the key that the workflow needs', async () => {
    const first = await push('push', '--json');
    expect(first.stderr).toBe('');
    const { runtime, uploaded } = JSON.parse(first.stdout);
    expect(uploaded).toBeGreaterThan(10);
    using store = createObjectStore(r2.config);
    expect((await openStoreRuntime(store, runtime)).manifestKey).toBe(runtime);
    const again = await push('push');
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(new RegExp(`^${runtime}\n.*was there already`));
  });

  it('knows nothing else', async () => {
    const { code, stderr } = await push('pull');
    expect(code).toBe(1);
    expect(stderr).toContain('a runtime can be pushed, not "pull"');
  });
});
