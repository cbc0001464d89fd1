import { describe, expect, test } from 'vitest';
import { isSnapshotPath, parseManifest } from '../../../action/contract/manifest.ts';
import { app, fieldsOf, film, intro, messagesOf, problemsOf, scenes } from './manifests.ts';

describe('limits', () => {
  const picture = (fields: object) => messagesOf(film(fields));
  const framesRule = 'must be a whole number of frames from 1 to 36000, not';
  const sideRule = 'must be a whole number of pixels from 16 to 3840, not';

  test.each([1, 24, 60])('%i frames a second are allowed', (fps) => {
    expect(picture({ fps })).toEqual([]);
  });

  test.each([0, -1, 61, 29.97, 1e300])('%f frames a second are not', (fps) => {
    expect(picture({ fps })).toEqual([`fps must be a whole number of frames a second from 1 to 60, not ${fps}`]);
  });

  test.each([
    [16, 16],
    [3840, 2160],
    [2160, 3840],
    [3840, 16],
    [2160, 2160],
  ])('%i × %i pixels are allowed', (width, height) => {
    expect(picture({ width, height })).toEqual([]);
  });

  test.each([
    [{ width: 15 }, `width ${sideRule} 15`],
    [{ height: 14 }, `height ${sideRule} 14`],
    [{ width: 3842 }, `width ${sideRule} 3842`],
    [{ height: 3841 }, `height ${sideRule} 3841`],
    [{ width: -720 }, `width ${sideRule} -720`],
    [{ width: 720.5 }, `width ${sideRule} 720.5`],
    [{ width: 721 }, 'width must be even: video formats need it'],
    [{ width: 3840, height: 2162 }, 'height is the shorter side and must be at most 2160 pixels'],
    [{ width: 2162, height: 3840 }, 'width is the shorter side and must be at most 2160 pixels'],
    [{ width: 2162, height: 2162 }, 'height is the shorter side and must be at most 2160 pixels'],
  ])('a picture of %j is not', (fields, message) => {
    expect(picture(fields)).toEqual([message]);
  });

  test('a scene lasts from 1 to 36,000 frames', () => {
    expect(messagesOf(scenes({ durationInFrames: 1 }))).toEqual([]);
    expect(messagesOf(film({ fps: 60, scenes: [{ ...intro, durationInFrames: 36_000 }] }))).toEqual([]);
    for (const frames of [0, -1, 1.5, 36_001]) {
      expect(messagesOf(scenes({ durationInFrames: frames }))).toEqual([
        `scenes[0].durationInFrames ${framesRule} ${frames}`,
      ]);
    }
  });

  test('a transition lasts a whole number of frames', () => {
    for (const frames of [0, 1.5, 36_001]) {
      const transition = { type: 'fade', durationInFrames: frames };
      expect(messagesOf(scenes({ transition }))).toEqual([
        `scenes[0].transition.durationInFrames ${framesRule} ${frames}`,
      ]);
    }
  });

  test('a number that JSON can spell and JavaScript cannot hold is out of range', () => {
    expect(messagesOf(film({}).replace('30', '1e999'))).toEqual([expect.stringMatching(/^fps must be a .*number/)]);
  });

  test('a storyboard has 1 to 50 scenes', () => {
    expect(messagesOf(scenes(...Array(50).fill({})))).toEqual([]);
    expect(messagesOf(scenes(...Array(51).fill({})))).toEqual(['scenes must have at most 50 items, not 51']);
    expect(messagesOf(scenes())).toEqual(['scenes must have at least one scene']);
  });

  test.each([
    ['title', 120, (text: string) => JSON.stringify({ ...app, title: text })],
    ['description', 300, (text: string) => JSON.stringify({ ...app, description: text })],
    ['scenes[0].title', 80, (text: string) => scenes({ title: text })],
  ])('%s has at most %i characters', (field, limit, manifest) => {
    expect(messagesOf(manifest('x'.repeat(limit)))).toEqual([]);
    expect(problemsOf(manifest('x'.repeat(limit + 1)))).toMatchObject([
      { field, message: `${field} must have at most ${limit} characters, not ${limit + 1}` },
    ]);
  });

  test('a title says something', () => {
    expect(messagesOf(film({ title: '' }))).toEqual(['title must not be empty']);
    expect(messagesOf(film({ title: ' \n' }))).toEqual(['title must not be empty']);
    expect(messagesOf(scenes({ title: '' }))).toEqual(['scenes[0].title must not be empty']);
  });

  test.each(['a\nb', 'a\u0000', 'a\u009bb', 'a\u2028b', 'a\ud800', '\udc00b'])(
    'a title is plain text, not %j',
    (title) => {
      expect(messagesOf(film({ title }))).toEqual(['title must be one line of plain text, without control characters']);
    },
  );

  test('a title may be in any script', () => {
    expect(messagesOf(film({ title: 'X' }))).toEqual([]);
    expect(messagesOf(scenes({ title: 'X' }))).toEqual([]);
    expect(messagesOf(film({ title: 'Été 日本語 مرحبا 👩‍👩‍👧 <b>&amp;' }))).toEqual([]);
  });
});

