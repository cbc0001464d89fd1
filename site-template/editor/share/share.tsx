/** Share, whole: the button, the sheet, and what a screen reader is told while the sheet is closed. */
import { useState } from 'react';
import type { PublishLine, RenderView } from './control-plane.ts';
import type { EmbedSize } from './embed-snippet.ts';
import { ShareButton } from './share-button.tsx';
import { type JumpTo, ShareSheet } from './share-sheet.tsx';
import { statusOf } from './status-model.ts';
import { type PublishOptions, usePublish } from './use-publish.ts';
import { useRenders } from './use-renders.ts';

export interface ShareProps extends Omit<PublishOptions, 'onEnd'> {
  /** A publish that was under way has ended. While the sheet is open, it has told the person. */
  onEnd?: ((publish: PublishLine, isSheetOpen: boolean) => void) | undefined;
  /** As `onEnd`, of a video. */
  onVideoEnd?: ((video: RenderView, isSheetOpen: boolean) => void) | undefined;
  /** Goes to a place in the project's files. The sheet is closed before. */
  onJump?: ((place: JumpTo) => void) | undefined;
  /** Of the picture, for the embed snippet; 16 : 9 by default. */
  embedSize?: EmbedSize | undefined;
  /** Whether there is work that no version has yet. The sheet then offers to share it. */
  hasChanges?: boolean | undefined;
}

export function Share(props: ShareProps) {
  return <ThreadShare key={props.thread} {...props} />;
}

function ThreadShare({ onJump, onEnd, onVideoEnd, embedSize, hasChanges, ...options }: ShareProps) {
  const [isOpen, setOpen] = useState(false);
  const sharing = usePublish({ ...options, onEnd: onEnd && ((publish) => onEnd(publish, isOpen)) });
  const { functions } = options;
  const renders = useRenders({ sharing, functions, onEnd: onVideoEnd && ((video) => onVideoEnd(video, isOpen)) });
  const { current } = sharing;
  return (
    <div className="share">
      <ShareButton sharing={sharing} isOpen={isOpen} onOpen={() => setOpen(true)} />
      <span role="status" className="share-unseen">
        {current && !isOpen ? statusOf(current, 0).announcement : ''}
      </span>
      <ShareSheet
        sharing={sharing}
        renders={renders}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onJump={onJump}
        embedSize={embedSize}
        hasChanges={hasChanges}
      />
    </div>
  );
}
