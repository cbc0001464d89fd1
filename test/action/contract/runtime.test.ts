import { describe, expect, test } from 'vitest';
import { allowedSpecifiers, type RuntimeManifest, runtimeManifestSchema } from '../../../action/contract/runtime.ts';

const js = (digit: string) => `runtime/${digit.repeat(64)}.js`;
const library = (key: string, requires: string[] = []) => ({ key, requires, exports: ['default', 'useState'] });

const runtime: RuntimeManifest = {
  schema: 1,
  engines: {
    preact: {
      libraries: { react: library(js('1'), [js('2')]), remotion: library(js('3')) },
      film: library(js('4')),
      app: library(js('5')),
      render: library(js('5')),
    },
    react: {
      libraries: { 'react/jsx-runtime': library(js('6')), react: library(js('7')), three: library(js('8')) },
      film: library(js('9')),
      app: library(js('a')),
      render: library(js('a')),
    },
  },
  inlined: { 'd3-scale': { key: js('b') }, '@remotion/noise': { key: js('c') } },
  page: { key: js('d') },
  files: [{ key: js('1'), bytes: 0, sha256: '1'.repeat(64) }],
};

describe('the manifest of a runtime', () => {
  test('is read back as it was', () => {
    expect(runtimeManifestSchema.parse(JSON.parse(JSON.stringify(runtime)))).toEqual(runtime);
  });

  test.each([
    'engines',
    'engines.preact',
    'engines.react',
    'engines.preact.film',
    'engines.react.libraries',
    'inlined',
    'page',
    'files',
    'schema',
  ])('is refused without %s', (path) => {
    const copy = structuredClone(runtime) as unknown as Record<string, unknown>;
    const parts = path.split('.');
    const last = parts.pop() as string;
    const parent = parts.reduce((value, part) => value[part] as Record<string, unknown>, copy);
    delete parent[last];
    const issues = runtimeManifestSchema.safeParse(copy).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  test.each([
    ['the top', (copy: RuntimeManifest) => Object.assign(copy, { extra: 1 })],
    ['an engine', (copy: RuntimeManifest) => Object.assign(copy.engines.react, { extra: 1 })],
    ['a library', (copy: RuntimeManifest) => Object.assign(copy.engines.react.film, { extra: 1 })],
    ['an inlined library', (copy: RuntimeManifest) => Object.assign(copy.inlined['d3-scale'] ?? {}, { extra: 1 })],
    ['the page', (copy: RuntimeManifest) => Object.assign(copy.page, { extra: 1 })],
    ['a file', (copy: RuntimeManifest) => Object.assign(copy.files[0] ?? {}, { extra: 1 })],
    ['the engines', (copy: RuntimeManifest) => Object.assign(copy.engines, { vue: copy.engines.react })],
  ])('has no unknown field in %s', (_, spoil) => {
    const copy = structuredClone(runtime);
    spoil(copy);
    const issues = runtimeManifestSchema.safeParse(copy).error?.issues ?? [];
    expect(issues.map((issue) => issue.code)).toEqual(['unrecognized_keys']);
  });

  test.each([
    `runtime/${'A'.repeat(64)}.js`,
    `runtime/${'a'.repeat(63)}.js`,
    `runtime/${'a'.repeat(64)}.json`,
    `runtime/${'a'.repeat(64)}.js.br`,
    `/runtime/${'a'.repeat(64)}.js`,
    `runtime/../threads/a.js`,
    'https://cdn.example.com/react.js',
    '',
  ])('holds only keys of the runtime, not %j', (key) => {
    expect(runtimeManifestSchema.safeParse({ ...runtime, page: { key } }).success).toBe(false);
    const film = library(js('9'), [key]);
    const engines = { ...runtime.engines, react: { ...runtime.engines.react, film } };
    expect(runtimeManifestSchema.safeParse({ ...runtime, engines }).success).toBe(false);
  });

  test('is refused with another schema, or sizes that cannot be', () => {
    expect(runtimeManifestSchema.safeParse({ ...runtime, schema: 2 }).success).toBe(false);
    for (const bytes of [-1, 0.5, '1', null]) {
      const files = [{ ...runtime.files[0], bytes }];
      expect(runtimeManifestSchema.safeParse({ ...runtime, files }).success, String(bytes)).toBe(false);
    }
  });
});

describe('what a snapshot may import', () => {
  test('is what either engine shares and what is inlined, sorted, each once', () => {
    expect(allowedSpecifiers(runtime)).toEqual([
      '@remotion/noise',
      'd3-scale',
      'react',
      'react/jsx-runtime',
      'remotion',
      'three',
    ]);
  });

  test('is nothing in a runtime without libraries', () => {
    const bare = (engine: RuntimeManifest['engines']['react']) => ({ ...engine, libraries: {} });
    const engines = { preact: bare(runtime.engines.preact), react: bare(runtime.engines.react) };
    expect(allowedSpecifiers({ ...runtime, engines, inlined: {} })).toEqual([]);
  });
});
