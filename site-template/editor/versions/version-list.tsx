/** The versions of the thread, live: who saved them and when, which are published, and which one `latest` is. */
import { useQuery } from 'convex/react';
import { useEffect, useState } from 'react';
import { toast } from 'sonner';
import { api } from '../../../convex/_generated/api.js';
import { Button } from '../ui/button.tsx';
import { ChevronDownIcon, CompareIcon, EyeIcon, HistoryIcon, LinkIcon, PencilIcon } from '../ui/icons.tsx';
import { Menu, MenuItem, MenuLabel, MenuLink } from '../ui/menu.tsx';
import { readRefusal } from '../ui/refusal.ts';
import { formatAgo, formatTime } from '../ui/time.ts';
import { useWorkspace, useWorkspaceState } from '../workspace.ts';
import { CompareDialog } from './compare-dialog.tsx';
import { useLoadVersion } from './use-load-version.ts';
import styles from './version-list.module.css';

type Version = (typeof api.versions.list)['_returnType'][number];

/** What is compared: a version with the one before it, or with the working copy. */
type Comparing = { before: number; after: number | 'now' } | null;

export function VersionList() {
  const { thread } = useWorkspaceState((state) => state.thread);
  const versions = useQuery(api.versions.list, { thread });
  const publishes = useQuery(api.publishes.listByThread, { thread });
  const control = useQuery(api.threads.get, { thread });
  const [comparing, setComparing] = useState<Comparing>(null);
  const now = useNow();
  const urls = new Map(publishes?.flatMap(({ version, url }) => (url === null ? [] : [[version, url]])));
  return (
    <section className={styles.versions} aria-label="Versions">
      <h2>Versions</h2>
      {versions?.length === 0 && <p className={styles.empty}>Nothing is saved yet. Save makes the first version.</p>}
      <ol>
        {versions?.map((version) => (
          <VersionRow
            key={version.version}
            version={version}
            now={now}
            url={urls.get(version.version) ?? null}
            isLatest={control?.latest === version.version}
            isDown={control?.tombstones.includes(version.version) ?? false}
            onCompare={setComparing}
          />
        ))}
      </ol>
      {comparing !== null && <CompareDialog {...comparing} onClose={() => setComparing(null)} />}
    </section>
  );
}

interface VersionRowProps {
  version: Version;
  now: number;
  url: string | null;
  isLatest: boolean;
  isDown: boolean;
  onCompare(comparing: Comparing): void;
}

function VersionRow({ version: row, now, url, isLatest, isDown, onCompare }: VersionRowProps) {
  const { version, author, savedAt } = row;
  const isBase = useWorkspaceState((state) => state.base.version === version);
  const isDirty = useWorkspaceState((state) => state.dirty);
  return (
    <li className={styles.version} data-base={isBase}>
      <VersionMenu row={row} url={url} isBase={isBase} onCompare={onCompare} />
      <p className={styles.about}>
        {author ?? 'Somebody'},{' '}
        <time dateTime={new Date(savedAt).toISOString()} title={formatTime(savedAt)}>
          {formatAgo(savedAt, now)}
        </time>
        {isBase && isDirty && <span>, and your draft</span>}
      </p>
      <span className={styles.marks}>
        {isLatest && <span className={styles.latest}>latest</span>}
        {isDown && <span className={styles.down}>taken down</span>}
        {url !== null && !isDown && (
          <a href={url} target="_blank" rel="noreferrer" aria-label={`Open the page of version ${version}`} title={url}>
            <LinkIcon size={14} />
          </a>
        )}
      </span>
    </li>
  );
}

interface VersionMenuProps {
  row: Version;
  url: string | null;
  isBase: boolean;
  onCompare(comparing: Comparing): void;
}

function VersionMenu({ row: { version }, url, isBase, onCompare }: VersionMenuProps) {
  const workspace = useWorkspace();
  const canEdit = useWorkspaceState((state) => state.access === 'edit');
  const load = useLoadVersion();
  const restore = async (): Promise<void> => {
    try {
      const { files } = await load(version);
      const before = workspace.getState().files;
      workspace.change(() => files);
      const undo = () => workspace.change(() => before);
      toast(`The files of version ${version} are back, as a draft. Save to make them a version.`, {
        action: { label: 'Undo', onClick: undo },
      });
    } catch (error) {
      toast.error(readRefusal(error).message);
    }
  };
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(url ?? '');
    toast.success('The link is copied.');
  };
  const trigger = (
    <Button look="quiet" small className={styles.name ?? ''}>
      Version {version}
      <ChevronDownIcon size={13} />
    </Button>
  );
  return (
    <Menu trigger={trigger}>
      <MenuLabel>Version {version}</MenuLabel>
      <MenuItem icon={<CompareIcon />} onSelect={() => onCompare({ before: version, after: 'now' })}>
        Compare with what is open
      </MenuItem>
      <MenuItem
        icon={<HistoryIcon />}
        disabled={version === 1}
        onSelect={() => onCompare({ before: version - 1, after: version })}
      >
        What changed in it
      </MenuItem>
      {canEdit && (
        <MenuItem icon={<PencilIcon />} onSelect={() => void restore()}>
          {isBase ? 'Go back to it' : 'Restore it'}
        </MenuItem>
      )}
      {url !== null && (
        <>
          <MenuLink icon={<EyeIcon />} href={url}>
            Open its page
          </MenuLink>
          <MenuItem icon={<LinkIcon />} onSelect={() => void copy()}>
            Copy its link
          </MenuItem>
        </>
      )}
    </Menu>
  );
}

/** Half a minute is as exact as the list is. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
