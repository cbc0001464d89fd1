/** The contract is shared by Node, browsers, workerd and Convex: it may rely on nothing but zod and web globals. */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { runtimeManifestKey, sharedModuleKey } from '../../../action/contract/keys.ts';
import { parseManifest } from '../../../action/contract/manifest.ts';
import { type AppMeta, serializeMeta } from '../../../action/contract/meta.ts';
import { signLink } from '../../../action/contract/signing.ts';

const folder = fileURLToPath(new URL('../../../action/contract/', import.meta.url));

/** One script that puts every module of the contract on `contract`, and everything that its modules import. */
async function bundleContract(): Promise<{ script: string; imported: Set<string> }> {
  const modules = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
  const imported = new Set<string>();
  const result = await build({
    stdin: { contents: modules.map((name) => `export * from './${name}';`).join('\n'), resolveDir: folder },
    bundle: true,
    write: false,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'iife',
    globalName: 'contract',
    logLevel: 'silent',
    plugins: [
      {
        name: 'imports-of-the-contract',
        setup({ onResolve }) {
          onResolve({ filter: /.*/ }, ({ path, importer }) => {
            if (importer.startsWith(folder)) imported.add(path);
            return undefined;
          });
        },
      },
    ],
  });
  return { script: result.outputFiles[0]?.text ?? '', imported };
}

describe('the contract', () => {
  let bundled: Awaited<ReturnType<typeof bundleContract>>;
  let run: (code: string) => unknown;

  beforeAll(async () => {
    bundled = await bundleContract();
    // What all four have. No process, no Buffer, no require; and no eval, as in workerd and behind a strict CSP.
    const globals = { crypto, TextEncoder, TextDecoder, URL, atob, btoa };
    const context = createContext(globals, { codeGeneration: { strings: false, wasm: false } });
    run = (code) => runInContext(code, context);
    run(bundled.script);
  });

  test('imports nothing but zod and itself', () => {
    const foreign = [...bundled.imported].filter((path) => path !== 'zod' && !/^\.\/[a-z-]+\.ts$/.test(path));
    expect(foreign).toEqual([]);
    expect(bundled.imported).toContain('zod');
  });

  test('refuses to be bundled with a module of Node in it, so that the bundle above proves something', async () => {
    const contents = "export * from 'node:crypto';";
    const broken = build({ stdin: { contents }, bundle: true, write: false, platform: 'neutral', logLevel: 'silent' });
    await expect(broken).rejects.toThrow('Could not resolve "node:crypto"');
  });

  test('runs where there is no Node and no eval', () => {
    expect(run('typeof process + typeof Buffer + typeof require')).toBe('undefinedundefinedundefined');
    expect(() => run('new Function("")')).toThrow('Code generation from strings disallowed');
    const text = '{"kind": "app", "title": "x", "entry": "../x", "fps": 1}';
    const there = run(`JSON.stringify(contract.parseManifest(${JSON.stringify(text)}))`);
    expect(JSON.parse(String(there))).toEqual(parseManifest(text));
  });

  test('signs and verifies there, and agrees with what Node signs', async () => {
    const scope = { host: 'share.example.com', thread: 'launch', version: 3 };
    const [now, expires] = [1_790_000_000, 1_790_003_600];
    const key = { id: 'k1', secret: new Uint8Array(32).fill(1) };
    const token = await run(`{
      globalThis.key = { id: 'k1', secret: new Uint8Array(32).fill(1) };
      contract.signLink(key, ${JSON.stringify(scope)}, ${expires}, ${now});
    }`);
    expect(token).toBe(await signLink(key, scope, expires, now));
    const verify = (version: number) =>
      run(`contract.verifyLink([key], '${token}', ${JSON.stringify({ ...scope, version })}, ${now})`);
    expect(await verify(3)).toBe('valid');
    expect(await verify(4)).toBe('invalid');
  });

  test('hashes there', async () => {
    expect(await run("contract.sha256Hex('abc')")).toMatch(/^ba7816bf8f01cfea/);
  });

  test('writes the same meta.json there, though zod compiles its parsers here and not there', () => {
    const entry = sharedModuleKey('demo', '3'.repeat(64));
    const meta: AppMeta = {
      kind: 'app',
      version: 3,
      thread: 'launch',
      project: 'demo',
      schema: 1,
      title: 'Été',
      snapshot: '1'.repeat(64),
      engine: 'react',
      runtime: runtimeManifestKey('2'.repeat(64)),
      entry,
      files: [{ contentType: 'text/javascript', sha256: '4'.repeat(64), bytes: 10, key: entry }],
      javascriptBytes: 0,
    };
    expect(run(`contract.serializeMeta(${JSON.stringify(meta)})`)).toBe(serializeMeta(meta));
  });
});
