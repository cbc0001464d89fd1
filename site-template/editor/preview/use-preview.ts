/** Ties the working copy to the compiler, and the compiler to the stage, as long as the pane is there. */
import wasmUrl from 'esbuild-wasm/esbuild.wasm?url';
import { type RefObject, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { CompilerClient } from '../compiler/client.ts';
import { loadWasm } from '../compiler/load-wasm.ts';
import { type Config, useConfig } from '../config.ts';
import { useWorkspace, type Workspace } from '../workspace.ts';
import { PREVIEW_PAGE } from './page-name.ts';
import { FIRST_STATE, type PlayerState } from './player-state.ts';
import { PreviewStage } from './stage.ts';

export interface Preview {
  /** Null until the pane is there. */
  stage: PreviewStage | null;
  retry(): void;
}

/** @returns what to put at the element that frames go into, and what goes on there */
export function usePreview(): [RefObject<HTMLDivElement | null>, Preview] {
  const workspace = useWorkspace();
  const config = useConfig();
  const container = useRef<HTMLDivElement>(null);
  const [preview, setPreview] = useState<Preview>({ stage: null, retry: () => {} });
  useEffect(() => {
    if (!container.current) return;
    const opened = openPreview(container.current, workspace, config);
    setPreview(opened);
    return () => opened.dispose();
  }, [workspace, config]);
  return [container, preview];
}

function openPreview(container: HTMLElement, workspace: Workspace, config: Config): Preview & { dispose(): void } {
  const client = new CompilerClient({
    publicUrl: config.publicUrl,
    runtimeKey: config.runtime,
    startWorker: () => new Worker(new URL('../compiler/worker.ts', import.meta.url), { type: 'module' }),
    loadWasm: () => loadWasm(wasmUrl),
    events: {
      runtime: (manifest) => stage.setRuntime(manifest),
      seen: (build) => stage.show(build, sent.files),
      compiled: ({ revision, hash, compiled }) => {
        workspace.setCompile({ kind: 'compiled', revision, hash, warnings: compiled.warnings });
      },
      failed: (revision, diagnostics) => workspace.setCompile({ kind: 'failed', revision, diagnostics }),
    },
  });
  const stage = new PreviewStage(container, {
    publicUrl: config.publicUrl,
    pageUrl: new URL(PREVIEW_PAGE, document.baseURI).href,
    locate: (revision, positions) => client.locate(revision, positions),
    guard: (revision) => client.guard(revision),
  });
  let sent = workspace.getState();
  const send = (): void => {
    const state = workspace.getState();
    if (state.revision === sent.revision) return;
    sent = state;
    client.update(state.revision, state.files);
  };
  const stop = workspace.subscribe(send);
  client.update(sent.revision, sent.files);
  const retry = (): void => client.retry();
  addEventListener('online', retry);
  return {
    stage,
    retry,
    dispose() {
      stop();
      removeEventListener('online', retry);
      client.dispose();
      stage.dispose();
    },
  };
}

const noListening = () => () => {};

/** @param select must give the same object as long as nothing has changed */
export function usePlayer<T>(stage: PreviewStage | null, select: (state: PlayerState) => T): T {
  return useSyncExternalStore(stage?.subscribe ?? noListening, () => select(stage?.getState() ?? FIRST_STATE));
}

/** What the present frame comes to; renders again only when that changes. */
export function useFrame<T extends number | string>(stage: PreviewStage, select: (frame: number) => T): T {
  return useSyncExternalStore(stage.onFrame, () => select(stage.frame));
}
