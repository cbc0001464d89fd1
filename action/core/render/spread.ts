/** Spreads the chunks that have to be rendered over jobs of GitHub. */

/** Machines for one video at most: GitHub gives 20 to a free account. */
export const MAX_RENDER_JOBS = 8;
/** What one machine renders alone, in milliseconds: another one is billed a whole minute, and takes half of one to begin. */
const JOB_MILLISECONDS = 120_000;

/**
 * @param renderMilliseconds what one machine would take
 * @param chunks that have to be rendered
 * @param most jobs that are wanted
 * @returns 0 when there is nothing to render
 */
export function countJobs(renderMilliseconds: number, chunks: number, most: number): number {
  const wanted = Math.max(1, Math.ceil(renderMilliseconds / JOB_MILLISECONDS));
  return Math.min(wanted, chunks, most, MAX_RENDER_JOBS);
}

/** Groups of about as many frames, none of them empty; each in the order of the film. */
export function spreadChunks<C extends { first: number; last: number }>(chunks: readonly C[], jobs: number): C[][] {
  const groups = Array.from({ length: jobs }, () => ({ chunks: [] as C[], frames: 0 }));
  const framesOf = ({ first, last }: C): number => last - first + 1;
  // The longest first, each to who has the least.
  for (const chunk of chunks.toSorted((a, b) => framesOf(b) - framesOf(a))) {
    const least = groups.reduce((one, other) => (other.frames < one.frames ? other : one));
    least.chunks.push(chunk);
    least.frames += framesOf(chunk);
  }
  return groups.map((group) => group.chunks.toSorted((a, b) => a.first - b.first));
}
