/** Manifests to start from, and what is found wrong in one. */
import type { Diagnostic } from '../../../action/contract/diagnostics.ts';
import { type AppManifest, parseManifest, type Storyboard } from '../../../action/contract/manifest.ts';

/** The two examples of design.md, section 1, as they stand there. */
export const storyboardExample = `{"title": "Launch film", "kind": "storyboard", "fps": 30, "width": 1280, "height": 720, "scenes":
[{"id": "intro", "entry": "scenes/intro.tsx", "durationInFrames": 90, "transition": {"type": "fade",
"durationInFrames": 15}}]}`;
export const appExample = '{"title": "…", "kind": "app", "entry": "app.tsx"}';

export const storyboard = JSON.parse(storyboardExample) as Storyboard;
export const app = JSON.parse(appExample) as AppManifest;
export const intro = { id: 'intro', entry: 'scenes/intro.tsx', durationInFrames: 90 };

export const film = (fields: object) => JSON.stringify({ ...storyboard, ...fields });
export const scenes = (...list: object[]) =>
  film({ scenes: list.map((scene, index) => ({ ...intro, id: `s${index}`, ...scene })) });

export function problemsOf(text: string): Diagnostic[] {
  const parsed = parseManifest(text);
  return parsed.ok ? [] : parsed.diagnostics;
}
export const messagesOf = (text: string) => problemsOf(text).map((problem) => problem.message);
export const fieldsOf = (text: string) => problemsOf(text).map((problem) => problem.field);
