/** Conducts a job of a video that may report: whom to tell, until when, and what becomes of its end. */
import { type ControlPlane, createControlPlane } from '../adapters/control-plane.ts';
import type { Log } from '../adapters/log.ts';
import { createObjectStore } from '../adapters/r2.ts';
import { openStoreRuntime } from '../adapters/store-runtime.ts';
import { isPermaframeError, PermaframeError } from '../contract/errors.ts';
import type { RenderReport } from '../contract/reports.ts';
import type { AttachedVideo, VideoSpec } from '../contract/video.ts';
import { presentError, presentRefusal } from '../present.ts';
import { toRenderFailedReport } from '../report.ts';
import { failedSummary } from '../summary.ts';
import { createTeller, Refused } from '../teller.ts';
import type { AttachInputs, PlanInputs } from './inputs.ts';
import { presentVideo } from './present.ts';
import type { VideoJob } from './video-job.ts';

/** How long the report of an end may take, in milliseconds. */
const END_MILLISECONDS = 30_000;

/** A video that is attached. */
export interface Made {
  video: AttachedVideo;
  spec: VideoSpec;
  timings: Extract<RenderReport, { kind: 'rendered' }>['timings'];
}

export interface Surroundings {
  /** Absolute. */
  workspace: string;
  log: Log;
  /** GitHub's cancel. */
  interrupt: AbortSignal;
  /** How long it may take. */
  milliseconds: number;
}

/**
 * @param work null: somebody else makes an end
 * @returns the exit code of the action
 */
export async function conduct(
  inputs: PlanInputs | AttachInputs,
  { workspace, log, interrupt, milliseconds }: Surroundings,
  work: (job: VideoJob) => Promise<Made | null>,
): Promise<0 | 1> {
  const { asking, order } = inputs;
  using store = createObjectStore(inputs.store);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(tooLong(milliseconds)), milliseconds);
  const signal = AbortSignal.any([interrupt, stop.signal]);
  const controlPlane = asking && createControlPlane(asking.callback);
  const teller = createTeller<RenderReport>({ controlPlane, log, onRefusal: (why) => stop.abort(why), signal });
  const ending = () => AbortSignal.any([interrupt, AbortSignal.timeout(END_MILLISECONDS)]);
  const openRuntime = (key: string, its?: AbortSignal) => openStoreRuntime(store, key, its);
  try {
    const tools = { workspace, store, openRuntime, now: Date.now };
    const made = await work({ tools, asking, teller, signal });
    if (!made) return 0;
    if (asking) await reportMade(made, asking.id, (report) => teller.conclude(report, ending()), log);
    await presentVideo(order, made, log);
    return 0;
  } catch (thrown) {
    if (interrupt.aborted) {
      log.line('The run was cancelled. What is stored is whole; another run goes on from there.');
      return 1;
    }
    const error = reasonOf(thrown, stop.signal);
    if (error instanceof Refused) {
      presentRefusal(error.reason, log);
      return 0;
    }
    const reporting = asking && teller.conclude(toRenderFailedReport(asking.id, error), ending());
    presentError(error, log);
    await log.summarize(failedSummary(order.thread, order.version, error, 'made a video of'));
    await reporting;
    return 1;
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(thrown: unknown, stop: AbortSignal): Refused | PermaframeError {
  const reason: unknown = stop.aborted ? stop.reason : thrown;
  if (reason instanceof Refused || isPermaframeError(reason)) return reason;
  return new PermaframeError('INTERNAL', 'an unexpected error; the log of the run has it', { cause: reason });
}

async function reportMade(
  { video, spec, timings }: Made,
  render: string,
  conclude: (report: RenderReport) => Promise<'delivered' | 'lost' | 'refused'>,
  log: Log,
): Promise<void> {
  const durationMilliseconds = Math.round((spec.durationInFrames / spec.fps) * 1000);
  const delivery = await conclude({ kind: 'rendered', render, video, durationMilliseconds, timings });
  if (delivery === 'lost') log.line('The video is stored all the same; the control plane finds it there.');
  if (delivery === 'refused') log.line('The control plane had closed the render in the meantime.');
}

function tooLong(milliseconds: number): PermaframeError {
  return new PermaframeError('RUN_TIMEOUT', `it took more than ${milliseconds / 60_000} minutes, which is the limit`);
}

/**
 * Reports a job that could not begin, because its inputs or settings are wrong. The first job has to claim the render for
 * that; a later one speaks for the same run.
 */
export async function reportUnusable(
  render: string,
  controlPlane: ControlPlane<RenderReport>,
  error: PermaframeError,
): Promise<void> {
  const signal = AbortSignal.timeout(END_MILLISECONDS);
  try {
    const claimed = await controlPlane.report({ kind: 'claimRender', render }, signal);
    if (claimed.kind === 'delivered') await controlPlane.report(toRenderFailedReport(render, error), signal);
  } catch {
    // Then the control plane finds out by itself; the log says what was wrong.
  }
}
