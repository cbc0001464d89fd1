/** One thread: files and versions at the left, code in the middle, the preview at the right; tabs on a phone. */
import { useQuery } from 'convex/react';
import { useEffect, useState } from 'react';
import { api } from '../../../convex/_generated/api.js';
import { CodePane } from '../code/code-pane.tsx';
import { DraftBars } from '../drafts/draft-bars.tsx';
import { useThreadSession } from '../drafts/use-thread-session.ts';
import { FileTree } from '../files/file-tree.tsx';
import { PreviewPane } from '../preview/preview-pane.tsx';
import { readRefusal } from '../ui/refusal.ts';
import { VersionList } from '../versions/version-list.tsx';
import { type OpenThread, useWorkspace, useWorkspaceState, WorkspaceContext } from '../workspace.ts';
import { Failure } from './failure.tsx';
import { Header } from './header.tsx';
import { Loading } from './loading.tsx';
import { ShortcutsKey, useShortcuts } from './shortcuts.tsx';
import styles from './thread-page.module.css';

export function ThreadPage({ name }: { name: string }) {
  const found = useQuery(api.threads.get, { thread: name });
  return found ? <OpenedThread thread={found} /> : <Loading what="Opening the thread" />;
}

type FoundThread = OpenThread & { newest: number; latest: number | null };

function OpenedThread({ thread }: { thread: FoundThread }) {
  const { session, state } = useThreadSession(thread);
  const { workspace, failure, newer, isElsewhere, isSaving } = state;
  if (failure !== null) {
    const { message, advice } = readRefusal(failure);
    return (
      <Failure title="The thread could not be opened" onRetry={() => location.reload()}>
        {message} {advice}
      </Failure>
    );
  }
  if (!session || !workspace) return <Loading what="Opening the thread" />;
  return (
    <WorkspaceContext value={workspace}>
      <div className={styles.page}>
        <Header isSaving={isSaving} />
        <DraftBars session={session} newer={newer} isElsewhere={isElsewhere} />
        <Regions />
      </div>
    </WorkspaceContext>
  );
}

const REGIONS = ['files', 'code', 'preview'] as const;
type Region = (typeof REGIONS)[number];
const NAMES: Readonly<Record<Region, string>> = { files: 'Files', code: 'Code', preview: 'Preview' };

function Regions() {
  const workspace = useWorkspace();
  // On a phone one looks first, and edits later.
  const [shown, show] = useState<Region>('preview');
  useShortcuts(workspace);
  // A place in the code was asked for: from the preview, or from Share.
  const jump = useWorkspaceState((state) => state.jump);
  useEffect(() => {
    if (jump !== null) show('code');
  }, [jump]);
  return (
    <>
      <ShortcutsKey />
      <main className={styles.regions} data-shown={shown}>
        <aside className={styles.side} aria-label="Files and versions">
          <FileTree onOpened={() => show('code')} />
          <VersionList />
        </aside>
        <section className={styles.code} aria-label="Code">
          <CodePane />
        </section>
        <div className={styles.preview}>
          <PreviewPane />
        </div>
      </main>
      <nav className={styles.switch} aria-label="Parts">
        {REGIONS.map((region) => (
          <button key={region} type="button" aria-pressed={shown === region} onClick={() => show(region)}>
            {NAMES[region]}
          </button>
        ))}
      </nav>
    </>
  );
}
