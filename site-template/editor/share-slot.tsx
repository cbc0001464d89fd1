/** Share, told what the editor knows: the one place where the control and the editor meet. */
import { useMemo } from 'react';
import type { CompileState } from './share/availability.ts';
import { Share } from './share/share.tsx';
import { type CompileResult, useWorkspace, useWorkspaceState } from './workspace.ts';

export function ShareSlot() {
  const workspace = useWorkspace();
  const { thread } = useWorkspaceState((state) => state.thread);
  const hasChanges = useWorkspaceState((state) => state.dirty);
  const result = useWorkspaceState((state) => state.compile);
  const compile = useMemo(() => compileState(result), [result]);
  const ensureSaved = async (): Promise<number | null> => {
    const outcome = await workspace.save();
    return outcome.kind === 'saved' || outcome.kind === 'unchanged' ? outcome.version : null;
  };
  return (
    <Share
      thread={thread}
      compile={compile}
      hasChanges={hasChanges}
      ensureSaved={ensureSaved}
      onJump={({ file, line, column }) => workspace.open(file, { line, column })}
    />
  );
}

function compileState(result: CompileResult): CompileState {
  switch (result.kind) {
    case 'compiling':
      return { kind: 'compiling' };
    case 'compiled':
      return { kind: 'ok' };
    case 'failed': {
      const [first = { message: '' }] = result.diagnostics;
      return { kind: 'failed', count: Math.max(1, result.diagnostics.length), first };
    }
  }
}
