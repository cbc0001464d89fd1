/** What stands above everything else in the sheet: a call that was refused, code in the way, work not shared yet. */
import type { ThreadView } from './control-plane.ts';
import { Icon } from './icons.tsx';
import type { Problem } from './problems.ts';
import type { JumpTo } from './share-sheet.tsx';
import { isPreparing, type Sharing } from './use-publish.ts';

export function CallRefused({ problem, onDismiss }: { problem: Problem; onDismiss(): void }) {
  const { code, headline, detail, advice } = problem;
  // The control plane says when the next call may come: there is nothing to add.
  const isOften = code === 'TOO_MANY_REQUESTS';
  return (
    <div className="share-banner" data-kind="warning" role="alert">
      <Icon name="warning" />
      <p>
        {isOften ? null : <strong>{headline}. </strong>}
        {detail} {isOften ? null : advice}
      </p>
      <button type="button" className="share-plain" aria-label="Dismiss" onClick={onDismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** Why Share cannot be pressed, with the way to the line. */
export function CodeBlocks({ sharing, onJump }: { sharing: Sharing; onJump?: ((to: JumpTo) => void) | undefined }) {
  const { availability } = sharing;
  if (availability.kind === 'ready') return null;
  const file = availability.place?.file;
  return (
    <div className="share-banner" data-kind={availability.place ? 'failed' : 'calm'}>
      <Icon name={availability.place ? 'cross' : 'dash'} />
      <p>{availability.reason}</p>
      {onJump && file !== undefined && (
        <button type="button" className="share-action" onClick={() => onJump({ ...availability.place, file })}>
          Show
        </button>
      )}
    </div>
  );
}

/** Offers to share what has no link: the first version, changes, or a newer version that nobody has shared. */
export function NotShared(props: { sharing: Sharing; thread: ThreadView; hasChanges: boolean }) {
  const { sharing, thread, hasChanges } = props;
  const { current, busy, availability } = sharing;
  if (availability.kind === 'blocked' || isPreparing(busy)) return null;
  const newestShared = Math.max(0, ...sharing.versions.map(({ version }) => version));
  if (!hasChanges && current && newestShared >= thread.newest) return null;
  return (
    <div className={current ? 'share-banner' : 'share-first'} data-kind="calm">
      {current ? (
        <p>
          {hasChanges ? 'You have changes that are not shared yet.' : `Version ${thread.newest} is not shared yet.`}
        </p>
      ) : (
        <p>
          A permanent link to this very version. It opens anywhere, needs no sign-in, and never changes, whatever you
          edit later.
        </p>
      )}
      <button
        type="button"
        className="share-action share-action-primary"
        aria-disabled={busy !== null}
        onClick={sharing.share}
      >
        {current ? 'Share now' : 'Share'}
      </button>
    </div>
  );
}
