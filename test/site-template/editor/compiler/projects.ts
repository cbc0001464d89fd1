/** Projects that go through every part of the compiler, for comparing two of its kind. */
import { filmOf } from '../../../support/snapshots.ts';

const IDS = ['one', 'two', 'three'];

/** Modules that load each other in circles, shared code, shared styles, an icon, a large asset, equal modules. */
export const circles = {
  manifest: filmOf(...IDS),
  files: {
    ...Object.fromEntries(
      IDS.map((id, index) => [
        `scenes/${id}.tsx`,
        `import { AbsoluteFill, useCurrentFrame } from 'remotion';
        import { House } from 'lucide-react';
        import { state } from '../shared/state-${index % 2}';
        import picture from '../images/picture.svg';
        import styles from './${id}.module.css';
        import '../shared/base.css';
        export const later = () => import('../shared/later-${index}');
        export default function Scene() {
          return <AbsoluteFill className={styles.title}><House />{useCurrentFrame()}{state.n}<img src={picture} alt="" /></AbsoluteFill>;
        }`,
      ]),
    ),
    ...Object.fromEntries(
      IDS.map((id) => [`scenes/${id}.module.css`, ".title { composes: b from '../shared/b.module.css' } .x {}"]),
    ),
    ...Object.fromEntries(
      IDS.map((_, i) => [
        `shared/later-${i}.ts`,
        `export * from './later-${(i + 1) % 3}'; export const n${i} = import('../scenes/one');`,
      ]),
    ),
    'shared/state-0.ts': 'export const state = { n: 0 };',
    'shared/state-1.ts': 'export const state = { n: 0 };',
    'shared/base.css': '@import "./a.css" print; p { background: url(../images/picture.svg) }',
    'shared/a.css': 'a { top: 0 }',
    'shared/b.module.css': '.b { top: 0 }',
    'images/picture.svg': `<svg xmlns="http://www.w3.org/2000/svg"><!--${'x'.repeat(12_000)}--></svg>`,
  },
};

/** One file of each kind that can be imported, and syntax that is lowered. */
export const everyLoader = {
  manifest: { title: 'Kinds', kind: 'app', entry: 'app.tsx' },
  files: {
    'app.tsx': `import data from './data.json'; import words from './words.txt'; import shader from './a.glsl';
      import small from './small.png'; import plain from './plain.mjs'; import typed from './typed.mts';
      import old from './old.jsx'; import source from './plain.mjs' with { type: 'text' }; import './umlaut.css';
      enum Colour { Red = 'red' } @((c: unknown) => c as never) class Decorated { accessor x = 1; #p = Colour.Red; get p() { return this.#p } }
      using _ = { [Symbol.dispose]() {} };
      export default () => <>{data.a}{words}{shader}{small}{plain}{typed}{old}{source}{new Decorated().p}{\`ü \${'\\u2028'}\`}</>;`,
    'data.json': '{"a": 1, "__proto__": 2, "ä": [true]}',
    'words.txt': '\ufeffwörter\r\n',
    'a.glsl': 'void main() {}',
    'small.png': new Uint8Array([137, 80, 78, 71, 0, 255]),
    'plain.mjs': 'export default 1_000 ** 2;',
    'typed.mts': 'export default (<T,>(x: T): T => x)(1n) satisfies bigint;',
    'old.jsx': 'export default <></>;',
    'umlaut.css': '@charset "utf-8"; .ü::before { content: "→"; & a { color: oklch(0.5 0.1 20) } }',
  },
};
