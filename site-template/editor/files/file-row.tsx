/** One line of the tree: a file or a folder, and what can be done with it. */
import { ContextMenu } from 'radix-ui';
import type { CSSProperties, ReactNode } from 'react';
import { extensionOf, fileTypeOf } from '../../../action/contract/content-types.ts';
import { isCodePath } from '../../../action/contract/snapshot-paths.ts';
import {
  ChevronDownIcon,
  ChevronRightIcon,
  CodeFileIcon,
  DataFileIcon,
  FontFileIcon,
  ImageFileIcon,
  TextFileIcon,
} from '../ui/icons.tsx';
import menu from '../ui/menu.module.css';
import { isSameFile, useWorkspaceState } from '../workspace.ts';
import styles from './file-tree.module.css';
import type { TreeRow } from './paths.ts';

export interface RowAction {
  label: string;
  icon: ReactNode;
  /** Works while the row has the focus. */
  key?: string;
  danger?: boolean;
  act(): void;
}

interface FileRowProps {
  row: TreeRow;
  /** Of a folder. */
  isOpen: boolean;
  actions: readonly RowAction[];
  onPress(): void;
}

export function FileRow({ row, isOpen, actions, onPress }: FileRowProps) {
  const { path, name, depth, kind } = row;
  const isActive = useWorkspaceState((state) => state.active === path);
  const isChanged = useWorkspaceState(
    ({ files, base }) => kind === 'file' && !isSameFile(files.get(path), base.files.get(path)),
  );
  const problems = useWorkspaceState(({ compile }) =>
    compile.kind === 'failed' ? compile.diagnostics.filter(({ file }) => file === path).length : 0,
  );
  const button = (
    <button
      type="button"
      data-row=""
      data-path={path}
      className={styles.row}
      style={{ '--depth': depth } as CSSProperties}
      {...(kind === 'folder' ? { 'aria-expanded': isOpen } : { 'aria-current': isActive ? 'true' : 'false' })}
      onClick={onPress}
      onKeyDown={(event) => actions.find(({ key }) => key === event.key)?.act()}
    >
      <RowIcon row={row} isOpen={isOpen} />
      <span className={styles.name}>{name}</span>
      {problems > 0 && <Badge look="problem" text={problems === 1 ? '1 problem' : `${problems} problems`} />}
      {isChanged && <Badge look="changed" text="not saved" />}
    </button>
  );
  if (actions.length === 0) return <li>{button}</li>;
  return (
    <li>
      <ContextMenu.Root modal={false}>
        <ContextMenu.Trigger asChild>{button}</ContextMenu.Trigger>
        <ContextMenu.Portal>
          <ContextMenu.Content className={menu.menu} onCloseAutoFocus={(event) => event.preventDefault()}>
            {actions.map(({ label, icon, key, danger = false, act }) => (
              <ContextMenu.Item key={label} className={menu.item} data-danger={danger} onSelect={() => setTimeout(act)}>
                {icon}
                {label}
                {key !== undefined && <span className={menu.end}>{key}</span>}
              </ContextMenu.Item>
            ))}
          </ContextMenu.Content>
        </ContextMenu.Portal>
      </ContextMenu.Root>
    </li>
  );
}

function Badge({ look, text }: { look: 'problem' | 'changed'; text: string }) {
  return (
    <span className={styles.badge} data-look={look} title={text}>
      <span className="visually-hidden">, {text}</span>
    </span>
  );
}

function RowIcon({ row: { path, kind }, isOpen }: { row: TreeRow; isOpen: boolean }) {
  if (kind === 'folder') return isOpen ? <ChevronDownIcon size={14} /> : <ChevronRightIcon size={14} />;
  const type = fileTypeOf(path)?.contentType ?? '';
  if (isCodePath(path)) return <CodeFileIcon size={14} />;
  if (['json', 'css'].includes(extensionOf(path))) return <DataFileIcon size={14} />;
  if (type.startsWith('image/')) return <ImageFileIcon size={14} />;
  return type.startsWith('font/') ? <FontFileIcon size={14} /> : <TextFileIcon size={14} />;
}
