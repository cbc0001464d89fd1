import { describe, expect, test } from 'vitest';
import {
  commitSchema,
  isName,
  parseVersion,
  projectIdSchema,
  sceneIdSchema,
  sha256Schema,
  threadIdSchema,
  toName,
  versionSchema,
} from '../../../action/contract/ids.ts';
import { forSeeds } from './random.ts';

const names = ['a', '0', '9-', 'a-b', 'a--b', 'launch-film-2', 'constructor', 'a'.repeat(63), `a${'-'.repeat(62)}`];
const notNames = [
  '',
  '-',
  '-a',
  'a'.repeat(64),
  'A',
  'launchFilm',
  'a_b',
  'a.b',
  'a/b',
  'a b',
  ' a',
  'a ',
  'a\n',
  '\na',
  'a\u0000',
  'é',
  'ａ',
  '..',
  '__proto__',
  'a%2fb',
];

describe('names', () => {
  const schemas = { thread: threadIdSchema, project: projectIdSchema, scene: sceneIdSchema };

  test.each(Object.entries(schemas))('a %s id is 1 to 63 characters of a-z, 0-9 and "-"', (_, schema) => {
    for (const name of names) expect(schema.safeParse(name).success, name).toBe(true);
    for (const name of notNames) expect(schema.safeParse(name).success, JSON.stringify(name)).toBe(false);
    for (const value of [1, null, undefined, ['a'], {}]) expect(schema.safeParse(value).success).toBe(false);
  });

  test('isName agrees with the schemas', () => {
    for (const name of [...names, ...notNames]) {
      expect(isName(name), JSON.stringify(name)).toBe(threadIdSchema.safeParse(name).success);
    }
  });

  test('a refused name is told the rule', () => {
    const issues = threadIdSchema.safeParse('-A').error?.issues;
    expect(issues).toMatchObject([
      { message: 'must be 1 to 63 characters of a-z, 0-9 and "-", and must not begin with "-"' },
    ]);
  });
});

describe('versions', () => {
  test('a version is a whole number from 1 to 999999999', () => {
    for (const version of [1, 2, 10, 999_999_999]) expect(versionSchema.parse(version)).toBe(version);
    for (const version of [0, -0, -1, 1.5, 1_000_000_000, Number.NaN, Number.POSITIVE_INFINITY, '1', null, 1n]) {
      expect(versionSchema.safeParse(version).success, String(version)).toBe(false);
    }
  });

  test('a version is read from its one decimal spelling', () => {
    for (const version of [1, 9, 10, 123, 999_999_999]) expect(parseVersion(String(version))).toBe(version);
  });

  test.each([
    '',
    '0',
    '00',
    '01',
    '+1',
    '-1',
    '1.0',
    '1.',
    '1e3',
    '0x1',
    '1_000',
    ' 1',
    '1 ',
    '1\n',
    '１',
    '1000000000',
    '9'.repeat(400),
    'NaN',
    'Infinity',
    'latest',
  ])('%j is no version', (text) => {
    expect(parseVersion(text)).toBeNull();
  });
});

describe('digests and commits', () => {
  test('a SHA-256 is 64 characters of lower-case hex', () => {
    expect(sha256Schema.safeParse('0123456789abcdef'.repeat(4)).success).toBe(true);
    for (const text of ['', 'a'.repeat(63), 'a'.repeat(65), 'A'.repeat(64), 'g'.repeat(64), `${'a'.repeat(64)}\n`]) {
      expect(sha256Schema.safeParse(text).success, JSON.stringify(text)).toBe(false);
    }
  });

  test('a commit is a full SHA-1 or SHA-256, never a shortened one or a ref', () => {
    for (const length of [40, 64]) expect(commitSchema.safeParse('a'.repeat(length)).success).toBe(true);
    for (const length of [0, 7, 39, 41, 63, 65]) expect(commitSchema.safeParse('a'.repeat(length)).success).toBe(false);
    for (const text of ['A'.repeat(40), 'HEAD', 'refs/heads/main', `-${'a'.repeat(39)}`, `${'a'.repeat(40)}\n`]) {
      expect(commitSchema.safeParse(text).success, text).toBe(false);
    }
  });
});

describe('toName', () => {
  test.each([
    ['launch', 'launch'],
    ['Launch Film', 'launch-film'],
    ['  Launch   Film!  ', 'launch-film'],
    ['Été à la plage', 'ete-a-la-plage'],
    ['Crème Brûlée', 'creme-brulee'],
    ['Cre\u0300me', 'creme'],
    ['İstanbul', 'istanbul'],
    ['Việt Nam', 'viet-nam'],
    ['ﬁlm №５', 'film-no5'],
    ['🚀 launch 🚀🚀 day', 'launch-day'],
    ['👩‍👩‍👧 family', 'family'],
    ['my_project.v2', 'my-project-v2'],
    ['../../etc/passwd', 'etc-passwd'],
    ['--a--', 'a'],
    ['__proto__', 'proto'],
    ['2026', '2026'],
    ['a\u0000b\nc', 'a-b-c'],
    ['\ud800a', 'a'],
  ])('%j becomes %j', (label, name) => {
    expect(toName(label)).toBe(name);
  });

  test.each(['', ' ', '-', '---', '🚀', '日本語', 'Привет', '\ud800', '\u0301'])(
    'nothing usable is left of %j',
    (label) => {
      expect(toName(label)).toBeNull();
    },
  );

  test('a long label is cut to 63 characters, and not at a hyphen', () => {
    expect(toName('a'.repeat(64))).toBe('a'.repeat(63));
    expect(toName(`${'a'.repeat(62)} b`)).toBe('a'.repeat(62));
    expect(toName(`--${'a'.repeat(70)}`)).toBe('a'.repeat(63));
    expect(toName(`${'- '.repeat(1_000_000)}a`)).toBe('a');
  });

  test('what comes out is a name, and its own name', () => {
    const alphabet = [...'abzAZ09-_ ./\\éßİ№ﬁ½日🚀\u0301\u0000\ud800'];
    forSeeds(300, (random) => {
      const label = Array.from({ length: random.int(0, 90) }, () => random.pick(alphabet)).join('');
      const name = toName(label);
      if (name === null) return expect(label).not.toMatch(/[a-z0-9]/i);
      expect(isName(name), JSON.stringify(label)).toBe(true);
      expect(toName(name)).toBe(name);
    });
  });
});
