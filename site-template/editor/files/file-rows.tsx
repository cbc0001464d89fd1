/** The lines of the tree, and what happens to a file when something is chosen. */
import { type KeyboardEvent, useMemo, useState } from 'react';
import { toast } from 'sonner';
import { PencilIcon, PlusIcon, TrashIcon } from '../ui/icons.tsx';
import { useWorkspace, useWorkspaceState, type Workspace } from '../workspace.ts';
import { FileRow, type RowAction } from './file-row.tsx';
import styles from './file-tree.module.css';
import { NameField } from './name-field.tsx';
import { pathProblem, removed, renamed, type TreeRow, treeRows, visibleRows } from './paths.ts';

interface FileRowsProps {
  onOpened(): void;
  /** @param start what the path of a new file begins with */
  onAdd(start: string): void;
}

export function FileRows({ onOpened, onAdd }: FileRowsProps) {
  const workspace = useWorkspace();
  const files = useWorkspaceState((state) => state.files);
  const canEdit = useWorkspaceState((state) => state.access === 'edit');
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [renaming, setRenaming] = useState<string | null>(null);
  // By their names: with each key that is struck there are new files, but rarely new names.
  const names = [...files.keys()].join('\n');
  const rows = useMemo(() => treeRows(names === '' ? [] : names.split('\n')), [names]);
  const press = ({ path, kind }: TreeRow): void => {
    if (kind === 'folder') setClosed(toggled(closed, path));
    else {
      workspace.open(path);
      onOpened();
    }
  };
  const actionsOf = ({ path, kind }: TreeRow): RowAction[] => [
    ...(kind === 'folder' ? [{ label: 'New file here', icon: <PlusIcon />, act: () => onAdd(`${path}/`) }] : []),
    { label: 'Rename', key: 'F2', icon: <PencilIcon />, act: () => setRenaming(path) },
    { label: 'Delete', key: 'Delete', icon: <TrashIcon />, danger: true, act: () => remove(workspace, path) },
  ];
  return (
    <ul className={styles.rows} onKeyDown={moveAmongRows}>
      {visibleRows(rows, closed).map((row) =>
        renaming === row.path ? (
          <li key={row.path}>
            <NameField
              label={`New path of ${row.path}`}
              start={row.path}
              problemOf={(path) => pathProblem(path, files, row.path)}
              onDone={(path) => {
                setRenaming(null);
                rename(workspace, row.path, path);
              }}
              onCancel={() => setRenaming(null)}
            />
          </li>
        ) : (
          <FileRow
            key={row.path}
            row={row}
            isOpen={!closed.has(row.path)}
            actions={canEdit ? actionsOf(row) : []}
            onPress={() => press(row)}
          />
        ),
      )}
    </ul>
  );
}

function rename(workspace: Workspace, from: string, to: string): void {
  const { active } = workspace.getState();
  workspace.change((files) => renamed(files, from, to));
  if (active === from) workspace.open(to);
}

function remove(workspace: Workspace, path: string): void {
  const before = workspace.getState().files;
  workspace.change((files) => removed(files, path));
  // What was typed into other files meanwhile stays.
  const undo = () => workspace.change((files) => new Map([...before, ...files]));
  toast(`Deleted ${path}.`, { action: { label: 'Undo', onClick: undo } });
}

function toggled(set: ReadonlySet<string>, member: string): ReadonlySet<string> {
  return set.has(member) ? new Set([...set].filter((other) => other !== member)) : new Set([...set, member]);
}

/** Arrow keys go up and down the list. */
function moveAmongRows(event: KeyboardEvent<HTMLUListElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.target instanceof HTMLInputElement) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  const next = buttons[buttons.indexOf(event.target as HTMLElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
