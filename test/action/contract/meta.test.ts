import { describe, expect, test } from 'vitest';
import {
  assetKey,
  pageKey,
  runtimeFileKey,
  runtimeManifestKey,
  sceneModuleKey,
  sharedModuleKey,
} from '../../../action/contract/keys.ts';
import {
  type AppMeta,
  type ArtifactFileEntry,
  type FilmMeta,
  type Meta,
  metaSchema,
  serializeMeta,
} from '../../../action/contract/meta.ts';

const sha = (digit: string) => digit.repeat(64);

const fileAt = (key: string): ArtifactFileEntry => ({
  key,
  bytes: 10,
  sha256: sha('4'),
  contentType: key.endsWith('.html') ? 'text/html; charset=utf-8' : 'text/javascript; charset=utf-8',
});

const app: AppMeta = {
  schema: 1,
  thread: 'launch',
  project: 'demo',
  version: 3,
  title: 'Été 🚀 </script>',
  snapshot: sha('1'),
  engine: 'react',
  runtime: runtimeManifestKey(sha('2')),
  entry: sharedModuleKey('demo', sha('3')),
  javascriptBytes: 1234,
  files: [fileAt(pageKey('launch', 3)), fileAt(sharedModuleKey('demo', sha('3')))],
  kind: 'app',
};

const POSTER = assetKey('launch', 3, `${sha('6')}.jpg`);
const film: FilmMeta = {
  ...app,
  kind: 'storyboard',
  description: 'A film.',
  poster: POSTER,
  files: [
    fileAt(POSTER),
    fileAt(pageKey('launch', 3)),
    fileAt(sharedModuleKey('demo', sha('3'))),
    fileAt(sceneModuleKey('demo', 'intro', sha('5'))),
  ],
  fps: 30,
  width: 1280,
  height: 720,
  durationInFrames: 90,
  scenes: [
    { id: 'intro', title: 'Intro', from: 0, durationInFrames: 90, module: sceneModuleKey('demo', 'intro', sha('5')) },
  ],
};

