/** Share, told what the editor knows: the one place where the control and the editor meet. */
import { useMemo } from 'react';
import { toast } from 'sonner';
import type { CompileState } from './share/availability.ts';
import type { PublishLine, RenderView } from './share/control-plane.ts';
import type { EmbedSize } from './share/embed-snippet.ts';
import { problemOf } from './share/problems.ts';
import { Share } from './share/share.tsx';
import { FORMAT_NAMES } from './share/video-choice.ts';
import { downloadUrlOf } from './share/video-links.ts';
import { type CompileResult, useWorkspace, useWorkspaceState, type WorkspaceFile } from './workspace.ts';

export function ShareSlot() {
  const workspace = useWorkspace();
  const { thread } = useWorkspaceState((state) => state.thread);
  const hasChanges = useWorkspaceState((state) => state.dirty);
  const result = useWorkspaceState((state) => state.compile);
  const manifest = useWorkspaceState((state) => state.files.get('permaframe.json'));
  const compile = useMemo(() => compileState(result), [result]);
  const embedSize = useMemo(() => sizeOf(manifest), [manifest]);
  const ensureSaved = async (): Promise<number | null> => {
    const outcome = await workspace.save();
    return outcome.kind === 'saved' || outcome.kind === 'unchanged' ? outcome.version : null;
  };
  return (
    <Share
      thread={thread}
      compile={compile}
      hasChanges={hasChanges}
      embedSize={embedSize}
      ensureSaved={ensureSaved}
      onJump={({ file, line, column }) => workspace.open(file, { line, column })}
      onEnd={(publish, isSheetOpen) => isSheetOpen || announce(publish)}
      onVideoEnd={(video, isSheetOpen) => isSheetOpen || announceVideo(video)}
    />
  );
}

/** The sheet is closed: somebody who went on working still wants to know. */
function announce({ state, version, url, error }: PublishLine): void {
  if (state === 'published' && url !== null) {
    const copy = { label: 'Copy link', onClick: () => void navigator.clipboard.writeText(url) };
    toast.success(`Version ${version} is published.`, { action: copy });
  } else if (state === 'failed') {
    const { headline } = problemOf(error ?? { code: 'INTERNAL', message: '' });
    toast.error(`Version ${version} was not published: ${headline}.`);
  }
}

/** Nobody waits for minutes at an open sheet. */
function announceVideo(video: RenderView): void {
  const { state, version, request, error } = video;
  const name = `The ${FORMAT_NAMES[request.format]} of version ${version}`;
  const url = downloadUrlOf(video);
  if (state === 'ready') {
    const download = { label: 'Download', onClick: () => void (url && location.assign(url)) };
    toast.success(`${name} is ready.`, url === null ? {} : { action: download });
  } else if (state === 'failed') {
    const { headline } = problemOf(error ?? { code: 'INTERNAL', message: '' });
    toast.error(`${name} was not made: ${headline}.`);
  }
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

/** Of the picture, as the manifest has it; an app has none. */
function sizeOf(manifest: WorkspaceFile | undefined): EmbedSize | undefined {
  if (manifest?.kind !== 'text') return undefined;
  try {
    const { width, height }: Partial<EmbedSize> = JSON.parse(manifest.text);
    return typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}
