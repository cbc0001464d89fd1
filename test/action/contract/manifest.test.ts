import { describe, expect, test } from 'vitest';
import { formatField, parseManifest } from '../../../action/contract/manifest.ts';
import {
  app,
  appExample,
  fieldsOf,
  film,
  intro,
  messagesOf,
  problemsOf,
  scenes,
  storyboard,
  storyboardExample,
} from './manifests.ts';

describe('a manifest', () => {
  test('of a storyboard is read as design.md shows it', () => {
    expect(parseManifest(storyboardExample)).toEqual({ ok: true, manifest: storyboard });
  });

  test('of an app is read as design.md shows it', () => {
    expect(parseManifest(appExample)).toEqual({ ok: true, manifest: app });
  });

  test('may say everything that there is to say', () => {
    const full = {
      ...storyboard,
      description: 'What it is about',
      poster: 'public/poster.png',
      engine: 'react',
      scenes: [
        {
          ...intro,
          title: 'Introduction',
          transition: { type: 'slide', durationInFrames: 10, direction: 'from-left' },
          props: { text: 'Hello', size: 1.5, on: true, off: null, list: [1, [2]], nested: { deep: {} } },
        },
        { ...intro, id: 'outro' },
      ],
    };
    expect(parseManifest(JSON.stringify(full))).toEqual({ ok: true, manifest: full });
  });

  test('may begin with a byte order mark, as some editors write it', () => {
    expect(parseManifest(`\ufeff${appExample}`)).toEqual({ ok: true, manifest: app });
    expect(parseManifest(JSON.stringify({ ...app, title: 'a\ufeffb' }))).toMatchObject({
      manifest: { title: 'a\ufeffb' },
    });
    expect(messagesOf(`\ufeff\ufeff${appExample}`)[0]).toMatch(/^the manifest is not JSON: /);
  });

  test('has its texts trimmed', () => {
    const parsed = parseManifest(JSON.stringify({ ...app, title: ' Demo\n', description: '\t' }));
    expect(parsed).toMatchObject({ ok: true, manifest: { title: 'Demo', description: '' } });
  });

  test('that is wrong names code, file and field', () => {
    expect(problemsOf(film({ fps: 61 }))).toEqual([
      {
        code: 'MANIFEST_INVALID',
        file: 'permaframe.json',
        field: 'fps',
        message: 'fps must be a whole number of frames a second from 1 to 60, not 61',
      },
    ]);
  });
});

describe('a file that is no manifest', () => {
  test.each(['', ' \n', '\ufeff'])('%j is empty', (text) => {
    expect(problemsOf(text)).toEqual([
      { code: 'MANIFEST_INVALID', file: 'permaframe.json', message: 'the manifest is empty' },
    ]);
  });

  test.each(['{', '{"title": }', "{'title': 1}", '{"a": 1,}', '// x\n{}', 'title: x', '{}{}', 'undefined', '\u0000'])(
    '%j is not JSON',
    (text) => {
      const [message, ...more] = messagesOf(text);
      expect(message).toMatch(/^the manifest is not JSON: \S/);
      expect(more).toEqual([]);
    },
  );

  test('what the engine says about the JSON stays on one line', () => {
    expect(messagesOf('{"a":\n::error::x\n}')[0]).not.toMatch(/[\p{Cc}]/u);
  });

  test.each([
    ['[]', 'an array'],
    ['null', 'null'],
    ['"x"', 'a string'],
    ['1', 'a number'],
    ['true', 'true'],
  ])('%s is not an object', (text, kind) => {
    expect(messagesOf(text)).toEqual([`the manifest must be an object, not ${kind}`]);
  });

  test('brackets nested 30,000 deep are refused like any other array', () => {
    expect(messagesOf('['.repeat(30_000) + ']'.repeat(30_000))).toEqual([
      'the manifest must be an object, not an array',
    ]);
  });

  test('more than 64 kB is refused before it is read, counted in bytes', () => {
    const padded = (bytes: number) => `${appExample}${' '.repeat(bytes - Buffer.byteLength(appExample))}`;
    expect(parseManifest(padded(64_000)).ok).toBe(true);
    expect(messagesOf(padded(64_001))).toEqual(['the manifest is 64001 bytes; the limit is 64000 bytes']);
    expect(messagesOf('é'.repeat(40_000))).toEqual(['the manifest is 80 kB; the limit is 64 kB']);
  });
});

