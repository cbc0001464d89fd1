/** The files of the working copy: opened, added, renamed, deleted, and uploaded by button or drop. */
import { type DragEvent, useRef, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../ui/button.tsx';
import { PlusIcon, UploadIcon } from '../ui/icons.tsx';
import { useWorkspace, useWorkspaceState, type Workspace } from '../workspace.ts';
import { FileRows } from './file-rows.tsx';
import styles from './file-tree.module.css';
import { NameField } from './name-field.tsx';
import { folderOf, pathProblem, withFile } from './paths.ts';
import { addFiles, droppedFiles, type NamedFile, pickedFiles } from './upload.ts';

/** @param props.onOpened the person has chosen a file */
export function FileTree({ onOpened }: { onOpened(): void }) {
  const workspace = useWorkspace();
  const files = useWorkspaceState((state) => state.files);
  const canEdit = useWorkspaceState((state) => state.access === 'edit');
  /** What the path of a new file begins with, while it is typed. */
  const [adding, setAdding] = useState<string | null>(null);
  const { isDropping, ...dropping } = useDropping(workspace, canEdit);
  const add = (path: string): void => {
    setAdding(null);
    workspace.change((current) => withFile(current, path, { kind: 'text', text: '' }));
    workspace.open(path);
    onOpened();
  };
  return (
    <section className={styles.tree} aria-label="Files" data-dropping={isDropping} {...dropping}>
      <header className={styles.head}>
        <h2>Files</h2>
        {canEdit && (
          <>
            <Button look="quiet" small icon aria-label="New file" onClick={() => setAdding('')}>
              <PlusIcon />
            </Button>
            <UploadButton />
          </>
        )}
      </header>
      {adding !== null && (
        <NameField
          label="Path of the new file"
          start={adding}
          problemOf={(path) => pathProblem(path, files)}
          onDone={add}
          onCancel={() => setAdding(null)}
        />
      )}
      {files.size === 0 && <p className={styles.empty}>No files yet. Add one, or drop some here.</p>}
      <FileRows onOpened={onOpened} onAdd={setAdding} />
    </section>
  );
}

function UploadButton() {
  const workspace = useWorkspace();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button look="quiet" small icon aria-label="Upload files" onClick={() => picker.current?.click()}>
        <UploadIcon />
      </Button>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={({ target }) => {
          void upload(workspace, Promise.resolve(pickedFiles(target.files)), '');
          target.value = '';
        }}
      />
    </>
  );
}

function useDropping(workspace: Workspace, canEdit: boolean) {
  const [isDropping, setDropping] = useState(false);
  return {
    isDropping,
    onDragOver(event: DragEvent) {
      if (!canEdit || !event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      setDropping(true);
    },
    onDragLeave(event: DragEvent) {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDropping(false);
    },
    onDrop(event: DragEvent) {
      event.preventDefault();
      setDropping(false);
      if (!canEdit) return;
      const target = (event.target as Element).closest('[data-path]')?.getAttribute('data-path') ?? '';
      const isFile = workspace.getState().files.has(target);
      const folder = isFile ? folderOf(target) : target === '' ? '' : `${target}/`;
      void upload(workspace, droppedFiles(event.dataTransfer), folder);
    },
  };
}

async function upload(workspace: Workspace, given: Promise<NamedFile[]>, folder: string): Promise<void> {
  const { added, problems } = await addFiles(workspace, await given, folder);
  for (const problem of problems) toast.error(problem);
  const [first] = added;
  if (first === undefined) return;
  if (added.length === 1) workspace.open(first);
  toast.success(added.length === 1 ? `Added ${first}.` : `Added ${added.length} files.`);
}
