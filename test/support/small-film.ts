/** A film so small that a video of it takes seconds. */
const MANIFEST = {
  title: 'Small film',
  kind: 'storyboard',
  fps: 30,
  width: 320,
  height: 180,
  scenes: [
    { id: 'one', entry: 'scenes/one.tsx', durationInFrames: 10 },
    { id: 'two', entry: 'scenes/two.tsx', durationInFrames: 10 },
  ],
};

/** Path → text. Two scenes, 20 frames, two thirds of a second. */
export function smallFilm(changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    'permaframe.json': JSON.stringify(MANIFEST),
    'scenes/one.tsx': scene('one', '#204060'),
    'scenes/two.tsx': scene('two', '#602040'),
    ...changes,
  };
}

export function scene(name: string, background: string): string {
  return `import { AbsoluteFill, useCurrentFrame } from 'remotion';

export default function Scene() {
  const frame = useCurrentFrame();
  return <AbsoluteFill style={{ background: '${background}', color: '#fff', fontSize: 60 }}>${name} {frame}</AbsoluteFill>;
}
`;
}

/** Throws at frame 6, in line 6. */
export const FAILING_SCENE = `import { AbsoluteFill, useCurrentFrame } from 'remotion';

export default function Scene() {
  const frame = useCurrentFrame();
  const boats = ['Ebb', 'Neap', 'Flood', 'Slack', 'Spring', 'Wash'];
  const letters = boats[frame]!.length;
  return <AbsoluteFill style={{ background: '#205020' }}>{letters}</AbsoluteFill>;
}
`;
