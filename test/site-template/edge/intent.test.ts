import { describe, expect, it } from 'vitest';
import { type Intent, readIntent } from '../../../site-template/edge/intent.ts';

const SHA = 'a'.repeat(64);
const FILM = { thread: 'film', version: 3 };
const TOKEN = 'k1.1900000000.x';

/** What a browser would ask for when it is sent to the address. */
function intentOf(path: string, method = 'GET'): Intent {
  return readIntent(method, new URL(`https://share.example.com${path}`));
}

describe('readIntent', () => {
  it.each<[string, Intent]>([
    ['/', { kind: 'landing' }],
    ['/health', { kind: 'health' }],
    ['/robots.txt', { kind: 'robots' }],
    ['/favicon.svg', { kind: 'icon' }],
    ['/p/film', { kind: 'latest', thread: 'film', search: '' }],
    ['/p/film/latest?embed=1', { kind: 'latest', thread: 'film', search: '?embed=1' }],
    [
      '/p/film/3?embed=1',
      {
        kind: 'versionFile',
        thread: 'film',
        version: 3,
        key: 'artifacts/film/3/page.html',
        token: null,
        wants: 'shown',
      },
    ],
    [
      '/p/film/3/style.css',
      {
        kind: 'versionFile',
        thread: 'film',
        version: 3,
        key: 'artifacts/film/3/style.css',
        token: null,
        wants: 'shown',
      },
    ],
    [
      '/p/film/3/meta.json',
      {
        kind: 'versionFile',
        thread: 'film',
        version: 3,
        key: 'artifacts/film/3/meta.json',
        token: null,
        wants: 'shown',
      },
    ],
    [
      `/p/film/3/assets/${SHA}.png`,
      {
        kind: 'versionFile',
        thread: 'film',
        version: 3,
        key: `artifacts/film/3/assets/${SHA}.png`,
        token: null,
        wants: 'shown',
      },
    ],
    [
      `/s/${TOKEN}/p/film/3`,
      {
        kind: 'versionFile',
        thread: 'film',
        version: 3,
        key: 'artifacts/film/3/page.html',
        token: TOKEN,
        wants: 'shown',
      },
    ],
    [
      `/s/${TOKEN}/p/film/3/style.css`,
      {
        kind: 'versionFile',
        thread: 'film',
        version: 3,
        key: 'artifacts/film/3/style.css',
        token: TOKEN,
        wants: 'shown',
      },
    ],
    [
      '/p/film/3?stored&embed=1',
      { kind: 'versionFile', ...FILM, key: 'artifacts/film/3/page.html', token: null, wants: 'stored' },
    ],
    [
      `/p/film/3/video/${SHA}.mp4`,
      { kind: 'versionFile', ...FILM, key: `artifacts/film/3/video/${SHA}.mp4`, token: null, wants: 'shown' },
    ],
    [
      `/s/${TOKEN}/p/film/3/video/${SHA}.webm?download`,
      { kind: 'versionFile', ...FILM, key: `artifacts/film/3/video/${SHA}.webm`, token: TOKEN, wants: 'saved' },
    ],
    [
      `/p/film/3/video/${SHA}-sheet.jpg?download=1&x=2`,
      { kind: 'versionFile', ...FILM, key: `artifacts/film/3/video/${SHA}-sheet.jpg`, token: null, wants: 'saved' },
    ],
    [`/projects/demo/scenes/intro/${SHA}.js`, { kind: 'sharedFile', key: `projects/demo/scenes/intro/${SHA}.js` }],
    [`/projects/demo/modules/${SHA}.js`, { kind: 'sharedFile', key: `projects/demo/modules/${SHA}.js` }],
    [`/runtime/${SHA}.js`, { kind: 'sharedFile', key: `runtime/${SHA}.js` }],
    [`/runtime/manifest-${SHA}.json`, { kind: 'sharedFile', key: `runtime/manifest-${SHA}.json` }],
    [`/s/${TOKEN}/runtime/${SHA}.js`, { kind: 'sharedFile', key: `runtime/${SHA}.js` }],
  ])('reads %s', (path, intent) => {
    expect(intentOf(path)).toEqual(intent);
  });

  it.each([
    ['/p/film/', '/p/film/latest', false],
    ['/p/film/latest/?embed=1', '/p/film/latest?embed=1', false],
    ['/p/film/3/?embed=1', '/p/film/3?embed=1', false],
    ['/p/film/3/page.html', '/p/film/3', false],
    [`/s/${TOKEN}/p/film/3/`, `/s/${TOKEN}/p/film/3`, true],
  ])('sends %s to the one spelling of its address', (path, location, isPrivate) => {
    expect(intentOf(path)).toEqual({ kind: 'moved', location, private: isPrivate });
  });

  it.each([
    '/p',
    '/p/',
    '/p//3',
    '/p/film/0',
    '/p/film/03',
    '/p/film/+3',
    '/p/film/3.0',
    '/p/film/1e3',
    '/p/film/9999999999',
    '/p/film/LATEST',
    '/p/film/3//',
    '/p/film/3/style.css/',
    '/p/film/3/other.css',
    '/p/film/3/meta.json.br',
    '/p/film/latest/style.css',
    '/p/Film/3',
    '/p/-film/3',
    `/p/${'f'.repeat(64)}/3`,
    '/P/film/3',
    `/p/film/3/assets/${SHA}`,
    `/p/film/3/assets/${SHA.toUpperCase()}.png`,
    `/p/film/3/assets/${SHA}.exe`,
    `/p/film/3/assets/${SHA}.png.br`,
    `/p/film/3/assets/x/${SHA}.png`,
    `/p/film/3/video/${SHA}`,
    `/p/film/3/video/${SHA}.mov`,
    `/p/film/3/video/${SHA}.png`,
    `/p/film/3/video/${SHA}-sheet.mp4`,
    `/p/film/3/video/${SHA}.mp4.br`,
    `/p/film/3/video/${SHA}.mp4/`,
    `/p/film/3/video/poster.jpg`,
    `/p/film/3/chunks/${SHA}.webm`,
    `/projects/demo/chunks/${SHA}.ts`,
    `/projects/demo/chunks/${SHA}.webm`,
    `/projects/demo/chunks/${SHA}.mkv`,
    `/projects/demo/chunks/${SHA}.wav`,
    `/s/${TOKEN}/projects/demo/chunks/${SHA}.wav`,
    `/projects/demo/video/${SHA}.mp4`,
    '/p/film%2F3',
    '/p/film/3%2Fmeta.json',
    '/p/film/3/meta.json%00',
    '/p/%66ilm/3',
    '//evil.example/p/film/3/',
    '//p/film/3/',
    '/artifacts/film/3/page.html',
    '/threads/film.json',
    '/runtime/../threads/film.json',
    '/projects/%2e%2e/threads/film.json',
    `/runtime/${SHA}.js/`,
    `/runtime/${SHA}.js.br`,
    `/runtime/${SHA}.map`,
    `/.objects/runtime/${SHA}.js`,
    '/s',
    `/s/${TOKEN}`,
    `/s/${TOKEN}/`,
    `/s/${TOKEN}/p/film/latest`,
    `/s/${TOKEN}/p/film`,
    `/s/${TOKEN}/health`,
    `/s/${TOKEN}/oembed`,
    `/s/${TOKEN}/s/${TOKEN}/p/film/3`,
    `/s//p/film/3`,
    '/healthy',
    '/constructor',
    '/__proto__',
  ])('finds nothing at %s', (path) => {
    expect(intentOf(path)).toEqual({ kind: 'nothing' });
  });

  it('follows dot segments and backslashes as the URL standard does, and judges where they lead', () => {
    expect(intentOf('/p/film/3/%2e%2e/4')).toMatchObject({ kind: 'versionFile', version: 4 });
    expect(intentOf('/p\\film\\4')).toMatchObject({ kind: 'versionFile', version: 4 });
    expect(intentOf('/p/film/3/../../../threads/film.json')).toEqual({ kind: 'nothing' });
  });

  it('is not impressed by length', () => {
    expect(intentOf(`/p/${'a'.repeat(10_000)}/1`)).toEqual({ kind: 'nothing' });
    expect(intentOf(`/p/film/${'1'.repeat(10_000)}`)).toEqual({ kind: 'nothing' });
    expect(intentOf(`${'/s'.repeat(5_000)}/p/film/1`)).toEqual({ kind: 'nothing' });
  });

  it('is only for reading', () => {
    expect(intentOf('/p/film/3', 'HEAD')).toMatchObject({ kind: 'versionFile' });
    expect(intentOf('/anything', 'OPTIONS')).toEqual({ kind: 'preflight' });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE']) {
      expect(intentOf('/p/film/3', method)).toEqual({ kind: 'methodNotAllowed' });
    }
  });
});
