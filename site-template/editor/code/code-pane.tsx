/** Open files as tabs, and the one that is shown: code, or a picture. */
import { lazy, type ReactNode, Suspense } from 'react';
import { Loading } from '../shell/loading.tsx';
import { CloseIcon } from '../ui/icons.tsx';
import { isSameFile, useWorkspace, useWorkspaceState } from '../workspace.ts';
import { AssetView } from './asset-view.tsx';
import styles from './code-pane.module.css';

// CodeMirror is half of the bytes: it is asked for at once, but the list of files does not wait for it.
const loading = import('./code-view.tsx');
const CodeView = lazy(() => loading.then((module) => ({ default: module.CodeView })));

export function CodePane() {
  const active = useWorkspaceState((state) => state.active);
  const file = useWorkspaceState((state) => (state.active === null ? undefined : state.files.get(state.active)));
  return (
    <>
      <Tabs />
      {/* Stays while a picture is shown: cursors and undo are in it. */}
      <div className={styles.view} hidden={file?.kind !== 'text'}>
        <Suspense fallback={<Loading what="Opening the code" />}>
          <CodeView />
        </Suspense>
      </div>
      {active === null || file === undefined ? (
        <Hint>Choose a file to edit it.</Hint>
      ) : (
        file.kind === 'binary' && <AssetView key={active} path={active} file={file} />
      )}
    </>
  );
}

function Hint({ children }: { children: ReactNode }) {
  return <p className={styles.hint}>{children}</p>;
}

function Tabs() {
  const workspace = useWorkspace();
  const tabs = useWorkspaceState((state) => state.tabs);
  const active = useWorkspaceState((state) => state.active);
  if (tabs.length === 0) return null;
  return (
    <ul className={styles.tabs} aria-label="Open files">
      {tabs.map((path) => (
        <Tab
          key={path}
          path={path}
          isActive={path === active}
          onOpen={() => workspace.open(path)}
          onClose={() => workspace.close(path)}
        />
      ))}
    </ul>
  );
}

interface TabProps {
  path: string;
  isActive: boolean;
  onOpen(): void;
  onClose(): void;
}

function Tab({ path, isActive, onOpen, onClose }: TabProps) {
  const isChanged = useWorkspaceState(({ files, base }) => !isSameFile(files.get(path), base.files.get(path)));
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (
    <li
      className={styles.tab}
      data-active={isActive}
      ref={(tab) => {
        if (isActive) tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      }}
    >
      <button type="button" aria-current={isActive ? 'true' : 'false'} title={path} onClick={onOpen}>
        {name}
        {isChanged && (
          <span className={styles.changed}>
            <span className="visually-hidden">, not saved</span>
          </span>
        )}
      </button>
      <button type="button" className={styles.close} aria-label={`Close ${name}`} onClick={onClose}>
        <CloseIcon size={13} />
      </button>
    </li>
  );
}
