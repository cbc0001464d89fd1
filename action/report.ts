/** From how a publish ended to what is reported, within the bounds of the contract. */
import type { Diagnostic, Place, Warning } from './contract/diagnostics.ts';
import type { PermaframeError } from './contract/errors.ts';
import { MAX_DIAGNOSTICS } from './contract/limits.ts';
import { latestPath, pinnedPath } from './contract/links.ts';
import type { Meta } from './contract/meta.ts';
import { MAX_REPORT_BYTES, type RenderReport, type Report } from './contract/reports.ts';
import type { Stage } from './core/ports.ts';

/** Wall-clock time of each stage that was run, and of all together, in whole milliseconds. */
export type Timings = Partial<Record<Stage, number>> & { total: number };

/** A version that is live. */
export interface PublishedVersion {
  meta: Meta;
  artifactHash: string;
  /** Whether the whole artifact was there already. */
  deduplicated: boolean;
  /** Objects that were stored, and that were there already. */
  uploaded: number;
  skipped: number;
  uploadedBytes: number;
  warnings: readonly Warning[];
  timings: Timings;
}

type PublishedReport = Extract<Report, { kind: 'published' }>;
type FailedReport = Extract<Report, { kind: 'failed' }>;
type RenderFailedReport = Extract<RenderReport, { kind: 'renderFailed' }>;

/** Longest texts that the contract takes, in characters. */
const MAX = { message: 1000, file: 255, excerpt: 200, field: 200 } as const;
/** Below the contract's bound: what a proxy adds must fit, too. */
const REPORT_BYTES = MAX_REPORT_BYTES - 4_000;

export function toPublishedReport(publish: string, version: PublishedVersion): PublishedReport {
  const { meta, artifactHash, deduplicated, uploaded, skipped, uploadedBytes, timings } = version;
  const report: PublishedReport = {
    kind: 'published',
    publish,
    artifactHash,
    deduplicated,
    files: meta.files.length,
    bytes: bytesOf(meta),
    javascriptBytes: meta.javascriptBytes,
    uploaded,
    skipped,
    uploadedBytes,
    timings,
    warnings: version.warnings.slice(0, MAX_DIAGNOSTICS).map((warning) => ({
      code: warning.code,
      message: clip(warning.message, MAX.message),
      ...clipPlace(warning),
    })),
  };
  while (!fits(report)) report.warnings.pop();
  return report;
}

export function toFailedReport(publish: string, error: PermaframeError, timings: Timings): FailedReport {
  const report: FailedReport = { kind: 'failed', publish, ...describeFailure(error), timings };
  while (!fits(report)) report.diagnostics.pop();
  return report;
}

export function toRenderFailedReport(render: string, error: PermaframeError): RenderFailedReport {
  const report: RenderFailedReport = { kind: 'renderFailed', render, ...describeFailure(error) };
  while (!fits(report)) report.diagnostics.pop();
  return report;
}

function describeFailure({ code, message, diagnostics }: PermaframeError) {
  return {
    code,
    message: clip(message, MAX.message),
    diagnostics: diagnostics.slice(0, MAX_DIAGNOSTICS).map(toReported),
  };
}

/** Everything that a page of this version is made of, in bytes; its part of the runtime included. */
export function bytesOf(meta: Meta): number {
  return meta.files.reduce((sum, file) => sum + file.bytes, 0);
}

/** The links of a version. */
export function linksOf(publicUrl: string, { thread, version }: { thread: string; version: number }) {
  return { url: `${publicUrl}${pinnedPath(thread, version)}`, latestUrl: `${publicUrl}${latestPath(thread)}` };
}

function toReported({ code, message, field, ...place }: Diagnostic): FailedReport['diagnostics'][number] {
  return {
    code,
    message: clip(message, MAX.message),
    ...(field === undefined ? {} : { field: clip(field, MAX.field) }),
    ...clipPlace(place),
  };
}

function clipPlace({ file, line, column, excerpt }: Partial<Place>) {
  return {
    ...(file === undefined ? {} : { file: clip(file, MAX.file) }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(excerpt === undefined ? {} : { excerpt: clip(excerpt, MAX.excerpt) }),
  };
}

function clip(text: string, characters: number): string {
  if (text.length <= characters) return text.toWellFormed();
  // Cut between two characters, not inside one.
  return `${text.slice(0, characters - 1).replace(/[\ud800-\udbff]$/, '')}…`.toWellFormed();
}

function fits(report: Report | RenderReport): boolean {
  return Buffer.byteLength(JSON.stringify(report)) <= REPORT_BYTES;
}