describe('the kind', () => {
  test.each([
    {},
    { kind: undefined },
    { kind: null },
    { kind: 'film' },
    { kind: 'App' },
    { kind: 1 },
    { kind: ['app'] },
  ])('in %j is neither storyboard nor app', (fields) => {
    const text = JSON.stringify({ title: 'x', entry: 'app.tsx', ...fields });
    expect(problemsOf(text)).toMatchObject([{ field: 'kind', message: 'kind must be "storyboard" or "app"' }]);
  });

  test('decides which fields there are', () => {
    expect(fieldsOf(JSON.stringify({ ...app, fps: 30, scenes: [] }))).toEqual(['fps', 'scenes']);
    expect(fieldsOf(film({ entry: 'app.tsx' }))).toEqual(['entry']);
  });
});

describe('a field that is missing or of the wrong type', () => {
  test.each(['title', 'fps', 'width', 'height', 'scenes'])('%s is missed', (field) => {
    expect(problemsOf(film({ [field]: undefined }))).toMatchObject([{ field, message: `${field} is missing` }]);
  });

  test.each(['id', 'entry', 'durationInFrames'])('%s of a scene is missed', (field) => {
    expect(messagesOf(scenes({ [field]: undefined }))).toEqual([`scenes[0].${field} is missing`]);
  });

  test('of a transition is missed', () => {
    expect(messagesOf(scenes({ transition: {} }))).toEqual([
      'scenes[0].transition.type is missing: it must be "fade", "slide", "wipe" or "none"',
      'scenes[0].transition.durationInFrames is missing',
    ]);
  });

  test.each([
    [{ title: 1 }, 'title must be a string, not a number'],
    [{ title: null }, 'title must be a string, not null'],
    [{ description: false }, 'description must be a string, not false'],
    [{ poster: [] }, 'poster must be a string, not an array'],
    [{ fps: '30' }, 'fps must be a number, not a string'],
    [{ width: {} }, 'width must be a number, not an object'],
    [{ scenes: {} }, 'scenes must be an array, not an object'],
    [{ scenes: ['intro'] }, 'scenes[0] must be an object, not a string'],
    [{ scenes: [intro, { ...intro, id: 7 }] }, 'scenes[1].id must be a string, not a number'],
    [{ scenes: [{ ...intro, transition: 'fade' }] }, 'scenes[0].transition must be an object, not a string'],
    [{ scenes: [{ ...intro, props: [] }] }, 'scenes[0].props must be an object'],
    [{ scenes: [{ ...intro, props: null }] }, 'scenes[0].props must be an object'],
    [{ engine: 'vue' }, 'engine must be "preact" or "react"'],
    [{ engine: null }, 'engine must be "preact" or "react"'],
  ])('%j is told what it must be', (fields, message) => {
    expect(messagesOf(film(fields))).toEqual([message]);
  });
});

