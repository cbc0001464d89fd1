/** Every way we know by which a snapshot might reach a file, a variable or a host that is none of its business. */
import type { ErrorCode } from '../../../../action/contract/errors.ts';

/** Places on the disk of whoever compiles, each with a token that must stay there. */
export interface Canaries {
  /** Absolute path of a folder that holds secret.ts, .css, .json, .txt, .png and .map. */
  outside: string;
  /** How a process in its own temporary folder would reach the same by a relative path. */
  fromTemporaryFolder: string;
  variable: string;
}

export interface Road {
  source: string;
  /** The code that refuses it; null for code that compiles, and cannot reach anything. */
  refusedWith: ErrorCode | null;
}

const road = (source: string, refusedWith: ErrorCode | null): Road => ({ source, refusedWith });
const map = (file: string) =>
  Buffer.from(JSON.stringify({ version: 3, sources: [file], mappings: 'AAAA' })).toString('base64');

/** Roads of a module at roads/{n}.tsx. */
export function codeRoads({ outside, fromTemporaryFolder: near, variable }: Canaries): Road[] {
  const up = '../'.repeat(12);
  return [
    road(`import a from '${outside}/secret.ts'; console.log(a)`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`export * from '${outside}/secret'`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`import a from '${outside}/secret.txt' with { type: 'text' }; console.log(a)`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`import a from '${outside}/secret.txt' with { type: 'bytes' }; console.log(a)`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`import a from '${outside}/secret.png' with { type: 'file' }; console.log(a)`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`try { await import('${outside}/secret.json') } catch {}`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`import a from '../../secret.ts'; console.log(a)`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`import a from '../${near}/secret.ts'; console.log(a)`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`import a from '${up}${outside.slice(1)}/secret.ts'; console.log(a)`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`import a from 'file://${outside}/secret.ts'; console.log(a)`, 'IMPORT_NOT_ALLOWED'),
    road(`import a from 'file:${outside}/secret.ts' with { type: 'text' }; console.log(a)`, 'IMPORT_NOT_ALLOWED'),
    road(`import a from 'file:secret.ts'; console.log(a)`, 'IMPORT_NOT_ALLOWED'),
    road(`declare const a: string; import(\`../${near}/\${a}\`)`, 'IMPORT_UNSUPPORTED'),
    road(`declare const a: string; import(\`${near}/secret\${a}\`, { with: { type: 'text' } })`, 'IMPORT_UNSUPPORTED'),
    road(`declare const a: string; import(\`../\${a}\`)`, 'IMPORT_UNSUPPORTED'),
    road(`declare const a: string; import('../' + a + '.ts')`, 'IMPORT_UNSUPPORTED'),
    road(`declare const a: string; import(\`./\${a}/secret.ts\`)`, 'IMPORT_UNSUPPORTED'),
    road(`declare const a: string; require(\`${near}/\${a}\`)`, 'IMPORT_UNSUPPORTED'),
    road(
      `declare const a: string; enum U { A = '../', B = \`\${A}\${A}\` } import(\`\${U.B}\${a}\`)`,
      'IMPORT_UNSUPPORTED',
    ),
    road(`declare const a: string; try { import(\`${near}/\${a}\`) } catch {}`, 'IMPORT_UNSUPPORTED'),
    road(`declare const a: string; import(\`${outside}/\${a}\`)`, null),
    road(`declare const a: string; import(a)`, null),
    road(`require('${outside}/secret.json')`, 'IMPORT_UNSUPPORTED'),
    road(`require.resolve('${outside}/secret.json')`, null),
    road(`const r = require; r('${outside}/secret.json')`, null),
    road(`import 'data:text/javascript,import "file://${outside}/secret.ts"'`, 'IMPORT_NOT_ALLOWED'),
    road(`import 'data:text/javascript;base64,${map('x')}'`, 'IMPORT_NOT_ALLOWED'),
    road(`import 'https://example.com/a.js'`, 'REMOTE_NOT_ALLOWED'),
    road(`import '//example.com/a.js'`, 'REMOTE_NOT_ALLOWED'),
    road(`import a from './secret.ts?raw'; console.log(a)`, 'IMPORT_UNSUPPORTED'),
    road(`import a from './1.tsx#/../../secret.ts'; console.log(a)`, 'IMPORT_UNSUPPORTED'),
    road(`import a from './%2e%2e/%2e%2e/secret.ts'; console.log(a)`, 'IMPORT_NOT_FOUND'),
    road(`import a from './secret.ts\\0.ts'; console.log(a)`, 'IMPORT_NOT_FOUND'),
    road(`import a from '..\\\\..\\\\secret.ts'; console.log(a)`, 'IMPORT_NOT_FOUND'),
    road(`import a from 'C:\\\\secret.ts'; console.log(a)`, 'IMPORT_NOT_ALLOWED'),
    road(`import a from '\\\\\\\\host\\\\share\\\\secret.ts'; console.log(a)`, 'IMPORT_NOT_ALLOWED'),
    road(`import a from 'secret'; console.log(a)`, 'IMPORT_NOT_ALLOWED'),
    road(`import a from '../node_modules/secret/index.js'; console.log(a)`, 'IMPORT_NOT_FOUND'),
    road(`import a from '../.env' with { type: 'text' }; console.log(a)`, 'IMPORT_NOT_FOUND'),
    road(`import a from './secret'; console.log(a)`, 'IMPORT_NOT_FOUND'),
    road(`import a from '../secret.json'; console.log(a)`, 'IMPORT_NOT_FOUND'),
    road(`import a from '../.hidden/secret'; console.log(a)`, 'IMPORT_NOT_FOUND'),
    road(`import a from '../link.ts'; console.log(a)`, 'IMPORT_NOT_FOUND'),
    road(`import a from '../linked/secret.ts'; console.log(a)`, 'IMPORT_NOT_FOUND'),
    road(`import fs from 'node:fs'; fs.readFileSync('${outside}/secret.txt')`, 'IMPORT_NOT_ALLOWED'),
    road(`import 'bun:ffi'`, 'IMPORT_NOT_ALLOWED'),
    road(`import 'snapshot:../secret.ts'`, 'IMPORT_NOT_ALLOWED'),
    road(`import 'library:${outside}/secret.ts'`, 'IMPORT_NOT_ALLOWED'),
    road(`import 'inlined:${outside}/secret.ts'`, 'IMPORT_NOT_ALLOWED'),
    road(`import 'style-module:${outside}/secret.css'`, 'IMPORT_NOT_ALLOWED'),
    road(`import 'permaframe-entry:styles'`, 'IMPORT_NOT_ALLOWED'),
    road(`import '<define:process.env>'`, 'IMPORT_NOT_ALLOWED'),
    road(`import '<runtime>'`, 'IMPORT_NOT_ALLOWED'),
    road(`import '@/secret'`, 'IMPORT_NOT_ALLOWED'),
    road(`import '#secret'`, 'IMPORT_NOT_ALLOWED'),
    road(`import 'project/secret'`, 'IMPORT_NOT_ALLOWED'),
    road(`import '../package-with-main'`, 'IMPORT_NOT_FOUND'),
    road(`console.log(import.meta.glob('${outside}/*'))`, 'IMPORT_UNSUPPORTED'),
    road(`new Worker(new URL('file://${outside}/secret.ts', import.meta.url))`, 'IMPORT_UNSUPPORTED'),
    road(`/** @jsxImportSource ${outside} */\nconsole.log(<p />)`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`/** @jsxImportSource file://${outside} */\nconsole.log(<p />)`, 'IMPORT_NOT_ALLOWED'),
    road(`/** @jsxRuntime classic @jsx require('${outside}/secret.ts') */\nconsole.log(<p />)`, null),
    road(`/// <reference path="${outside}/secret.ts" />\nimport type A from '${outside}/secret.ts'; let a: A;`, null),
    road(`console.log(1)\n//# sourceMappingURL=file://${outside}/secret.map`, null),
    road(`console.log(1)\n//# sourceMappingURL=${near}/secret.map`, null),
    road(
      `console.log(1)\n//# sourceMappingURL=data:application/json;base64,${map(`file://${outside}/secret.ts`)}`,
      null,
    ),
    road(`console.log(1)\n//# sourceURL=file://${outside}/secret.ts`, null),
    road(`console.log(process.env.${variable}, process.env['${variable}'], process.env)`, null),
    road(`console.log(import.meta.env.${variable}, import.meta.env)`, null),
    road(`console.log(globalThis.process?.env, globalThis.Deno?.env, "%${variable}% $${variable}")`, null),
  ];
}

