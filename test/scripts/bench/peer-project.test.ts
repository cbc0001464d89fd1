import { expect, it } from 'vitest';
import { parseManifest } from '../../../action/contract/manifest.ts';
import { entryModule } from '../../../scripts/bench/peer-project.ts';

function manifestOf(content: object) {
  const parsed = parseManifest(JSON.stringify(content));
  if (!parsed.ok) throw new Error('the test has a wrong manifest');
  return parsed.manifest;
}

it('loads each scene of a film by itself, and plays as long as the film does', () => {
  const text = entryModule(
    manifestOf({
      title: 'Film',
      kind: 'storyboard',
      fps: 30,
      width: 1280,
      height: 720,
      scenes: [
        {
          id: 'one',
          entry: 'scenes/one.tsx',
          durationInFrames: 60,
          transition: { type: 'fade', durationInFrames: 10 },
        },
        { id: 'two', entry: 'scenes/two.tsx', durationInFrames: 50 },
      ],
    }),
  );
  expect(text).toContain('lazy(() => import("./scenes/one.tsx"))');
  expect(text).toContain('lazy(() => import("./scenes/two.tsx"))');
  expect(text).toContain('durationInFrames: 100,');
});

it('mounts an app', () => {
  const text = entryModule(manifestOf({ title: 'App', kind: 'app', entry: 'app.tsx' }));
  expect(text).toContain('import App from "./app.tsx"');
});
