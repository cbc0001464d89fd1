/** The videos of a version: those that there are, and the way to another one. */
import { useEffect, useId, useRef, useState } from 'react';
import { Icon } from './icons.tsx';
import { CallRefused } from './notices.tsx';
import type { JumpTo } from './share-sheet.tsx';
import { useFocusKept } from './use-focus-kept.ts';
import type { Sharing } from './use-publish.ts';
import type { Rendering } from './use-renders.ts';
import { VideoCard } from './video-card.tsx';
import { VideoMaker } from './video-maker.tsx';

export interface VideoSectionProps {
  sharing: Sharing;
  rendering: Rendering;
  onJump?: ((place: JumpTo) => void) | undefined;
}

export function VideoSection({ sharing, rendering, onJump }: VideoSectionProps) {
  const { version, videos, mayChange, unavailable, refusal, isChosen } = rendering;
  const [isMaking, setMaking] = useState(false);
  const begin = useRef<HTMLButtonElement>(null);
  const titleId = useId();
  const makerId = useId();
  const title = useRef<HTMLHeadingElement>(null);
  useFocusKept(begin, String(isMaking));
  // Who picked a version further down is brought to its videos.
  useEffect(() => {
    if (isChosen) title.current?.focus();
  }, [isChosen]);
  if (unavailable) return <p className="share-note">The videos cannot be shown: {unavailable.detail}</p>;
  if (!mayChange && videos.length === 0 && !isChosen) return null;
  return (
    <section className="share-section share-videos" aria-labelledby={titleId} data-version={version}>
      <div className="share-section-head">
        <h3 id={titleId} ref={title} tabIndex={-1}>
          Video of version {version}
        </h3>
        {mayChange && (
          <button
            type="button"
            ref={begin}
            className="share-action"
            aria-expanded={isMaking}
            aria-controls={makerId}
            onClick={() => setMaking(!isMaking)}
          >
            <Icon name="film" />
            {videos.length === 0 ? 'Make a video' : 'Make another'}
          </button>
        )}
      </div>
      {refusal && <CallRefused problem={refusal} onDismiss={rendering.dismiss} />}
      {videos.length === 0 && !isMaking && (
        <p className="share-note">The same film as a file: rendered from the bytes that the link shows.</p>
      )}
      <div id={makerId} hidden={!isMaking}>
        {isMaking && <VideoMaker rendering={rendering} onDone={() => setMaking(false)} />}
      </div>
      {videos.length > 0 && (
        <ul className="share-video-list">
          {videos.map((video) => (
            <VideoCard key={video.render} video={video} sharing={sharing} rendering={rendering} onJump={onJump} />
          ))}
        </ul>
      )}
    </section>
  );
}
