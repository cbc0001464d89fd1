/** Makes a signed link that expires. */
import { useId, useState } from 'react';
import { CopyButton, LinkField } from './copy-button.tsx';
import type { Sharing } from './use-publish.ts';
import { formatDay } from './words.ts';

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
/** Lives of a link, in seconds. */
const LIVES = [
  { seconds: HOUR, words: '1 hour' },
  { seconds: DAY, words: '1 day' },
  { seconds: 7 * DAY, words: '7 days' },
  { seconds: 30 * DAY, words: '30 days' },
  { seconds: 365 * DAY, words: '1 year' },
] as const;

interface LinkMakerProps {
  sharing: Sharing;
  version: number;
  /** Whether it stands in the place of the pinned link, which opens for nobody while a thread is unlisted. */
  isMain?: boolean;
}

export function LinkMaker({ sharing, version, isMain = false }: LinkMakerProps) {
  const [seconds, setSeconds] = useState<number>(7 * DAY);
  const [made, setMade] = useState<{ url: string; expires: number } | null>(null);
  const lifeId = useId();
  const { busy, mayChange } = sharing;
  if (!mayChange) return isMain ? <p className="share-note">Only links that an editor creates open.</p> : null;
  return (
    <div className="share-maker">
      {isMain && <p className="share-note">This thread is unlisted: only links that you create open.</p>}
      <div className="share-row">
        <label htmlFor={lifeId}>{isMain ? 'One that opens for' : 'A link that opens for'}</label>
        <select id={lifeId} value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
          {LIVES.map((life) => (
            <option key={life.seconds} value={life.seconds}>
              {life.words}
            </option>
          ))}
        </select>
        <button
          type="button"
          className={isMain && made === null ? 'share-action share-action-primary' : 'share-action'}
          aria-disabled={busy !== null}
          onClick={() => void sharing.createLink(version, seconds).then((link) => link && setMade(link))}
        >
          {busy?.kind === 'link' && busy.version === version ? 'Creating …' : 'Create link'}
        </button>
      </div>
      {made && (
        <>
          <div className="share-link">
            <LinkField url={made.url} label={`Expiring link of version ${version}`} />
            <CopyButton text={made.url} icon="link" primary>
              Copy link
            </CopyButton>
          </div>
          <p className="share-note" role="status">
            Opens until {formatDay(made.expires * 1000)} for whoever has it. Create another one at any time.
          </p>
        </>
      )}
    </div>
  );
}
