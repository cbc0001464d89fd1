/** The keys of the editor, and the list of them. */
import { useEffect, useState } from 'react';
import { SHORTCUTS as PLAYER_SHORTCUTS } from '../../page/keyboard.ts';
import { Dialog } from '../ui/dialog.tsx';
import type { Workspace } from '../workspace.ts';
import styles from './shortcuts.module.css';

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const MOD = isMac ? '⌘' : 'Ctrl';

interface Shortcut {
  keys: string;
  what: string;
}

const SHORTCUTS: readonly Shortcut[] = [
  { keys: `${MOD} S`, what: 'Save as a version' },
  { keys: `${MOD} F`, what: 'Search in the file' },
  { keys: 'F8', what: 'Go to the next problem' },
  { keys: 'Alt W', what: 'Close the file' },
  { keys: 'Alt ↑ / Alt ↓', what: 'Move lines' },
  { keys: `${MOD} /`, what: 'Comment lines in or out' },
  { keys: `${MOD} Z`, what: 'Undo' },
  { keys: 'Esc, then Tab', what: 'Leave the code with the keyboard' },
  { keys: '↑ ↓ F2 Delete', what: 'In the files: move, rename, delete' },
  { keys: `${MOD} ?`, what: 'This list' },
];

/** Those of the published page, but for what only a page of its own has. */
const IN_PREVIEW: readonly Shortcut[] = PLAYER_SHORTCUTS.filter(([keys]) => keys !== 'F' && keys !== '?').map(
  ([keys, what]) => ({ keys, what }),
);

/** Keys that work wherever the focus is. */
export function useShortcuts(workspace: Workspace): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 's') {
        event.preventDefault();
        void workspace.save();
      } else if (event.altKey && event.code === 'KeyW') {
        const { active } = workspace.getState();
        event.preventDefault();
        if (active !== null) workspace.close(active);
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [workspace]);
}

/** Opens the list by its key. */
export function ShortcutsKey() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key === '?') setOpen(true);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return isOpen && <ShortcutsDialog onClose={() => setOpen(false)} />;
}

export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <Keys shortcuts={SHORTCUTS} />
      <h3 className={styles.place}>In the preview of a film</h3>
      <Keys shortcuts={IN_PREVIEW} />
    </Dialog>
  );
}

function Keys({ shortcuts }: { shortcuts: readonly Shortcut[] }) {
  return (
    <dl className={styles.list}>
      {shortcuts.map(({ keys, what }) => (
        <div key={keys}>
          <dt>{what}</dt>
          <dd>
            <kbd>{keys}</kbd>
          </dd>
        </div>
      ))}
    </dl>
  );
}
