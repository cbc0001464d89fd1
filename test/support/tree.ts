/** A small project of three scenes, as files, for suites that publish. */

const scene = (name: string, extra = ''): string => `
import { AbsoluteFill, useCurrentFrame } from 'remotion';
import { Title } from '../shared/title';
import './${name}.css';
${extra}
export default function Scene() {
  const frame = useCurrentFrame();
  return <AbsoluteFill className="${name}"><Title text="${name}" /><p>{frame}</p></AbsoluteFill>;
}
`;

export const MANIFEST = {
  title: 'Three scenes',
  kind: 'storyboard',
  fps: 30,
  width: 640,
  height: 360,
  scenes: [
    {
      id: 'one',
      entry: 'scenes/one.tsx',
      durationInFrames: 30,
      transition: { type: 'fade', durationInFrames: 10 },
    },
    { id: 'two', entry: 'scenes/two.tsx', durationInFrames: 30 },
    { id: 'three', title: 'The third', entry: 'scenes/three.tsx', durationInFrames: 30 },
  ],
};

/** Path → text of a project with shared code, styles, a static file and a large asset. */
export function threeScenes(changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    'permaframe.json': JSON.stringify(MANIFEST),
    'shared/title.tsx': 'export const Title = ({ text }: { text: string }) => <h1>{text}</h1>;',
    'scenes/one.tsx': scene('one'),
    'scenes/two.tsx': scene('two', "import picture from '../images/picture.svg';\nconsole.debug(picture);"),
    'scenes/three.tsx': scene('three'),
    'scenes/one.css': '.one { background: #123456 }',
    'scenes/two.css': '.two { background: url(../images/picture.svg) }',
    'scenes/three.css': '.three { color: teal }',
    'images/picture.svg': `<svg xmlns="http://www.w3.org/2000/svg"><!--${'x'.repeat(12_000)}--></svg>`,
    'public/note.txt': 'a static file',
    ...changes,
  };
}

/** The same, as bytes. */
export function toContents(files: Readonly<Record<string, string>>): Map<string, Uint8Array> {
  return new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]));
}
