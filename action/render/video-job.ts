/** What the jobs have that know the store and may report: tools, whom to tell, and until when. */
import type { RenderReport } from '../contract/reports.ts';
import type { ObjectStore, Runtime } from '../core/ports.ts';
import type { Teller } from '../teller.ts';
import type { Asking } from './inputs.ts';

export interface VideoTools {
  /** Absolute. */
  workspace: string;
  store: ObjectStore;
  openRuntime(manifestKey: string, signal?: AbortSignal): Promise<Runtime>;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface VideoJob {
  tools: VideoTools;
  asking: Asking;
  teller: Teller<RenderReport>;
  signal: AbortSignal;
}
