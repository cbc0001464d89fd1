/** Where a path is typed: says at once what is wrong with it. */
import { useId, useState } from 'react';
import styles from './file-tree.module.css';

interface NameFieldProps {
  label: string;
  start: string;
  /** Null when the path will do. */
  problemOf(path: string): string | null;
  onDone(path: string): void;
  onCancel(): void;
}

export function NameField({ label, start, problemOf, onDone, onCancel }: NameFieldProps) {
  const [path, setPath] = useState(start);
  const hint = useId();
  const problem = problemOf(path);
  const isTouched = path !== start;
  return (
    <form
      className={styles.naming}
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === null) (isTouched ? onDone : onCancel)(path);
      }}
    >
      <input
        aria-label={label}
        aria-describedby={hint}
        aria-invalid={isTouched && problem !== null}
        placeholder="scenes/intro.tsx"
        value={path}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        ref={(input) => {
          if (input && document.activeElement !== input) {
            input.focus();
            input.setSelectionRange(
              start.lastIndexOf('/') + 1,
              start.includes('.') ? start.lastIndexOf('.') : start.length,
            );
          }
        }}
        onChange={({ target }) => setPath(target.value)}
        onKeyDown={({ key }) => key === 'Escape' && onCancel()}
        onBlur={() => !isTouched && onCancel()}
      />
      <p id={hint} role={isTouched && problem !== null ? 'alert' : undefined}>
        {isTouched && problem !== null ? problem : 'Enter to keep, Escape to leave it.'}
      </p>
    </form>
  );
}
