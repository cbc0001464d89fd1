/** Compiler and preview without the rest of the editor: a working copy that a test changes, and the pane. */
import { createRoot } from 'react-dom/client';
import { ConfigContext, loadConfig } from '../../../site-template/editor/config.ts';
import { PreviewPane } from '../../../site-template/editor/preview/preview-pane.tsx';
import '../../../site-template/editor/style/base.css';
import '../../../site-template/editor/style/tokens.css';
import {
  createWorkspace,
  type Files,
  WorkspaceContext,
  type WorkspaceFile,
} from '../../../site-template/editor/workspace.ts';

const config = await loadConfig();
const listed = (await (await fetch('project.json')).json()) as {
  path: string;
  text?: string;
  sha256: string;
  bytes: number;
}[];
const files: Files = new Map(
  listed.map(({ path, text, sha256, bytes }): [string, WorkspaceFile] => [
    path,
    text === undefined
      ? { kind: 'binary', sha256, bytes, content: { kind: 'url', url: new URL(`project/${path}`, location.href).href } }
      : { kind: 'text', text },
  ]),
);
const workspace = createWorkspace({
  thread: { thread: 'test', project: 'test', title: 'Test', role: 'owner' },
  files,
  base: { version: 1, files },
  access: 'edit',
  active: null,
  save: async () => ({ kind: 'unchanged', version: 1 }),
});
const edit = (path: string, text: string): void =>
  workspace.change((before) => new Map(before).set(path, { kind: 'text', text }));
const read = (path: string): string => {
  const file = workspace.getState().files.get(path);
  return file?.kind === 'text' ? file.text : '';
};
Object.assign(window, { workspace, edit, read });

createRoot(document.getElementById('root') as HTMLElement).render(
  <ConfigContext value={config}>
    <WorkspaceContext value={workspace}>
      <PreviewPane />
    </WorkspaceContext>
  </ConfigContext>,
);
