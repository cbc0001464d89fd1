import { beforeEach, describe, expect, it, vi } from 'vitest';

type Assets = typeof import('../../../site-template/runtime/assets.ts');
let assets: Assets;

beforeEach(async () => {
  vi.stubGlobal('document', { baseURI: 'https://share.example.com/s/token/p/launch/3' });
  vi.resetModules();
  assets = await import('../../../site-template/runtime/assets.ts');
  return () => vi.unstubAllGlobals();
});

const staticFiles = { 'music.mp3': 'aa.mp3', 'images/a b.png': 'bb.png' };

describe('assetUrl', () => {
  it('is absolute, and keeps the token of a signed link', () => {
    assets.configureAssets({ base: '3/assets/', staticFiles });
    expect(assets.assetUrl('cc.png')).toBe('https://share.example.com/s/token/p/launch/3/assets/cc.png');
  });

  it('does not mind a base without a slash at the end, or on another host', () => {
    assets.configureAssets({ base: 'http://localhost:9/assets', staticFiles });
    expect(assets.assetUrl('cc.png')).toBe('http://localhost:9/assets/cc.png');
  });

  it('is whatever is told, where assets lie in no folder', () => {
    assets.configureAssets({ base: (name) => `blob:${name}`, staticFiles });
    expect([assets.assetUrl('cc.png'), assets.staticFile('music.mp3')]).toEqual(['blob:cc.png', 'blob:aa.mp3']);
  });

  it('says so when nobody has told where assets are', () => {
    expect(() => assets.assetUrl('cc.png')).toThrow(/configureAssets/);
  });
});

describe('staticFile', () => {
  it('finds files below public/ as Remotion does, with or without a slash in front', () => {
    assets.configureAssets({ base: '3/assets/', staticFiles });
    const url = 'https://share.example.com/s/token/p/launch/3/assets/';
    expect(assets.staticFile('music.mp3')).toBe(`${url}aa.mp3`);
    expect(assets.staticFile('/images/a b.png')).toBe(`${url}bb.png`);
  });

  it.each(['missing.png', 'toString', 'public/music.mp3', '../music.mp3', ''])(
    'names the file it lacks: %j',
    (path) => {
      assets.configureAssets({ base: '3/assets/', staticFiles });
      expect(() => assets.staticFile(path)).toThrow(`staticFile("${path}")`);
    },
  );
});
