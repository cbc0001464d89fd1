/** The button that shares, and beside it the one that opens the sheet without sharing. */
import { useId } from 'react';
import { Icon, ProgressRing } from './icons.tsx';
import { statusOf } from './status-model.ts';
import type { Busy, Sharing } from './use-publish.ts';

export interface ShareButtonProps {
  sharing: Sharing;
  /** The sheet is to open. */
  onOpen(): void;
  isOpen: boolean;
}

export function ShareButton({ sharing, onOpen, isOpen }: ShareButtonProps) {
  const { availability, busy, current } = sharing;
  const reasonId = useId();
  const status = current && statusOf(current, 0);
  const isActive = status?.phase === 'active';
  // What is under way may be watched by everybody, whatever the code is like.
  const reason = availability.kind === 'blocked' && !isActive ? availability.reason : null;
  const press = (): void => {
    if (reason !== null) return;
    if (!isActive) sharing.share();
    onOpen();
  };
  const working = busyWords(busy);
  return (
    <div className="share-split" data-phase={status?.phase ?? 'none'} data-state={status?.state}>
      <button
        type="button"
        className="share-press"
        aria-disabled={reason !== null}
        aria-describedby={reason === null ? undefined : reasonId}
        aria-haspopup="dialog"
        onClick={press}
      >
        {isActive && working === null ? <ProgressRing progress={status.progress} /> : <Icon name="share" />}
        <span>{working ?? (isActive ? status.steps.find(({ mark }) => mark === 'current')?.label : 'Share')}</span>
      </button>
      {reason !== null && (
        <span role="tooltip" id={reasonId} className="share-reason">
          {reason}
        </span>
      )}
      <button
        type="button"
        className="share-press share-press-more"
        aria-label={status?.phase === 'failed' ? 'Links and versions. The last share failed.' : 'Links and versions'}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={onOpen}
      >
        <Icon name="more" />
      </button>
    </div>
  );
}

/** What the button says while a press of Share is being carried out. */
function busyWords(busy: Busy | null): string | null {
  switch (busy?.kind) {
    case 'compiling':
      return 'Checking …';
    case 'saving':
      return 'Saving …';
    case 'requesting':
    case 'retrying':
      return 'Asking …';
    default:
      return null;
  }
}
