/** Times as people read them. */

/** `0:07`, `12:30`: minutes and whole seconds. */
export function formatTime(frame: number, fps: number): string {
  const seconds = Math.floor(frame / fps);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
