/** The preview: what the sources make, as the published page would show it, with the same player. */
import type { CSSProperties, KeyboardEvent } from 'react';
import { commandOf } from '../../page/keyboard.ts';
import { useWorkspaceState } from '../workspace.ts';
import { Controls } from './controls.tsx';
import styles from './preview-pane.module.css';
import { Problems } from './problems.tsx';
import { runCommand } from './run-command.ts';
import type { PreviewStage } from './stage.ts';
import { usePlayer, usePreview } from './use-preview.ts';

export function PreviewPane() {
  const [container, { stage, retry }] = usePreview();
  const shown = usePlayer(stage, (state) => state.shown);
  const film = shown?.film ?? null;
  const size = film ? ({ '--width': film.width, '--height': film.height } as CSSProperties) : undefined;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the player, wherever in the pane the focus is
    <div
      className={styles.pane}
      data-preview-revision={shown?.revision ?? 0}
      onKeyDown={(event) => stage && film && onKey(event, stage)}
    >
      <Problems stage={stage} onRetry={retry} />
      <div className={styles.area}>
        <div ref={container} className={film ? styles.picture : styles.page} style={size} data-preview="" />
        {shown === null && <Waiting stage={stage} />}
      </div>
      {stage && film && <Controls stage={stage} film={film} />}
    </div>
  );
}

function Waiting({ stage }: { stage: PreviewStage | null }) {
  const isRefused = useWorkspaceState((state) => state.compile.kind === 'failed');
  const hasFailed = usePlayer(stage, (state) => state.problem !== null);
  if (isRefused || hasFailed) return <p className={styles.waiting}>There is nothing to show yet.</p>;
  return (
    <p className={styles.waiting} role="status">
      Preparing the preview …
    </p>
  );
}

function onKey(event: KeyboardEvent, stage: PreviewStage): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
  // A button does by itself what these are for.
  if (target.tagName === 'BUTTON' && (event.key === ' ' || event.key === 'Enter')) return;
  const command = commandOf(event.key, event.shiftKey);
  if (!command || !runCommand(command, stage)) return;
  event.preventDefault();
}
