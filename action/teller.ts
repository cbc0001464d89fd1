/** Delivers what a run reports, in order, and hears when nobody waits for the run any more. */
import type { ControlPlane } from './adapters/control-plane.ts';
import type { Log } from './adapters/log.ts';
import { isPermaframeError } from './contract/errors.ts';
import type { RenderReport, Report, ReportRefusal } from './contract/reports.ts';

/** Nobody waits for this run any more. No error: somebody cancelled what it does, or another run has it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly reason: ReportRefusal;

  constructor(reason: ReportRefusal) {
    super(`the control plane refuses this run (${reason})`);
    this.reason = reason;
  }
}

export type LastDelivery = 'delivered' | 'lost' | 'refused';

export interface Teller<Told> {
  /** @throws Refused, PermaframeError CONTROL_PLANE_UNAVAILABLE */
  insist(report: Told): Promise<void>;
  /**
   * Resolves when it is delivered, or could not be: the work goes on without it.
   * @throws Refused
   */
  mention(report: Told): Promise<void>;
  /** The end. `lost`: the control plane will have to find it out by itself. */
  conclude(report: Told, signal: AbortSignal): Promise<LastDelivery>;
}

export interface TellerOptions<Told extends Report | RenderReport> {
  /** Null: nobody is told. */
  controlPlane: ControlPlane<Told> | null;
  log: Log;
  /** Called when the control plane refuses: everything that is under way should end. */
  onRefusal(refusal: Refused): void;
  /** Ends everything but the report of the end. */
  signal: AbortSignal;
}

export function createTeller<Told extends Report | RenderReport>(options: TellerOptions<Told>): Teller<Told> {
  const { controlPlane, log, onRefusal, signal } = options;
  // The second report must not overtake the first.
  let reports: Promise<unknown> = Promise.resolve();

  const send = (report: Told, itsSignal: AbortSignal) => {
    const sending = reports.then(() => controlPlane?.report(report, itsSignal));
    reports = sending.catch(() => {});
    return sending;
  };
  const insist = async (report: Told): Promise<void> => {
    const delivery = await send(report, signal);
    if (delivery?.kind !== 'refused') return;
    const refusal = new Refused(delivery.reason);
    onRefusal(refusal);
    throw refusal;
  };
  return {
    insist,
    async mention(report) {
      try {
        await insist(report);
      } catch (error) {
        if (!isPermaframeError(error)) throw error;
        log.line(`${error.message} Going on without it.`);
      }
    },
    async conclude(report, itsSignal) {
      try {
        return (await send(report, itsSignal))?.kind ?? 'delivered';
      } catch (error) {
        if (isPermaframeError(error)) log.annotate({ level: 'warning', title: error.code, message: error.message });
        // Cancelled, or out of time: no bug, and nothing that the run could do about it.
        else if (!itsSignal.aborted) throw error;
        return 'lost';
      }
    },
  };
}
