/** The files that differ, to choose from. */
import type { ReactNode } from 'react';
import styles from './compare.module.css';
import type { FileChange } from './file-changes.ts';

interface ChangedFilesProps {
  changes: readonly FileChange[];
  chosen: string;
  onChoose(path: string): void;
  /** Shown beside a file. */
  noteOf?(path: string): ReactNode;
}

export function ChangedFiles({ changes, chosen, onChoose, noteOf }: ChangedFilesProps) {
  return (
    <ul className={styles.files} aria-label="Files that differ">
      {changes.map(({ path, kind }) => (
        <li key={path}>
          <button type="button" aria-current={path === chosen ? 'true' : 'false'} onClick={() => onChoose(path)}>
            <span className={styles.path}>{path}</span>
            <span className={styles.kind} data-kind={kind}>
              {kind}
            </span>
          </button>
          {noteOf?.(path)}
        </li>
      ))}
    </ul>
  );
}
