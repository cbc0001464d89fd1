import { describe, expect, it } from 'vitest';
import { nameAssets } from '../../../action/core/asset-names.ts';
import type { SnapshotFile } from '../../../action/core/snapshot.ts';

const [TONE, LOGO] = ['a'.repeat(64), 'b'.repeat(64)];
const file = (path: string, sha256: string): [string, SnapshotFile] => [
  path,
  { path, sha256, content: new Uint8Array() },
];
const FILES = new Map([file('public/tone.mp3', TONE), file('scenes/logo.png', LOGO)]);
const at = (digest: string, extension: string) =>
  `http://localhost:3000/artifacts/film/12/assets/${digest}.${extension}`;

describe('an address in a message', () => {
  it.each([
    [`asset missing: ${at(TONE, 'mp3')} cannot be played`, 'asset missing: public/tone.mp3 cannot be played'],
    [`${at(LOGO, 'png')}?a=1#t=2: 404.`, 'scenes/logo.png: 404.'],
    [`"${at(LOGO, 'png')}", (${at(TONE, 'mp3')})`, '"scenes/logo.png", (public/tone.mp3)'],
    [`404 while downloading file ${at(TONE, 'mp3')}.`, '404 while downloading file public/tone.mp3.'],
  ])('of an asset is its path: %s', (message, told) => {
    expect(nameAssets(message, FILES)).toBe(told);
  });

  it('is the name that is left where the snapshot is not at hand, or does not have it', () => {
    expect(nameAssets(`${at(TONE, 'mp3')} is none`, null)).toBe(`${TONE}.mp3 is none`);
    expect(nameAssets(`${at('c'.repeat(64), 'mp3')} is none`, FILES)).toBe(`${'c'.repeat(64)}.mp3 is none`);
  });

  it('of something else is what the page asked for', () => {
    expect(nameAssets('404 for http://localhost:3000/nowhere.png?v=2.', FILES)).toBe('404 for /nowhere.png?v=2.');
    expect(nameAssets('http://127.0.0.1:80/a/b', null)).toBe('/a/b');
    const others = 'getaddrinfo ENOTFOUND https://example.com/a.mp3 and localhost:3000';
    expect(nameAssets(others, FILES)).toBe(others);
  });

  it('names all files of the same content, if there are two', () => {
    const two = new Map([...FILES, file('scenes/again.png', LOGO)]);
    expect(nameAssets(at(LOGO, 'png'), two)).toBe('scenes/logo.png (or scenes/again.png)');
    const three = new Map([...two, file('scenes/more.png', LOGO)]);
    expect(nameAssets(at(LOGO, 'png'), three)).toBe('scenes/logo.png (or 2 files like it)');
  });
});
