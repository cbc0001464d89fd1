import { describe, expect, it } from 'vitest';
import { crashAtCreate, createMemoryStore, SimulatedCrash } from '../../support/memory-store.ts';
import { describeStoreContract, objectOf } from '../../support/store-contract.ts';

const store = createMemoryStore();
describeStoreContract(() => ({ objects: store, controls: store }));

describe('a memory store that crashes', () => {
  it('stores nothing of the create before which it dies, and answers nothing afterwards', async () => {
    const dying = createMemoryStore(crashAtCreate(2));
    await dying.create(objectOf('a.js', 'a'));
    await expect(dying.create(objectOf('b.js', 'b'))).rejects.toBeInstanceOf(SimulatedCrash);
    await expect(dying.head('a.js')).rejects.toBeInstanceOf(SimulatedCrash);
    await expect(dying.create(objectOf('c.js', 'c'))).rejects.toBeInstanceOf(SimulatedCrash);
    expect([...dying.bucket.keys()]).toEqual(['a.js']);
  });

  it('leaves what it stored to the next one', async () => {
    const dying = createMemoryStore(crashAtCreate(1, 'after'));
    const object = objectOf('a.js', 'a');
    await expect(dying.create(object)).rejects.toBeInstanceOf(SimulatedCrash);
    const next = createMemoryStore({ bucket: dying.bucket });
    expect(await next.create(object)).toEqual({ kind: 'exists', sha256: object.sha256 });
  });

  it('rejects one create with what its hook throws, and lives on', async () => {
    const failure = new Error('no space');
    const failing = createMemoryStore({
      beforeCreate(n) {
        if (n === 1) throw failure;
      },
    });
    await expect(failing.create(objectOf('a.js', 'a'))).rejects.toBe(failure);
    expect(await failing.create(objectOf('a.js', 'a'))).toEqual({ kind: 'created' });
    expect(failing.created).toEqual(['a.js']);
  });
});