describe('scene ids', () => {
  test('are names', () => {
    for (const id of ['', 'Intro', 'a b', '../x', 'x'.repeat(64)]) {
      expect(problemsOf(scenes({ id }))).toMatchObject([
        { field: 'scenes[0].id', message: expect.stringContaining('1 to 63') },
      ]);
    }
  });

  test('are each used once', () => {
    expect(problemsOf(scenes({ id: 'a' }, { id: 'b' }, { id: 'a' }, { id: 'a' }))).toMatchObject([
      { field: 'scenes[2].id', message: 'scenes[2].id "a" is used by an earlier scene' },
      { field: 'scenes[3].id', message: 'scenes[3].id "a" is used by an earlier scene' },
    ]);
  });

  test('may be names that every object has', () => {
    expect(messagesOf(scenes({ id: 'constructor' }, { id: 'valueof' }))).toEqual([]);
  });

  test('that are long, hostile and used twice do not flood the message', () => {
    const id = '\n'.repeat(10_000);
    for (const message of messagesOf(scenes({ id }, { id }))) expect(message.length).toBeLessThan(200);
  });
});

describe('transitions', () => {
  const fade = (frames: number) => ({ transition: { type: 'fade', durationInFrames: frames } });

  test.each(['fade', 'slide', 'wipe', 'none'])('%s is one', (type) => {
    expect(messagesOf(scenes({ transition: { type, durationInFrames: 1 } }))).toEqual([]);
  });

  test.each(['from-left', 'from-right', 'from-top', 'from-bottom'])('may come %s', (direction) => {
    expect(messagesOf(scenes({ transition: { type: 'slide', durationInFrames: 1, direction } }))).toEqual([]);
  });

  test('of unknown type or direction are told the known ones', () => {
    expect(messagesOf(scenes({ transition: { type: 'zoom', durationInFrames: 1, direction: 'up' } }))).toEqual([
      'scenes[0].transition.type must be "fade", "slide", "wipe" or "none"',
      'scenes[0].transition.direction must be "from-left", "from-right", "from-top" or "from-bottom"',
    ]);
  });

  test('may fill a scene, and no more', () => {
    expect(messagesOf(scenes(fade(40), { durationInFrames: 90, ...fade(50) }, {}))).toEqual([]);
    expect(messagesOf(scenes(fade(40), { durationInFrames: 90, ...fade(51) }, {}))).toEqual([
      'scenes[1].durationInFrames is 90 frames, shorter than its transitions in and out (91 frames)',
    ]);
  });

  test('longer than the scene before or after are refused there', () => {
    expect(fieldsOf(scenes({ durationInFrames: 10, ...fade(11) }, {}))).toEqual(['scenes[0].durationInFrames']);
    expect(fieldsOf(scenes(fade(11), { durationInFrames: 10 }))).toEqual(['scenes[1].durationInFrames']);
    expect(fieldsOf(scenes(fade(11), { durationInFrames: 11 }))).toEqual([]);
  });

  test('of the last scene have no effect, however long', () => {
    expect(messagesOf(scenes({ durationInFrames: 10 }, { durationInFrames: 10, ...fade(100) }))).toEqual([]);
  });
});

