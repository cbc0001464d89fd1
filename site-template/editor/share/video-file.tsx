/** A finished video: its poster, and the way to the file. */
import { useRef, useState } from 'react';
import { formatBytes } from './contract.ts';
import type { RenderView } from './control-plane.ts';
import { Icon } from './icons.tsx';
import { useFocusKept } from './use-focus-kept.ts';
import type { Sharing } from './use-publish.ts';
import { downloadUrlOf, posterUrlOf } from './video-links.ts';

/** How long the link to the file of an unlisted version opens, in seconds. */
const LINK_SECONDS = 60 * 60;

interface FileProps {
  video: RenderView;
  sharing: Sharing;
}

/** A picture that cannot be had leaves a sign in its place. */
export function VideoPoster({ video, sharing }: FileProps) {
  const [isMissing, setMissing] = useState(false);
  const url = isUnlisted(sharing) || isMissing ? null : posterUrlOf(video);
  return (
    <span className="share-poster">
      {url === null ? <Icon name="film" /> : <img src={url} alt="" loading="lazy" onError={() => setMissing(true)} />}
    </span>
  );
}

export function DownloadVideo({ video, sharing }: FileProps) {
  const [page, setPage] = useState<string | null>(null);
  const file = useRef<HTMLAnchorElement>(null);
  useFocusKept(file, page ?? '');
  const { busy, mayChange } = sharing;
  const isClosed = isUnlisted(sharing) && page === null;
  const url = isClosed ? null : downloadUrlOf(video, page);
  const size = video.video === null ? '' : formatBytes(video.video.bytes);
  if (url !== null) {
    return (
      <a ref={file} className="share-action share-action-primary share-fetch" href={url} download>
        <Icon name="download" />
        Download <span className="share-bytes">{size}</span>
      </a>
    );
  }
  if (!isClosed) return null;
  if (!mayChange) return <p className="share-note">{size}. This thread is unlisted: an editor can send it to you.</p>;
  const isLinking = busy?.kind === 'link' && busy.version === video.version;
  const link = async (): Promise<void> => setPage((await sharing.createLink(video.version, LINK_SECONDS))?.url ?? null);
  return (
    <>
      <button
        type="button"
        className="share-action share-fetch"
        aria-disabled={busy !== null}
        onClick={() => void link()}
      >
        <Icon name="download" />
        {isLinking ? 'Creating …' : 'Create download link'} <span className="share-bytes">{size}</span>
      </button>
      <p className="share-note">This thread is unlisted: the link opens for an hour.</p>
    </>
  );
}

function isUnlisted({ access }: Sharing): boolean {
  return access.kind === 'open' && access.thread.visibility === 'unlisted';
}
