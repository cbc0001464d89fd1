/** The least that can be shared: one scene. */
import type { Files } from '../workspace.ts';

const MANIFEST = {
  title: 'Untitled',
  kind: 'storyboard',
  fps: 30,
  width: 1280,
  height: 720,
  scenes: [{ id: 'hello', entry: 'scenes/hello.tsx', durationInFrames: 90 }],
};

const SCENE = `import { AbsoluteFill, interpolate, useCurrentFrame } from 'remotion';

export default function Hello() {
  const frame = useCurrentFrame();
  const opacity = interpolate(frame, [0, 20], [0, 1], { extrapolateRight: 'clamp' });
  return (
    <AbsoluteFill style={{ background: '#f4f1e8', alignItems: 'center', justifyContent: 'center' }}>
      <h1 style={{ fontFamily: 'system-ui', fontSize: 96, color: '#1d2b28', opacity }}>Hello</h1>
    </AbsoluteFill>
  );
}
`;

export function emptyFiles(): Files {
  return new Map([
    ['permaframe.json', { kind: 'text', text: `${JSON.stringify(MANIFEST, null, 2)}\n` }],
    ['scenes/hello.tsx', { kind: 'text', text: SCENE }],
  ]);
}
