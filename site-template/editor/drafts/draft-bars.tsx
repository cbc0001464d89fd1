/** What stands above the code when this is not the only hand: another window, another person, or a role that only looks. */
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { ConflictDialog } from '../versions/conflict-dialog.tsx';
import { useWorkspaceState } from '../workspace.ts';
import styles from './draft-bars.module.css';
import type { Newer, ThreadSession } from './thread-session.ts';

interface DraftBarsProps {
  session: ThreadSession;
  newer: Newer | null;
  isElsewhere: boolean;
}

export function DraftBars({ session, newer, isElsewhere }: DraftBarsProps) {
  const role = useWorkspaceState(({ thread }) => thread.role);
  const [isChoosing, setChoosing] = useState(false);
  if (role === 'viewer') {
    return (
      <div className={styles.bar} role="status">
        <p>You may look at this thread. To change it, ask the owner of the project to make you an editor.</p>
      </div>
    );
  }
  if (isElsewhere) {
    return (
      <div className={`${styles.bar} ${styles.warn}`} role="status">
        <p>
          <strong>You are editing this thread in another window.</strong> This one shows what you write there.
        </p>
        <Button small onClick={() => session.takePen()}>
          Edit here instead
        </Button>
      </div>
    );
  }
  if (newer === null) return null;
  const { version, author } = newer.theirs;
  return (
    <div className={`${styles.bar} ${styles.warn}`} role="alert">
      <p>
        <strong>
          {author ?? 'Somebody'} saved version {version}
        </strong>{' '}
        while you have changes that are not saved. Nothing is lost: choose how to go on.
      </p>
      <Button small look="primary" onClick={() => setChoosing(true)}>
        Compare and choose
      </Button>
      {isChoosing && (
        <ConflictDialog
          newer={newer}
          onClose={() => setChoosing(false)}
          onSettle={(files) => {
            setChoosing(false);
            session.settle(files);
          }}
        />
      )}
    </div>
  );
}
