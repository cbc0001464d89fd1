/** What a run tells the control plane and the commit, in order; and what it is told back: to stop. */
import type { ControlPlane } from './adapters/control-plane.ts';
import type { StatusToSet } from './adapters/github.ts';
import type { Log } from './adapters/log.ts';
import { isPermaframeError } from './contract/errors.ts';
import type { Report } from './contract/reports.ts';
import { createTeller, type LastDelivery, type Refused } from './teller.ts';

export type Status = Omit<StatusToSet, 'sha'>;

export interface Correspondence {
  /** Whether this run may report an end: nobody else has to agree, or the claim was accepted. */
  readonly isOwner: boolean;
  /**
   * Resolves when this run owns the publish; at once when nobody is told.
   * @throws Refused, PermaframeError CONTROL_PLANE_UNAVAILABLE
   */
  claim(): Promise<void>;
  /**
   * Resolves when it is delivered, or could not be: the publish goes on without it.
   * @throws Refused
   */
  progress(state: 'bundling' | 'uploading'): Promise<void>;
  /** Reports the end, if this run owns the publish. `lost`: the control plane will have to find it out by itself. */
  end(report: (publish: string) => Report, signal: AbortSignal): Promise<LastDelivery>;
  /** Marks the commit. A mark that cannot be made is a warning, nothing more. */
  mark(commit: string, status: Status, signal: AbortSignal): Promise<void>;
}

export interface CorrespondenceOptions {
  /** Null: nobody is told. */
  publish: { id: string; controlPlane: ControlPlane } | null;
  /** Null: commits get no status. */
  setStatus: ((status: StatusToSet, signal: AbortSignal) => Promise<void>) | null;
  log: Log;
  /** Called when the control plane refuses: everything that is under way should end. */
  onRefusal(refusal: Refused): void;
  /** Ends everything but the reports of the end. */
  signal: AbortSignal;
}

export function createCorrespondence(options: CorrespondenceOptions): Correspondence {
  const { publish, setStatus, log } = options;
  const teller = createTeller<Report>({ ...options, controlPlane: publish?.controlPlane ?? null });
  let isOwner = publish === null;
  let marks: Promise<unknown> = Promise.resolve();

  return {
    get isOwner() {
      return isOwner;
    },
    async claim() {
      if (publish === null) return;
      await teller.insist({ kind: 'claim', publish: publish.id });
      isOwner = true;
    },
    async progress(state) {
      if (publish !== null) await teller.mention({ kind: 'progress', publish: publish.id, state });
    },
    async end(report, itsSignal) {
      return publish === null || !isOwner ? 'delivered' : teller.conclude(report(publish.id), itsSignal);
    },
    async mark(commit, status, itsSignal) {
      if (setStatus === null || !isOwner) return;
      const marking = marks.then(() => setStatus({ ...status, sha: commit }, itsSignal));
      marks = marking.catch(() => {});
      await marking.catch((error: unknown) => {
        if (isPermaframeError(error)) log.annotate({ level: 'warning', title: error.code, message: error.message });
        else if (!itsSignal.aborted) throw error;
      });
    },
  };
}