/** Roads of a style at roads/{n}.css. */
export function styleRoads({ outside, fromTemporaryFolder: near }: Canaries): Road[] {
  return [
    road(`p { background: url(${outside}/secret.png) }`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`p { background: url(../../secret.png) }`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`p { background: url("../${near}/secret.png") }`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`p { background: url(file://${outside}/secret.png) }`, 'IMPORT_NOT_FOUND'),
    road(`p { background: url(http://example.com/a.png) }`, 'REMOTE_NOT_ALLOWED'),
    road(`p { background: url(//example.com/a.png) }`, 'REMOTE_NOT_ALLOWED'),
    road(`p { cursor: url(\\2f etc/secret.png) }`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`p { background: image-set(url(${outside}/secret.png) 1x) }`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`@font-face { src: url('${outside}/secret.png?#iefix') }`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`@import '${outside}/secret.css';`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`@import url('../../secret.css') print;`, 'IMPORT_OUTSIDE_PROJECT'),
    road(`@import 'file://${outside}/secret.css';`, 'IMPORT_NOT_FOUND'),
    road(`@import 'https://example.com/a.css';`, 'REMOTE_NOT_ALLOWED'),
    road(`@import 'data:text/css,@import "file://${outside}/secret.css"';`, 'IMPORT_NOT_FOUND'),
    road(`@import 'snapshot:${outside}/secret.css';`, 'IMPORT_NOT_FOUND'),
    road(`@import 'style-module:${outside}/secret.css';`, 'IMPORT_NOT_FOUND'),
    road(`@import '../node_modules/secret/index.css';`, 'IMPORT_NOT_FOUND'),
    road(`@import '../link.css';`, 'IMPORT_NOT_FOUND'),
    road(`p { background: url(data:image/svg+xml,<svg/>) }`, null),
    road(`p { color: red }\n/*# sourceMappingURL=file://${outside}/secret.map */`, null),
    road(`@namespace url(file://${outside}/secret.css); p { --x: src('${outside}/secret.css') }`, null),
  ];
}

/** Files of a snapshot that tell a bundler where to look. */
export function configurationRoads({ outside }: Canaries): Record<string, string> {
  const tsconfig = {
    extends: `${outside}/secret.json`,
    compilerOptions: { baseUrl: outside, paths: { '@/*': [`${outside}/*`] }, jsxImportSource: outside },
  };
  const manifest = {
    name: 'project',
    main: `${outside}/secret.ts`,
    browser: { './1.tsx': `${outside}/secret.ts`, secret: `${outside}/secret.ts` },
    imports: { '#secret': `${outside}/secret.ts` },
    exports: { './secret': `${outside}/secret.ts` },
  };
  return {
    'tsconfig.json': JSON.stringify(tsconfig),
    'roads/tsconfig.json': JSON.stringify(tsconfig),
    'jsconfig.json': JSON.stringify(tsconfig),
    'package.json': JSON.stringify(manifest),
    'roads/package.json': JSON.stringify(manifest),
    'package-with-main/package.json': JSON.stringify(manifest),
  };
}
