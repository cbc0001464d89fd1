/** The states of a publish or of a video in a line, and what the run measured. */
import { Icon, type IconName } from './icons.tsx';
import type { Stage } from './status-model.ts';
import type { Step, StepMark } from './steps.ts';
import { formatDuration } from './words.ts';

const SIGNS: Readonly<Partial<Record<StepMark, IconName>>> = { done: 'check', failed: 'cross', cancelled: 'dash' };
const SAID: Readonly<Record<StepMark, string>> = {
  done: 'done',
  current: 'under way',
  ahead: 'not yet',
  failed: 'failed',
  cancelled: 'cancelled',
};

export function StepLine({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className="share-steps" aria-label="Progress">
      {steps.map(({ state, label, mark, milliseconds }) => (
        <li key={state} data-mark={mark} aria-current={mark === 'current' ? 'step' : undefined}>
          <span className="share-dot">{SIGNS[mark] && <Icon name={SIGNS[mark]} />}</span>
          <span>{label}</span>
          <span className="share-unseen">, {SAID[mark]}</span>
          <span className="share-time">{milliseconds === null ? '' : formatDuration(milliseconds)}</span>
        </li>
      ))}
    </ol>
  );
}

export function Timings({ stages }: { stages: readonly Stage[] }) {
  if (stages.length === 0) return null;
  return (
    <details className="share-timings">
      <summary>Timings</summary>
      <dl>
        {stages.map(({ label, milliseconds }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : formatDuration(milliseconds)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