describe('the whole film', () => {
  test('lasts at most ten minutes, to the frame', () => {
    const halves = (frames: number) => [{ durationInFrames: 9000 }, { durationInFrames: frames }];
    expect(messagesOf(scenes(...halves(9000)))).toEqual([]);
    expect(problemsOf(scenes(...halves(9001)))).toMatchObject([
      {
        field: 'scenes',
        message: 'scenes last 18001 frames together; the limit is 18000 (600 seconds at 30 frames a second)',
      },
    ]);
  });

  test('is measured with overlaps taken off', () => {
    const fade = { transition: { type: 'fade', durationInFrames: 100 } };
    expect(messagesOf(scenes({ durationInFrames: 9050, ...fade }, { durationInFrames: 9050, ...fade }))).toEqual([]);
    expect(fieldsOf(scenes({ durationInFrames: 9050, ...fade }, { durationInFrames: 9051, ...fade }))).toEqual([
      'scenes',
    ]);
  });

  test('is not measured with a frame rate that is wrong itself', () => {
    expect(fieldsOf(film({ fps: 0 }))).toEqual(['fps']);
  });
});

describe('paths', () => {
  const good = [
    'a',
    'app.tsx',
    'scenes/deep/intro.tsx',
    'a b/ü 🚀.tsx',
    '...',
    '.a',
    'a..b/c',
    '~',
    '-a',
    'C:/x',
    'x'.repeat(255),
  ];
  const hostile = [
    '',
    '.',
    '..',
    './app.tsx',
    '../app.tsx',
    'a/../b',
    'a/..',
    'a/./b',
    '/etc/passwd',
    '//host/x',
    'a//b',
    'a/',
    '..\\x',
    'a\\b',
    'C:\\x',
    'a\u0000.tsx',
    'a\nb',
    'a\tb',
    'a\u007fb',
    'a\u0085b',
    'a\u009bb',
    'a\u2028b',
    'a\u2029b',
    'a\ud800',
    '\udc00b',
    'x'.repeat(256),
    'x/'.repeat(30_000),
  ];

  test.each(good)('%j can be a file of a snapshot', (path) => {
    expect(isSnapshotPath(path)).toBe(true);
    expect(messagesOf(JSON.stringify({ ...app, entry: path, poster: path }))).toEqual([]);
  });

  test.each(hostile)('%j cannot', (path) => {
    expect(isSnapshotPath(path)).toBe(false);
    const rule = 'must be a relative path inside the project, with "/", of at most 255 characters';
    expect(messagesOf(JSON.stringify({ ...app, entry: path }))).toEqual([`entry ${rule}`]);
    expect(messagesOf(film({ poster: path }))).toEqual([`poster ${rule}`]);
    expect(messagesOf(scenes({ entry: path }))).toEqual([`scenes[0].entry ${rule}`]);
  });
});

describe('props', () => {
  const withProps = (json: string) => scenes({}).replace('"id"', `"props": ${json}, "id"`);

  test('are kept as they are, with keys that every object has', () => {
    const props = { constructor: 1, toString: null, 'a b': [], '': '', '0': { prototype: 'x' } };
    const parsed = parseManifest(withProps(JSON.stringify(props)));
    expect(parsed).toMatchObject({ ok: true, manifest: { scenes: [{ props }] } });
  });

  test('named __proto__ are refused, not left out in silence', () => {
    expect(messagesOf(withProps('{"__proto__": {"x": 1}, "a": [{"__proto__": 1}]}'))).toEqual([
      'scenes[0].props.__proto__ is a reserved name: choose another',
      'scenes[0].props.a[0].__proto__ is a reserved name: choose another',
    ]);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });

  test('nest 32 levels deep, and no deeper', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    expect(messagesOf(withProps(nested(32)))).toEqual([]);
    expect(messagesOf(withProps(nested(33)))).toEqual(['scenes[0].props must not nest deeper than 32 levels']);
  });

  test('nested 20,000 deep are refused, not a crash', () => {
    const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    expect(messagesOf(withProps(deep))).toEqual(['scenes[0].props must not nest deeper than 32 levels']);
  });

  test('with a number that JavaScript cannot hold are refused', () => {
    expect(messagesOf(withProps('{"a": {"b": [1, 1e999]}}'))).toEqual([
      'scenes[0].props.a.b[1] is a number out of range',
    ]);
  });
});
