/** The sheet: what becomes of a publish, its link, its videos, and the versions that were shared before. */
import { type MouseEvent, useEffect, useId, useRef } from 'react';
import type { Place } from './control-plane.ts';
import type { EmbedSize } from './embed-snippet.ts';
import { Icon } from './icons.tsx';
import { CallRefused, CodeBlocks, NotShared } from './notices.tsx';
import { PreparingPanel, PublishPanel } from './publish-panel.tsx';
import { isPreparing, type Sharing } from './use-publish.ts';
import type { Renders } from './use-renders.ts';
import { VersionList } from './version-list.tsx';
import { VideoSection } from './video-section.tsx';
import { VisibilityChoice } from './visibility-choice.tsx';

/** Line and column count from 1, as far as they are known. */
export type JumpTo = Place & { file: string };

export interface ShareSheetProps {
  sharing: Sharing;
  /** What `useRenders` answers. Without it the sheet knows nothing of videos. */
  renders?: Renders | undefined;
  isOpen: boolean;
  /** The sheet was closed: by key, by pointer, or to jump to a place. */
  onClose(): void;
  onJump?: ((place: JumpTo) => void) | undefined;
  embedSize?: EmbedSize | undefined;
  hasChanges?: boolean | undefined;
}

export function ShareSheet(props: ShareSheetProps) {
  const { sharing, isOpen, onClose, onJump } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const titleId = useId();
  useEffect(() => {
    if (!isOpen || dialog.current?.open !== false) return;
    dialog.current.showModal();
    title.current?.focus();
    return () => dialog.current?.close();
  }, [isOpen]);
  const jump = (place: JumpTo): void => {
    // Closing gives the focus back, and the jump is to have it.
    dialog.current?.close();
    onJump?.(place);
  };
  const closeFromOutside = (event: MouseEvent): void => {
    if (event.target === dialog.current) dialog.current?.close();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard has Escape, which the dialog handles itself
    <dialog ref={dialog} className="share-sheet" aria-labelledby={titleId} onClose={onClose} onClick={closeFromOutside}>
      {isOpen && (
        <div className="share-sheet-inside">
          <header className="share-sheet-head">
            <h2 id={titleId} ref={title} tabIndex={-1}>
              Share
            </h2>
            {sharing.access.kind === 'open' && <p>{sharing.access.thread.title}</p>}
            <button type="button" className="share-plain" aria-label="Close" onClick={() => dialog.current?.close()}>
              <Icon name="close" />
            </button>
          </header>
          <SheetBody {...props} onJump={onJump && jump} />
        </div>
      )}
    </dialog>
  );
}

function SheetBody({ sharing, renders, onJump, embedSize, hasChanges = false }: ShareSheetProps) {
  const { access, busy, current, isConnected, refusal, versions } = sharing;
  if (access.kind === 'refused') {
    return <p className="share-note">{sharing.availability.kind === 'blocked' && sharing.availability.reason}</p>;
  }
  if (access.kind === 'loading') return <p className="share-note">Loading …</p>;
  const { thread } = access;
  const rendering = renders?.rendering;
  return (
    <div className="share-sheet-body">
      {!isConnected && (
        <p className="share-banner" data-kind="warning" role="status">
          <Icon name="warning" />
          The connection is lost. This goes on by itself when it is back.
        </p>
      )}
      {refusal && <CallRefused problem={refusal} onDismiss={sharing.dismiss} />}
      <CodeBlocks sharing={sharing} onJump={onJump} />
      <NotShared sharing={sharing} thread={thread} hasChanges={hasChanges} />
      {isPreparing(busy) && <PreparingPanel busy={busy} />}
      {current && !isPreparing(busy) && (
        <PublishPanel sharing={sharing} thread={thread} publish={current} onJump={onJump} embedSize={embedSize} />
      )}
      {rendering && !isPreparing(busy) && (
        <VideoSection key={rendering.version} sharing={sharing} rendering={rendering} onJump={onJump} />
      )}
      {versions.length > 0 && <VersionList sharing={sharing} thread={thread} onVideos={renders?.show} />}
      <VisibilityChoice sharing={sharing} thread={thread} />
    </div>
  );
}