describe('an unknown field', () => {
  test('at the top is named, and the known ones beside it', () => {
    expect(problemsOf(JSON.stringify({ ...app, colour: 'red' }))).toMatchObject([
      {
        field: 'colour',
        message: 'colour is not a field here; these are: title, description, poster, engine, kind, entry',
      },
    ]);
  });

  test('in a scene or a transition is named by its path', () => {
    expect(messagesOf(scenes({}, { Entry: 'x' }))).toEqual([
      'scenes[1].Entry is not a field here; these are: id, title, entry, durationInFrames, transition, props',
    ]);
    expect(messagesOf(scenes({ transition: { type: 'fade', durationInFrames: 1, ease: 1 } }))).toEqual([
      'scenes[0].transition.ease is not a field here; these are: type, durationInFrames, direction',
    ]);
  });

  test('is reported once for each', () => {
    expect(fieldsOf(film({ a: 1, b: 2 }))).toEqual(['a', 'b']);
  });

  test('named __proto__, constructor or toString is unknown like any other', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(fieldsOf(appExample.replace('{', `{"${name}": {"title": "x"},`))).toEqual([name]);
      expect(fieldsOf(scenes({}).replace('"id"', `"${name}": {}, "id"`))).toEqual([`scenes[0].${name}`]);
    }
  });

  test('with a hostile name is quoted, on one line, and shortened', () => {
    const names = ['a.b', 'x\n::error::y', '\u2028\u009b', '"', '', '🚀'.repeat(5000)];
    const problems = problemsOf(JSON.stringify({ ...app, ...Object.fromEntries(names.map((name) => [name, 1])) }));
    expect(problems.map((problem) => problem.field)).toEqual([
      '["a.b"]',
      '["x\\n::error::y"]',
      '["  "]',
      '["\\""]',
      '[""]',
      `["${'🚀'.repeat(20)}…"]`,
    ]);
    for (const { message } of problems) {
      expect(message.length).toBeLessThan(200);
      expect(message).not.toMatch(/[\p{Cc}\u2028]/u);
    }
  });
});

describe('several problems', () => {
  test('are reported together, each with its field', () => {
    const text = film({
      title: '',
      fps: 0,
      width: 721,
      colour: 'red',
      scenes: [{ ...intro, id: 'A', entry: '../x' }, intro, { ...intro, durationInFrames: 'long', props: [] }],
    });
    expect(fieldsOf(text)).toEqual([
      'title',
      'fps',
      'width',
      'scenes[0].id',
      'scenes[0].entry',
      'scenes[2].durationInFrames',
      'scenes[2].props',
      'colour',
    ]);
  });

  test('between fields are reported together too', () => {
    const text = film({ width: 3840, height: 3840, scenes: [intro, { ...intro, durationInFrames: 18_000 }] });
    expect(fieldsOf(text)).toEqual(['height', 'scenes[1].id', 'scenes']);
  });

  test('are at most 20: more would not be read', () => {
    expect(problemsOf(scenes(...Array(50).fill({ entry: '' })))).toHaveLength(20);
    expect(
      problemsOf(
        JSON.stringify({ ...app, ...Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, 1])) }),
      ),
    ).toHaveLength(20);
  });

  test('never speak zod', () => {
    const values = [undefined, null, true, 0, -1, 1.5, 'x', '', [], {}, [{}], '../x'];
    const full = JSON.parse(
      scenes({ title: 'x', transition: { type: 'fade', durationInFrames: 1, direction: 'from-top' }, props: {} }),
    );
    const [scene] = full.scenes;
    const messages = values.flatMap((value) => [
      ...Object.keys(full).flatMap((field) => messagesOf(JSON.stringify({ ...full, [field]: value }))),
      ...Object.keys(scene).flatMap((field) => messagesOf(film({ scenes: [{ ...scene, [field]: value }] }))),
      ...Object.keys(scene.transition).flatMap((field) =>
        messagesOf(film({ scenes: [{ ...scene, transition: { ...scene.transition, [field]: value } }] })),
      ),
    ]);
    expect(messages.length).toBeGreaterThan(100);
    for (const message of messages) {
      expect(message).toMatch(/^[a-z][A-Za-z[\]0-9.]* (is|are|must|last) /);
      expect(message).not.toMatch(/Invalid|expected|received|undefined|NaN/);
    }
  });
});

describe('the path of a field', () => {
  test.each([
    [[], ''],
    [['title'], 'title'],
    [['scenes', 2, 'entry'], 'scenes[2].entry'],
    [['scenes', 0, 'props', 'a', 1, 2], 'scenes[0].props.a[1][2]'],
    [['scenes', 0, 'props', 'a b'], 'scenes[0].props["a b"]'],
    [['from-left', '$x', '_y'], 'from-left.$x._y'],
  ])('of %j is %j', (path, text) => {
    expect(formatField(path)).toBe(text);
  });
});
