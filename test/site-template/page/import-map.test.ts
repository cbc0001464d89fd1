import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { importMapOf, integrityOf } from '../../../site-template/page/import-map.ts';
import { appMeta, filmMeta, hashOf, RUNTIME, runtimeKey } from './pages.ts';

describe('importMapOf', () => {
  it('names the libraries whose modules are all part of the artifact, and what starts it', () => {
    expect(importMapOf(filmMeta(), RUNTIME).imports).toEqual({
      react: `/${runtimeKey('1')}`,
      remotion: `/${runtimeKey('2')}`,
      'permaframe/film': `/${runtimeKey('5')}`,
    });
    expect(importMapOf(appMeta(), RUNTIME).imports).toEqual({
      react: `/${runtimeKey('1')}`,
      'permaframe/app': `/${runtimeKey('6')}`,
    });
  });

  it('leaves out a library of which a part is missing', () => {
    const files = [...filmMeta().files, { key: runtimeKey('4'), bytes: 1, sha256: hashOf('4'), contentType: 'x' }];
    const { imports } = importMapOf(filmMeta({ files }), RUNTIME);
    expect(imports).not.toHaveProperty('@react-three/fiber');
  });

  it('has a hash for every runtime module, by the address that is imported, but for the page itself', () => {
    const { imports, integrity } = importMapOf(filmMeta(), RUNTIME);
    expect(Object.keys(integrity)).toEqual(['1', '2', '5'].map((digit) => `/${runtimeKey(digit)}`));
    for (const address of Object.values(imports)) expect(integrity).toHaveProperty([address]);
  });

  it('writes hashes as subresource integrity does', () => {
    const hash = createHash('sha256').update('text');
    expect(integrityOf(hash.copy().digest('hex'))).toBe(`sha256-${hash.digest('base64')}`);
  });
});
