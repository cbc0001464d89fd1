/** The versions that were shared: which have a link, which one `latest` is, and what may be done with each. */
import { useEffect, useId, useRef, useState } from 'react';
import type { ThreadView } from './control-plane.ts';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icons.tsx';
import { LinkMaker } from './link-maker.tsx';
import type { SharedVersion, VersionMark } from './shared-versions.ts';
import { useFocusKept } from './use-focus-kept.ts';
import type { Sharing } from './use-publish.ts';
import { formatAgo } from './words.ts';

/** Rows shown before the rest is asked for. */
const FIRST_ROWS = 6;

const MARKS: Readonly<Record<VersionMark, string>> = {
  link: 'Link',
  takenDown: 'Taken down',
  active: 'On its way',
  none: 'No link',
};

interface ListProps {
  sharing: Sharing;
  thread: ThreadView;
  /** Shows the videos of a version. */
  onVideos?: ((version: number) => void) | null | undefined;
}

export function VersionList({ sharing, thread, onVideos }: ListProps) {
  const [isLong, setLong] = useState(false);
  const { versions } = sharing;
  const shown = isLong ? versions : versions.slice(0, FIRST_ROWS);
  const latestUrl = latestUrlOf(versions);
  const titleId = useId();
  return (
    <section className="share-section" aria-labelledby={titleId}>
      <div className="share-section-head">
        <h3 id={titleId}>Versions</h3>
        {thread.visibility === 'public' && thread.latest !== null && latestUrl !== null && (
          <CopyButton text={latestUrl} icon="link">
            Copy latest link
          </CopyButton>
        )}
      </div>
      {!thread.isWritten && (
        <p className="share-note" role="status">
          Telling the edge … Links follow within a minute.
        </p>
      )}
      <ul className="share-versions">
        {shown.map((row) => (
          <VersionRow key={row.version} row={row} sharing={sharing} thread={thread} onVideos={onVideos} />
        ))}
      </ul>
      {versions.length > shown.length && (
        <button type="button" className="share-quiet" onClick={() => setLong(true)}>
          Show {versions.length - shown.length} more
        </button>
      )}
    </section>
  );
}

/** `/p/{thread}/latest` lies beside `/p/{thread}/5`. */
function latestUrlOf(versions: readonly SharedVersion[]): string | null {
  const url = versions.find((version) => version.url !== null)?.url;
  return url == null ? null : new URL('latest', url).href;
}

interface RowProps extends ListProps {
  row: SharedVersion;
}

function VersionRow(props: RowProps) {
  const { row, sharing, thread } = props;
  const [isOpen, setOpen] = useState(false);
  const moreId = useId();
  const more = useRef<HTMLButtonElement>(null);
  const { version, mark, isLatest, by, at, url } = row;
  const isOpenToAll = mark === 'link' && url !== null && thread.visibility === 'public';
  const hasMore = isOpenToAll || (sharing.mayChange && mark !== 'active');
  useFocusKept(more, `${mark} ${isLatest}`, isOpen);
  return (
    <li data-mark={mark} data-version={version}>
      <div className="share-version">
        <span className="share-number">{version}</span>
        <span className="share-mark">
          {mark === 'link' && <Icon name="link" />}
          {MARKS[mark]}
        </span>
        {isLatest && <span className="share-latest">latest</span>}
        <span className="share-by">
          {[by, at === null ? null : formatAgo(at, Date.now())].filter(Boolean).join(' · ')}
        </span>
        {hasMore && (
          <button
            type="button"
            ref={more}
            className="share-plain"
            aria-label={`More for version ${version}`}
            aria-expanded={isOpen}
            aria-controls={moreId}
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name="more" />
          </button>
        )}
      </div>
      <div id={moreId} hidden={!isOpen} className="share-more">
        {isOpen && <VersionActions {...props} />}
      </div>
    </li>
  );
}

function VersionActions({ row, sharing, thread, onVideos }: RowProps) {
  const { version, mark, isLatest, url } = row;
  const [isAsking, setAsking] = useState(false);
  const ask = useRef<HTMLButtonElement>(null);
  useFocusKept(ask, String(isAsking));
  const { busy, mayChange } = sharing;
  const isIdle = busy === null;
  if (mark === 'takenDown') {
    return (
      <div className="share-row">
        <button type="button" className="share-action" aria-disabled={!isIdle} onClick={() => sharing.restore(version)}>
          Restore
        </button>
        <p className="share-size">Its link works again within a minute.</p>
      </div>
    );
  }
  if (isAsking) return <TakeDown version={version} sharing={sharing} onDone={() => setAsking(false)} />;
  return (
    <>
      <div className="share-row">
        {mark === 'link' && url !== null && thread.visibility === 'public' && <OpenLink url={url} />}
        {onVideos && mark === 'link' && (
          <button type="button" className="share-action" onClick={() => onVideos(version)}>
            <Icon name="film" />
            Videos
          </button>
        )}
        {mayChange && mark === 'link' && !isLatest && (
          <button
            type="button"
            className="share-action"
            aria-disabled={!isIdle}
            onClick={() => sharing.pinLatest(version)}
          >
            Make it latest
          </button>
        )}
        {mayChange && (
          <button
            type="button"
            ref={ask}
            className="share-action share-action-danger"
            aria-disabled={!isIdle}
            onClick={() => setAsking(true)}
          >
            Take down …
          </button>
        )}
      </div>
      {mark === 'link' && <LinkMaker sharing={sharing} version={version} />}
    </>
  );
}

function OpenLink({ url }: { url: string }) {
  return (
    <>
      <CopyButton text={url} icon="link">
        Copy link
      </CopyButton>
      <a className="share-action" href={url} target="_blank" rel="noreferrer">
        <Icon name="open" />
        Open
      </a>
    </>
  );
}

/** Asks before a link that people have stops working. */
function TakeDown({ version, sharing, onDone }: { version: number; sharing: Sharing; onDone(): void }) {
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div
      role="group"
      aria-label={`Take version ${version} down`}
      className="share-confirm"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onDone();
      }}
    >
      <p>Take version {version} down? Whoever has its link sees that it is gone. You can restore it later.</p>
      <div className="share-row">
        <button
          type="button"
          className="share-action share-action-danger"
          aria-disabled={sharing.busy !== null}
          onClick={() => {
            sharing.takeDown(version);
            onDone();
          }}
        >
          Take down
        </button>
        <button type="button" ref={keep} className="share-action" onClick={onDone}>
          Keep it
        </button>
      </div>
    </div>
  );
}
