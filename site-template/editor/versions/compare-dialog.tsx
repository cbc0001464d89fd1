/** Two versions side by side, file by file; or a version and the working copy. */
import { useEffect, useState } from 'react';
import { Loading } from '../shell/loading.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { readRefusal } from '../ui/refusal.ts';
import { type Files, useWorkspace } from '../workspace.ts';
import { ChangedFiles } from './changed-files.tsx';
import styles from './compare.module.css';
import { changesBetween } from './file-changes.ts';
import { FileDiff } from './file-diff.tsx';
import { useLoadVersion } from './use-load-version.ts';

interface CompareDialogProps {
  before: number;
  after: number | 'now';
  onClose(): void;
}

type Sides =
  | { kind: 'loading' }
  | { kind: 'failed'; message: string }
  | { kind: 'loaded'; before: Files; after: Files };

export function CompareDialog({ before, after, onClose }: CompareDialogProps) {
  const sides = useSides(before, after);
  const names = { before: `Version ${before}`, after: after === 'now' ? 'What is open' : `Version ${after}` };
  return (
    <Dialog
      title={`${names.before} and ${after === 'now' ? 'what is open' : names.after}`}
      width={1180}
      onClose={onClose}
    >
      {sides.kind === 'loading' && <Loading what="Loading both" />}
      {sides.kind === 'failed' && <p role="alert">{sides.message}</p>}
      {sides.kind === 'loaded' && <Comparison before={sides.before} after={sides.after} names={names} />}
    </Dialog>
  );
}

interface ComparisonProps {
  before: Files;
  after: Files;
  names: { before: string; after: string };
}

export function Comparison({ before, after, names }: ComparisonProps) {
  const changes = changesBetween(before, after);
  const [chosen, choose] = useState<string | null>(null);
  const path = chosen ?? changes[0]?.path ?? null;
  if (path === null) return <p className={styles.same}>There is no difference: both have the same files.</p>;
  return (
    <div className={styles.compare}>
      <ChangedFiles changes={changes} chosen={path} onChoose={choose} />
      <FileDiff key={path} path={path} before={before.get(path)} after={after.get(path)} names={names} />
    </div>
  );
}

function useSides(before: number, after: number | 'now'): Sides {
  const load = useLoadVersion();
  const workspace = useWorkspace();
  const [sides, setSides] = useState<Sides>({ kind: 'loading' });
  useEffect(() => {
    let isGone = false;
    const { files } = workspace.getState();
    Promise.all([load(before), after === 'now' ? { files } : load(after)]).then(
      ([left, right]) => isGone || setSides({ kind: 'loaded', before: left.files, after: right.files }),
      (error) => isGone || setSides({ kind: 'failed', message: readRefusal(error).message }),
    );
    return () => {
      isGone = true;
    };
  }, [load, workspace, before, after]);
  return sides;
}
