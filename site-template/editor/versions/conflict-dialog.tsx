/** Two people have changed the same version: shows who changed what, and lets the person choose, file by file. */
import { useState } from 'react';
import type { Newer } from '../drafts/thread-session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { type Files, useWorkspaceState } from '../workspace.ts';
import { ChangedFiles } from './changed-files.tsx';
import styles from './compare.module.css';
import { changesBetween, merged, planMerge, type Side } from './file-changes.ts';
import { FileDiff } from './file-diff.tsx';

interface ConflictDialogProps {
  newer: Newer;
  onClose(): void;
  /** The working copy from now on, made from the newer version. */
  onSettle(files: Files): void;
}

export function ConflictDialog({ newer, onClose, onSettle }: ConflictDialogProps) {
  const { base, theirs } = newer;
  const mine = useWorkspaceState((state) => state.files);
  const [sides, setSides] = useState<ReadonlyMap<string, Side>>(new Map());
  const [chosen, show] = useState<string | null>(null);
  const { conflicts, settled } = planMerge(base, mine, theirs.files);
  const sideOf = (path: string): Side => sides.get(path) ?? 'mine';
  const changes = changesBetween(theirs.files, mine);
  const path = chosen ?? conflicts[0] ?? changes[0]?.path ?? null;
  const them = theirs.author ?? 'Somebody';
  const foot = (
    <>
      <Button onClick={() => onSettle(theirs.files)}>Discard mine</Button>
      <Button onClick={() => onSettle(mine)}>Keep only mine</Button>
      <Button look="primary" onClick={() => onSettle(merged(base, mine, theirs.files, sideOf))}>
        Combine both
      </Button>
    </>
  );
  const noteOf = (file: string) =>
    conflicts.includes(file) ? (
      <Choice
        path={file}
        them={them}
        side={sideOf(file)}
        onChoose={(side) => setSides(new Map(sides).set(file, side))}
      />
    ) : (
      <p className={styles.note}>
        changed by {settled.find((each) => each.path === file)?.side === 'mine' ? 'you' : them}
      </p>
    );
  const title = `Your changes and version ${theirs.version} by ${them}`;
  const description = describe(conflicts.length, settled, them);
  const names = { before: `${them}, version ${theirs.version}`, after: 'Yours' };
  return (
    <Dialog title={title} description={description} width={1180} foot={foot} onClose={onClose}>
      {path === null ? (
        <p className={styles.same}>There is no difference: both have the same files.</p>
      ) : (
        <div className={styles.compare}>
          <ChangedFiles changes={changes} chosen={path} onChoose={show} noteOf={noteOf} />
          <FileDiff key={path} path={path} before={theirs.files.get(path)} after={mine.get(path)} names={names} />
        </div>
      )}
    </Dialog>
  );
}

function describe(conflicts: number, settled: readonly { side: Side }[], them: string): string {
  const mine = settled.filter(({ side }) => side === 'mine').length;
  const rest = [
    ...(mine > 0 ? [`${count(mine)} changed only by you`] : []),
    ...(settled.length > mine ? [`${count(settled.length - mine)} changed only by ${them}`] : []),
  ].join(' and ');
  if (conflicts === 0) return `You have not changed the same files (${rest}), so they can be combined as they are.`;
  const besides = rest === '' ? '' : ` Besides, there ${settled.length === 1 ? 'is' : 'are'} ${rest}.`;
  return `${count(conflicts)} changed by both of you: choose whose is kept.${besides}`;
}

function count(files: number): string {
  return files === 1 ? '1 file' : `${files} files`;
}

interface ChoiceProps {
  path: string;
  them: string;
  side: Side;
  onChoose(side: Side): void;
}

function Choice({ path, them, side, onChoose }: ChoiceProps) {
  return (
    <fieldset className={styles.choice}>
      <legend className="visually-hidden">Whose {path} is kept</legend>
      {(['mine', 'theirs'] as const).map((each) => (
        <label key={each}>
          <input type="radio" name={`side-${path}`} checked={side === each} onChange={() => onChoose(each)} />
          {each === 'mine' ? 'Mine' : them}
        </label>
      ))}
    </fieldset>
  );
}
