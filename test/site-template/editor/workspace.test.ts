import { expect, it } from 'vitest';
import { createWorkspace, type Files, type Workspace } from '../../../site-template/editor/workspace.ts';

const filesOf = (record: Record<string, string>): Files =>
  new Map(Object.entries(record).map(([path, text]) => [path, { kind: 'text', text }]));
const THREAD = { thread: 't', project: 'p', title: 'T', role: 'editor' } as const;

function open(access: 'edit' | 'follow' = 'edit'): Workspace {
  const files = filesOf({ 'a.tsx': '1', 'b.tsx': '1' });
  const save = async () => ({ kind: 'unchanged', version: 1 }) as const;
  return createWorkspace({ thread: THREAD, files, base: { version: 1, files }, access, active: 'a.tsx', save });
}

const write = (workspace: Workspace, path: string, text: string): void =>
  workspace.change((files) => new Map(files).set(path, { kind: 'text', text }));

it('is dirty while its files differ from the version, by content', () => {
  const workspace = open();
  write(workspace, 'a.tsx', '2');
  expect(workspace.getState()).toMatchObject({ dirty: true, revision: 2 });
  write(workspace, 'a.tsx', '1');
  expect(workspace.getState()).toMatchObject({ dirty: false, revision: 3 });
});

it('what was typed while a save was on its way is still a draft afterwards', () => {
  const workspace = open();
  write(workspace, 'a.tsx', '2');
  const sent = workspace.getState().files;
  write(workspace, 'a.tsx', '3');
  workspace.rebase({ version: 2, files: sent });
  expect(workspace.getState()).toMatchObject({ dirty: true, base: { version: 2 } });
  expect(workspace.getState().files.get('a.tsx')).toEqual({ kind: 'text', text: '3' });
});

it('a window without the pen changes nothing by itself, but shows what others write', () => {
  const workspace = open('follow');
  write(workspace, 'a.tsx', '2');
  expect(workspace.getState().dirty).toBe(false);
  workspace.replace(filesOf({ 'a.tsx': '9', 'b.tsx': '1' }));
  expect(workspace.getState()).toMatchObject({ dirty: true, revision: 2 });
});

it('a tab closes with its file, and its neighbour is shown', () => {
  const workspace = open();
  workspace.open('b.tsx');
  workspace.change((files) => new Map([...files].filter(([path]) => path !== 'b.tsx')));
  expect(workspace.getState()).toMatchObject({ tabs: ['a.tsx'], active: 'a.tsx' });
  workspace.close('a.tsx');
  expect(workspace.getState()).toMatchObject({ tabs: [], active: null });
  workspace.open('gone.tsx');
  expect(workspace.getState().active).toBeNull();
});

it('a jump to the place where one was before is a new jump', () => {
  const workspace = open();
  workspace.open('b.tsx', { line: 3, column: 2 });
  const first = workspace.getState().jump;
  workspace.open('b.tsx', { line: 3 });
  expect([first, workspace.getState().jump]).toEqual([
    { path: 'b.tsx', line: 3, column: 2 },
    { path: 'b.tsx', line: 3, column: 1 },
  ]);
});
