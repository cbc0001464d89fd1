/** How the jobs of a video and their end look to a person: log, summary, outputs. */
import type { Log } from '../adapters/log.ts';
import { formatBytes } from '../contract/limits.ts';
import type { VideoSpec } from '../contract/video.ts';
import type { RenderOrder } from '../core/render/plan.ts';
import { block, code, formatTime, row } from '../summary.ts';
import type { Made } from './conduct.ts';
import type { PlanOutcome } from './plan-job.ts';

/** Outputs for the next jobs, too: `groups` is what a matrix is made of. */
export function presentPlan(planned: PlanOutcome, log: Log): void {
  if (planned.kind === 'ready') {
    log.output('state', 'ready');
    return;
  }
  const { plan, toRender, jobs, estimatedMilliseconds, began, planned: at } = planned;
  const { chunks } = plan;
  const lines = chunks.map(
    (chunk) => `${chunk.first}–${chunk.last} ${chunk.scene}: ${STORED[chunk.stored]} (${chunk.key})`,
  );
  log.group(`${describeSpec(plan.spec)}: ${chunks.length} chunks, ${toRender} of them to render`, lines);
  const who = jobs === 0 ? 'Nothing has to be rendered' : jobs === 1 ? 'One job renders' : `${jobs} jobs render`;
  log.line(`${who}; ready in about ${Math.ceil(estimatedMilliseconds / 60_000)} min.`);
  log.output('state', 'planned');
  log.output('groups', JSON.stringify(Array.from({ length: jobs }, (_, group) => group)));
  log.output('began', String(began));
  log.output('planned', String(at));
}

const STORED = { missing: 'to render', heard: 'there already', silent: 'there already' } as const;

export async function presentVideo(
  { thread, version }: RenderOrder,
  { video, spec, timings }: Made,
  log: Log,
): Promise<void> {
  const size = formatBytes(video.bytes);
  log.line(`${describeSpec(spec)} of ${thread} v${version} is attached: ${video.key}, ${size}`);
  await log.summarize(
    block([
      `<h2>${code(thread)} version ${version} has a video</h2>`,
      '<table>',
      row('Video', code(describeSpec(spec))),
      row('Size', size),
      row('Time', formatTime(timings.total)),
      row('Key', code(video.key)),
      '</table>',
    ]),
  );
}

/** `mp4, 1280 × 720, 30 fps, 12.0 s, medium` */
function describeSpec({ format, width, height, fps, durationInFrames, quality }: VideoSpec): string {
  return `${format}, ${width} × ${height}, ${fps} fps, ${(durationInFrames / fps).toFixed(1)} s, ${quality}`;
}
