/** One video: how far it is, and what came of it. */
import { useRef } from 'react';
import type { FilmOutline, RenderView } from './control-plane.ts';
import { Icon, type IconName } from './icons.tsx';
import { ProblemReport } from './problem-report.tsx';
import { StepLine } from './step-line.tsx';
import { useFocusKept } from './use-focus-kept.ts';
import { useNow } from './use-now.ts';
import type { Rendering } from './use-renders.ts';
import { FORMAT_NAMES, formatPixels, formatRunningTime, posterOf } from './video-choice.ts';
import { DownloadVideo, VideoPoster } from './video-file.tsx';
import type { VideoSectionProps } from './video-section.tsx';
import { latestVideoTime, type VideoStatus, videoStatusOf } from './video-status.ts';
import { formatAgo, formatDuration } from './words.ts';

const SIGNS: Readonly<Record<VideoStatus['phase'], IconName>> = {
  active: 'clock',
  ready: 'film',
  failed: 'cross',
  cancelled: 'dash',
};

export function VideoCard({ video, sharing, rendering, onJump }: VideoSectionProps & { video: RenderView }) {
  const isActive = videoStatusOf(video, 0).phase === 'active';
  const now = useNow({ id: video.render, told: latestVideoTime(video) }, isActive);
  const status = videoStatusOf(video, now);
  const { phase, headline, problem } = status;
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusKept(heading, phase);
  return (
    <li className="share-video" data-phase={phase} data-state={status.state} data-render={video.render}>
      <div className="share-video-head">
        {phase !== 'ready' && (
          <span className="share-sign">
            <Icon name={SIGNS[phase]} />
          </span>
        )}
        {phase === 'ready' && <VideoPoster video={video} sharing={sharing} />}
        <div>
          <h4 ref={heading} tabIndex={-1}>
            {phase === 'ready' ? nameOf(video) : headline}
          </h4>
          <p className="share-about">{whatIsMade(video, phase, rendering.film)}</p>
          {phase !== 'active' && <p className="share-about">{madeBy(video, now)}</p>}
        </div>
      </div>
      <span role="status" className="share-unseen">
        {status.announcement}
      </span>
      {phase === 'active' && <Going status={status} />}
      {problem && <ProblemReport problem={problem} onJump={onJump} />}
      <CardActions video={video} status={status} sharing={sharing} rendering={rendering} />
    </li>
  );
}

function nameOf({ request, spec }: RenderView): string {
  return [FORMAT_NAMES[request.format], spec && formatPixels(spec)].filter(Boolean).join(' · ');
}

function whatIsMade(video: RenderView, phase: VideoStatus['phase'], film: FilmOutline): string {
  const { request, spec } = video;
  const name = phase === 'ready' ? null : nameOf(video);
  const words = [name, spec && formatRunningTime(spec), `${request.quality} quality`, posterOf(film, request)];
  return words.filter(Boolean).join(' · ');
}

function madeBy({ requester, times }: RenderView, now: number): string {
  return [requester, formatAgo(times.ended ?? times.queued, now)].filter(Boolean).join(' · ');
}

/** How far it is, and how long it still takes. */
function Going({ status }: { status: VideoStatus }) {
  const { steps, progress, elapsedMilliseconds, timeLeft, reuse, patience } = status;
  return (
    <>
      <div className="share-progress">
        <progress aria-label="Progress of the video" max={1} value={progress} />
        <p>
          <span>{formatDuration(elapsedMilliseconds)}</span>
          <span>{timeLeft}</span>
        </p>
      </div>
      <StepLine steps={steps} />
      {(reuse ?? patience) !== null && <p className="share-note">{[reuse, patience].filter(Boolean).join(' ')}</p>}
    </>
  );
}

interface ActionsProps {
  video: RenderView;
  status: VideoStatus;
  sharing: VideoSectionProps['sharing'];
  rendering: Rendering;
}

function CardActions({ video, status, sharing, rendering }: ActionsProps) {
  const { busy, mayChange } = rendering;
  const { render, run } = video;
  const { phase, problem, mayCancel, mayRetry } = status;
  const isBusyHere = busy !== null && 'render' in busy && busy.render === render;
  return (
    <div className="share-row share-row-end">
      {phase === 'ready' && <DownloadVideo video={video} sharing={sharing} />}
      {run && (
        <a className="share-quiet" href={run.url} target="_blank" rel="noreferrer">
          {phase === 'active' ? 'Watch the run' : 'Log of the run'}
        </a>
      )}
      {mayChange && mayCancel && (
        <button
          type="button"
          className="share-action"
          aria-disabled={busy !== null}
          onClick={() => rendering.cancel(render)}
        >
          {isBusyHere ? 'Cancelling …' : 'Cancel'}
        </button>
      )}
      {mayChange && mayRetry && (
        <button
          type="button"
          className={problem?.remedy === 'change' ? 'share-action' : 'share-action share-action-primary'}
          aria-disabled={busy !== null}
          onClick={() => rendering.retry(render)}
        >
          {isBusyHere ? 'Asking …' : 'Retry'}
        </button>
      )}
    </div>
  );
}
