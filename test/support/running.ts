/** Runs compiled modules in a process of their own, as a page would: by their addresses, with stand-ins for libraries. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Compiled } from '../../action/core/compile/compile.ts';

const run = promisify(execFile);

const STAND_INS: Readonly<Record<string, string>> = {
  'node_modules/react/package.json': '{"type":"module","exports":{".":"./index.js","./jsx-runtime":"./jsx.js"}}',
  'node_modules/react/index.js': 'export const useState = (value) => [value]; export default { useState };',
  'node_modules/react/jsx.js': 'export const jsx = (type, props) => ({ type, props }); export const jsxs = jsx;',
  'node_modules/permaframe/package.json': '{"type":"module","exports":{"./assets":"./assets.js"}}',
  'node_modules/permaframe/assets.js': "export const assetUrl = (name) => 'assets/' + name;",
  'package.json': '{"type":"module"}',
};

/**
 * @param expression of which the value is returned, by way of JSON; `entry` is the entry's namespace, and `load(path)`
 * imports a module by its path
 */
export async function evaluate(compiled: Compiled, expression: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'permaframe-run-'));
  try {
    const modules = compiled.modules.map(({ path, text }): [string, string] => [path, text]);
    for (const [path, text] of [...Object.entries(STAND_INS), ...modules]) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const script = `
      const load = (path) => import('./' + path);
      const entry = await load(${JSON.stringify(compiled.entry)});
      console.log('\\n' + JSON.stringify(await (${expression})));`;
    await writeFile(join(folder, 'run.js'), script);
    const { stdout } = await run(process.execPath, ['run.js'], { cwd: folder });
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