/** The same value with the fields of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, field]) => [key, reversed(field)] as const)
      .reverse(),
  );
}

describe.each([
  ['an app', app],
  ['a film', film],
])('the meta of %s', (_, meta: Meta) => {
  test('is read back as it was written', () => {
    expect(metaSchema.parse(JSON.parse(serializeMeta(meta)))).toEqual(meta);
  });

  test('is the same text, whatever the order of its fields', () => {
    expect(serializeMeta(reversed(meta) as Meta)).toBe(serializeMeta(meta));
  });

  test('is the same text when it was read back', () => {
    expect(serializeMeta(metaSchema.parse(JSON.parse(serializeMeta(meta))))).toBe(serializeMeta(meta));
  });

  test('has no unknown field', () => {
    for (const spoiled of [
      { ...meta, extra: 1 },
      { ...meta, files: [{ ...meta.files[0], extra: 1 }, ...meta.files.slice(1)] },
      JSON.parse(JSON.stringify(meta).replace('{', '{"__proto__": {},')),
    ]) {
      const issues = metaSchema.safeParse(spoiled).error?.issues ?? [];
      expect(issues.map((issue) => issue.code)).toEqual(['unrecognized_keys']);
      expect(() => serializeMeta(spoiled as Meta)).toThrow();
    }
  });

  test('lacks no field but description and poster', () => {
    const optional = ['description', 'poster'];
    for (const field of Object.keys(meta)) {
      const lacking = { ...meta, [field]: undefined };
      expect(metaSchema.safeParse(lacking).success, field).toBe(optional.includes(field));
    }
  });

  test('may have empty files and no JavaScript of its own', () => {
    const empty = { ...meta, javascriptBytes: 0, files: meta.files.map((file) => ({ ...file, bytes: 0 })) };
    expect(metaSchema.safeParse(empty).success).toBe(true);
  });

  test.each([
    ['schema', 2],
    ['thread', '../x'],
    ['project', 'P'],
    ['version', 0],
    ['snapshot', 'A'.repeat(64)],
    ['engine', 'vue'],
    ['kind', 'film'],
    ['javascriptBytes', -1],
    ['files', {}],
    ['files', [{ ...app.files[0], bytes: 1.5 }]],
    ['files', [{ ...app.files[0], sha256: '' }]],
    ['files', []],
    ['entry', 'index.js'],
    ['entry', 'threads/launch.json'],
  ])('is refused when %s is %j', (field, value) => {
    const issues = metaSchema.safeParse({ ...meta, [field]: value }).error?.issues ?? [];
    expect(issues[0]?.path[0]).toBe(field);
  });
});

test('the meta of a film has no unknown field in a scene, and no scene that cannot be', () => {
  const [scene] = film.scenes;
  expect(metaSchema.safeParse({ ...film, scenes: [{ ...scene, durationInFrames: 1 }] }).success).toBe(true);
  for (const spoiled of [{ extra: 1 }, { id: 'Intro' }, { from: -1 }, { durationInFrames: 0 }, { module: undefined }]) {
    expect(metaSchema.safeParse({ ...film, scenes: [{ ...scene, ...spoiled }] }).success, JSON.stringify(spoiled)).toBe(
      false,
    );
  }
});

describe('the files of a meta', () => {
  const problemsWith = (...files: ArtifactFileEntry[]): string[] => {
    const issues = metaSchema.safeParse({ ...app, files }).error?.issues ?? [];
    return issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  };
  const [page, entry] = app.files as [ArtifactFileEntry, ArtifactFileEntry];

  test('are sorted by key, each once', () => {
    expect(problemsWith(entry, page)).toEqual(['files must be sorted by key, without repetition']);
    expect(problemsWith(page, page, entry)).toEqual(['files must be sorted by key, without repetition']);
  });

  test('hold what the page begins with', () => {
    expect(problemsWith(page)).toEqual([`files must list ${app.entry}`]);
  });

  test.each([[pageKey('other', 3)], [pageKey('launch', 4)], [assetKey('launch', 2, `${sha('6')}.jpg`)]])(
    'are not those of another version: %s',
    (key) => {
      const sorted = [page, entry, fileAt(key)].sort((a, b) => (a.key < b.key ? -1 : 1));
      expect(problemsWith(...sorted)).toEqual([expect.stringContaining('belongs to another version or project')]);
    },
  );

  test('are not modules of another project, but may be of the runtime', () => {
    expect(problemsWith(page, entry, fileAt(sharedModuleKey('other', sha('7'))))).toEqual([
      'files.2.key belongs to another version or project',
    ]);
    expect(problemsWith(page, entry, fileAt(runtimeFileKey(sha('7'), 'js')))).toEqual([]);
  });

  test.each(['threads/launch.json', `${app.entry}.br`, '../x', ''])(
    'have keys of objects that never change: %j',
    (key) => {
      expect(problemsWith({ ...page, key }, entry)[0]).toContain('must be the key of an object that never changes');
    },
  );
});

test('an app has none of the fields of a film', () => {
  for (const field of ['fps', 'width', 'height', 'durationInFrames', 'scenes'] as const) {
    expect(metaSchema.safeParse({ ...app, [field]: film[field] }).success, field).toBe(false);
  }
});

test('an absent field and an undefined one are the same text', () => {
  expect(serializeMeta({ ...app, description: undefined } as unknown as Meta)).toBe(serializeMeta(app));
});

/** The hash of an artifact is that of this text: what moves it, moves every published hash. */
test('the text is this, to the byte', () => {
  expect(serializeMeta({ ...app, files: app.files.slice(1) })).toBe(`{
  "schema": 1,
  "thread": "launch",
  "project": "demo",
  "version": 3,
  "title": "Été 🚀 </script>",
  "snapshot": "${sha('1')}",
  "engine": "react",
  "runtime": "runtime/manifest-${sha('2')}.json",
  "entry": "projects/demo/modules/${sha('3')}.js",
  "javascriptBytes": 1234,
  "files": [
    {
      "key": "projects/demo/modules/${sha('3')}.js",
      "bytes": 10,
      "sha256": "${sha('4')}",
      "contentType": "text/javascript; charset=utf-8"
    }
  ],
  "kind": "app"
}
`);
});
