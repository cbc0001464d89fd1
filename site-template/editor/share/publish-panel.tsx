/** One publish: how far it is, and what came of it. */
import { useRef } from 'react';
import { formatBytes } from './contract.ts';
import type { PublishLine, PublishView, ThreadView } from './control-plane.ts';
import { CopyButton, LinkField } from './copy-button.tsx';
import { type EmbedSize, embedSnippet } from './embed-snippet.ts';
import { Icon, type IconName } from './icons.tsx';
import { LinkMaker } from './link-maker.tsx';
import { ProblemReport, Warnings } from './problem-report.tsx';
import type { JumpTo } from './share-sheet.tsx';
import { latestTime, type ShareStatus, STEP_LABELS, STEPS, statusOf } from './status-model.ts';
import { StepLine, Timings } from './step-line.tsx';
import type { Step } from './steps.ts';
import { useFocusKept } from './use-focus-kept.ts';
import { useNow } from './use-now.ts';
import type { Preparing, Sharing } from './use-publish.ts';
import { formatAgo, formatDuration } from './words.ts';

const DEFAULT_SIZE: EmbedSize = { width: 1280, height: 720 };

interface PanelProps {
  sharing: Sharing;
  thread: ThreadView;
  publish: PublishLine | PublishView;
  onJump?: ((place: JumpTo) => void) | undefined;
  embedSize?: EmbedSize | undefined;
}

export function PublishPanel(props: PanelProps) {
  const { sharing, thread, publish, onJump } = props;
  const isActive = statusOf(publish, 0).phase === 'active';
  const now = useNow({ id: publish.publish, told: latestTime(publish) }, isActive);
  const status = statusOf(publish, now);
  const isDown = thread.tombstones.includes(publish.version);
  const phase = status.phase === 'published' && isDown ? 'takenDown' : status.phase;
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusKept(heading, phase);
  return (
    <section
      className="share-panel"
      data-phase={phase}
      data-state={status.state}
      aria-label={`Version ${status.version}`}
    >
      <p className="share-about">
        Version {status.version}
        {publish.requester !== null && ` · ${publish.requester}`} · {aboutTime(status, publish, now)}
      </p>
      <h3 ref={heading} tabIndex={-1}>
        <span className="share-sign">
          <Icon name={SIGNS[phase]} />
        </span>
        {headlineOf(status, isDown, sharing.wasThere)}
      </h3>
      <span role="status" className="share-unseen">
        {status.announcement}
      </span>
      <StepLine steps={status.steps} />
      {status.patience !== null && <p className="share-note">{status.patience}</p>}
      {status.problem && <ProblemReport problem={status.problem} onJump={onJump} />}
      {phase === 'published' && <Outcome {...props} />}
      <Warnings warnings={status.warnings} onJump={onJump} />
      <PanelActions sharing={sharing} status={status} publish={publish} isDown={isDown} />
    </section>
  );
}

/** Share was pressed, and the publish is not there yet. Nothing of an earlier one is in sight: not its link, above all. */
export function PreparingPanel({ busy }: { busy: Preparing }) {
  const words = { compiling: 'Checking the code', saving: 'Saving the version', requesting: 'Asking for the publish' };
  const steps = STEPS.map((state): Step => ({ state, label: STEP_LABELS[state], mark: 'ahead', milliseconds: null }));
  return (
    <section className="share-panel" data-phase="active" aria-label="The new version">
      <p className="share-about">The version as it stands</p>
      <h3>
        <span className="share-sign">
          <Icon name="clock" />
        </span>
        {words[busy.kind]}
      </h3>
      <span role="status" className="share-unseen">
        {words[busy.kind]}
      </span>
      <StepLine steps={steps} />
    </section>
  );
}

const SIGNS: Readonly<Record<ShareStatus['phase'] | 'takenDown', IconName>> = {
  active: 'clock',
  published: 'check',
  failed: 'cross',
  cancelled: 'dash',
  takenDown: 'dash',
};

function headlineOf(status: ShareStatus, isDown: boolean, wasThere: boolean): string {
  if (status.phase !== 'published') return status.headline;
  if (isDown) return 'This version was taken down';
  return wasThere ? 'Nothing has changed: this is its link' : status.headline;
}

function aboutTime(status: ShareStatus, { times }: PublishLine | PublishView, now: number): string {
  const elapsed = formatDuration(status.elapsedMilliseconds);
  if (status.phase === 'active') return elapsed;
  return `${formatAgo(times.ended ?? times.queued, now)} · took ${elapsed}`;
}

/** The link, and what can be done with it. */
function Outcome({ sharing, thread, publish, embedSize = DEFAULT_SIZE }: PanelProps) {
  const { url, result } = publish;
  if (url === null) return null;
  const isUnlisted = thread.visibility === 'unlisted';
  return (
    <>
      {isUnlisted ? (
        <LinkMaker sharing={sharing} version={publish.version} isMain />
      ) : (
        <div className="share-link">
          <LinkField url={url} label={`Link of version ${publish.version}`} />
          <CopyButton text={url} icon="link" primary>
            Copy link
          </CopyButton>
        </div>
      )}
      <div className="share-row">
        {!isUnlisted && (
          <>
            <a className="share-action" href={url} target="_blank" rel="noreferrer">
              <Icon name="open" />
              Open
            </a>
            <CopyButton text={embedSnippet(url, thread.title, embedSize)} icon="code">
              Copy embed snippet
            </CopyButton>
          </>
        )}
        {result && (
          <p className="share-size">
            {formatBytes(result.bytes)}, of it {formatBytes(result.javascriptBytes)} of JavaScript
          </p>
        )}
      </div>
    </>
  );
}

function PanelActions(props: { sharing: Sharing; status: ShareStatus; publish: PublishLine; isDown: boolean }) {
  const { sharing, status, publish, isDown } = props;
  const { busy, availability, mayChange } = sharing;
  const isIdle = busy === null;
  const isForNewVersion = status.problem?.remedy === 'change';
  return (
    <div className="share-row share-row-end">
      {publish.run && (
        <a className="share-quiet" href={publish.run.url} target="_blank" rel="noreferrer">
          {status.phase === 'active' ? 'Watch the run' : 'Log of the run'}
        </a>
      )}
      <Timings stages={status.stages} />
      {mayChange && status.mayCancel && (
        <button
          type="button"
          className="share-action"
          aria-disabled={!isIdle}
          onClick={() => sharing.cancel(publish.publish)}
        >
          {busy?.kind === 'cancelling' ? 'Cancelling …' : 'Cancel'}
        </button>
      )}
      {mayChange && status.mayRetry && (
        <button
          type="button"
          className="share-action share-action-primary"
          aria-disabled={!isIdle || (isForNewVersion && availability.kind === 'blocked')}
          onClick={() => (isForNewVersion ? sharing.share() : sharing.retry(publish.publish))}
        >
          {busy?.kind === 'retrying' ? 'Asking …' : 'Retry'}
        </button>
      )}
      {mayChange && isDown && (
        <button
          type="button"
          className="share-action"
          aria-disabled={!isIdle}
          onClick={() => sharing.restore(status.version)}
        >
          Restore
        </button>
      )}
    </div>
  );
}
