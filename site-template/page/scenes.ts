/** Finding one's way among the scenes of a film. */
import type { SceneMark } from './page-data.ts';

/** Index of the scene that a frame belongs to. During a transition, that of the entering one. */
export function sceneIndexAt(scenes: readonly SceneMark[], frame: number): number {
  return Math.max(
    0,
    scenes.findLastIndex((scene) => scene.from <= frame),
  );
}

/**
 * Where "next scene" (`by` 1) or "previous scene" (`by` −1) leads. The latter leads to the start of the scene first,
 * unless it has only just begun.
 * @param grace frames at the start of a scene that count as its start
 */
export function neighbouringScene(scenes: readonly SceneMark[], frame: number, by: number, grace: number): number {
  const index = sceneIndexAt(scenes, frame);
  if (by < 0 && frame - (scenes[index]?.from ?? 0) > grace) return scenes[index]?.from ?? 0;
  const target = scenes[Math.max(0, index + by)];
  return target ? target.from : Number.POSITIVE_INFINITY;
}
