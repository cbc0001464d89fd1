/** What keeps the newest sources from being seen, and where: not compiled, thrown, or never ended. */

import { type Diagnostic, formatPlace, type Place } from '../../../action/contract/diagnostics.ts';
import { Button } from '../ui/button.tsx';
import { AlertIcon } from '../ui/icons.tsx';
import { useWorkspace, useWorkspaceState } from '../workspace.ts';
import type { PreviewProblem } from './player-state.ts';
import styles from './problems.module.css';
import type { PreviewStage } from './stage.ts';
import { usePlayer } from './use-preview.ts';

export function Problems({ stage, onRetry }: { stage: PreviewStage | null; onRetry(): void }) {
  const compile = useWorkspaceState((state) => state.compile);
  const problem = usePlayer(stage, (state) => state.problem);
  const shown = usePlayer(stage, (state) => state.shown?.revision ?? null);
  return (
    <div role="status" aria-live="polite" className={styles.list}>
      {compile.kind === 'failed' ? (
        <CompileProblem diagnostics={compile.diagnostics} isOldShown={shown !== null} onRetry={onRetry} />
      ) : (
        problem && <RunProblem problem={problem} isOldShown={shown !== null && shown < problem.revision} />
      )}
    </div>
  );
}

interface CompileProps {
  diagnostics: readonly Diagnostic[];
  isOldShown: boolean;
  onRetry(): void;
}

function CompileProblem({ diagnostics, isOldShown, onRetry }: CompileProps) {
  const [first] = diagnostics;
  if (!first) return null;
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : '';
  return (
    <Notice title="This does not compile." text={`${first.message}${more}`} place={first} isOldShown={isOldShown}>
      {first.code === 'PAGE_UNREACHABLE' && (
        <Button small onClick={onRetry}>
          Try again
        </Button>
      )}
    </Notice>
  );
}

function RunProblem({ problem, isOldShown }: { problem: PreviewProblem; isOldShown: boolean }) {
  const { kind, message, scene, place } = problem;
  const what = scene === null ? 'The project' : `The scene “${scene}”`;
  const title = kind === 'stuck' ? `${what} was stopped.` : `${what} has failed.`;
  return <Notice title={title} text={message} place={place} isOldShown={isOldShown} />;
}

interface NoticeProps {
  title: string;
  text: string;
  place: Partial<Place>;
  isOldShown: boolean;
  children?: React.ReactNode;
}

function Notice({ title, text, place, isOldShown, children }: NoticeProps) {
  const workspace = useWorkspace();
  const { file } = place;
  return (
    <div className={styles.notice} data-preview-problem="">
      <AlertIcon />
      <div className={styles.words}>
        <p>
          <b>{title}</b> {text}
        </p>
        {place.excerpt && <code className={styles.excerpt}>{place.excerpt.trim()}</code>}
        <p className={styles.foot}>
          {file !== undefined && (
            <button type="button" className={styles.place} onClick={() => workspace.open(file, place)}>
              {formatPlace(place)}
            </button>
          )}
          {isOldShown && <span>You see the last state that worked.</span>}
          {children}
        </p>
      </div>
    </div>
  );
}
