/** How a publish and its end look to a person: log, annotations, summary, outputs, status of the commit. */
import type { ControlPlane } from './adapters/control-plane.ts';
import type { Log } from './adapters/log.ts';
import { type Diagnostic, formatPlace, type Warning } from './contract/diagnostics.ts';
import { ERRORS, type PermaframeError } from './contract/errors.ts';
import { compareText } from './contract/hash.ts';
import { formatBytes } from './contract/limits.ts';
import type { ReportRefusal } from './contract/reports.ts';
import type { Snapshot } from './core/snapshot.ts';
import type { Correspondence } from './correspondence.ts';
import type { Inputs } from './inputs.ts';
import type { Ending } from './publish-page.ts';
import { bytesOf, linksOf, type PublishedVersion, toFailedReport, toPublishedReport } from './report.ts';
import { describeTimings, failedSummary, publishedSummary } from './summary.ts';

/** How long the reports of an end may take, in milliseconds. */
const END_MILLISECONDS = 30_000;

/** What was read, before anything is done with it. */
export function presentSnapshot({ files, manifest }: Snapshot, commit: string, log: Log): void {
  const bytes = [...files.values()].reduce((sum, file) => sum + file.content.byteLength, 0);
  const lines = [...files.values()]
    .sort((a, b) => compareText(a.path, b.path))
    .map((file) => `${formatBytes(file.content.byteLength).padStart(10)}  ${file.path}`);
  const title = `Snapshot ${commit.slice(0, 7)}: ${files.size} files, ${formatBytes(bytes)}`;
  log.group(title, [`"${manifest.title}", ${manifest.kind}`, ...lines]);
}

export interface End {
  ending: Ending;
  inputs: Inputs;
  /** The run's page on GitHub. */
  runUrl: string;
  correspondence: Correspondence;
  log: Log;
  /** Ends waiting for reports to be delivered. */
  interrupt: AbortSignal;
}

/**
 * Tells everybody how it ended.
 * @returns the exit code of the action
 */
export async function presentEnd(end: End): Promise<0 | 1> {
  const { ending, inputs, runUrl, correspondence, log, interrupt } = end;
  const signal = AbortSignal.any([interrupt, AbortSignal.timeout(END_MILLISECONDS)]);
  switch (ending.kind) {
    case 'published':
      return presentPublished(ending, inputs, correspondence, log, signal);
    case 'failed': {
      const { error, found, timings } = ending;
      const state = error.kind.fault === 'user' ? 'failure' : 'error';
      const status = { state, description: `${error.code}: ${error.message}`, targetUrl: runUrl } as const;
      const reporting = correspondence.end((publish) => toFailedReport(publish, error, timings), signal);
      presentError(error, log);
      await log.summarize(failedSummary(inputs.thread, found?.version ?? null, error));
      await Promise.all([reporting, found && correspondence.mark(found.commit, status, signal)]);
      return 1;
    }
    case 'refused': {
      presentRefusal(ending.reason, log);
      return 0;
    }
    case 'stopped': {
      log.line('The run was cancelled. What is stored is whole; a new run completes it.');
      const status = { state: 'error', description: 'The run was cancelled', targetUrl: runUrl } as const;
      // GitHub waits some seconds, then kills.
      if (ending.found) await correspondence.mark(ending.found.commit, status, AbortSignal.timeout(2_000));
      return 1;
    }
  }
}

/** Nobody waits for the run: no error. */
export function presentRefusal(reason: ReportRefusal, log: Log): void {
  log.annotate({ level: 'notice', title: 'Nothing to do', message: `This run stops: ${REFUSALS[reason]}.` });
}

const REFUSALS: Readonly<Record<ReportRefusal, string>> = {
  over: 'it is over already',
  notYours: 'another run has it',
  unknown: 'nobody asked for it',
  late: 'it is too late',
};

async function presentPublished(
  { commit, version }: Ending & { kind: 'published' },
  inputs: Inputs,
  correspondence: Correspondence,
  log: Log,
  signal: AbortSignal,
): Promise<0> {
  const { meta } = version;
  const { url, latestUrl } = linksOf(inputs.publicUrl, meta);
  const status = { state: 'success', description: `Version ${meta.version} is live`, targetUrl: url } as const;
  const reporting = correspondence.end((publish) => toPublishedReport(publish, version), signal);
  const marking = correspondence.mark(commit, status, signal);
  presentVersion(version, url, log);
  const outputs = { url, 'latest-url': latestUrl, version: meta.version, 'artifact-hash': version.artifactHash };
  for (const [name, value] of Object.entries(outputs)) log.output(name, String(value));
  log.output('deduplicated', String(version.deduplicated));
  await log.summarize(publishedSummary(inputs.publicUrl, version));
  const [delivery] = await Promise.all([reporting, marking]);
  if (delivery === 'lost') log.line('The version is live all the same; the control plane finds it by its meta.json.');
  if (delivery === 'refused') log.line('The control plane had closed the publish in the meantime.');
  return 0;
}

function presentVersion(version: PublishedVersion, url: string, log: Log): void {
  const { meta, deduplicated, uploadedBytes, timings } = version;
  for (const warning of version.warnings) annotate('warning', warning, log);
  log.group(
    `Files: ${meta.files.length}, ${formatBytes(bytesOf(meta))}`,
    meta.files.map((file) => `${formatBytes(file.bytes).padStart(10)}  ${file.key}`),
  );
  const what = deduplicated ? 'was there already, complete' : `is live; ${formatBytes(uploadedBytes)} uploaded`;
  log.line(`Version ${meta.version} ${what} (${describeTimings(timings)})`);
  log.line(url);
}

/** Reports a run that could not begin, because its inputs or settings are wrong. */
export async function reportUnusable(publish: string, controlPlane: ControlPlane, error: PermaframeError) {
  const signal = AbortSignal.timeout(END_MILLISECONDS);
  try {
    const claimed = await controlPlane.report({ kind: 'claim', publish }, signal);
    if (claimed.kind === 'delivered') await controlPlane.report(toFailedReport(publish, error, { total: 0 }), signal);
  } catch {
    // Then the control plane finds out by itself; the log says what was wrong.
  }
}

/** Also for errors before anything began, such as wrong inputs. */
export function presentError(error: PermaframeError, log: Log): void {
  if (error.diagnostics.length === 0) {
    log.annotate({ level: 'error', title: error.code, message: error.message });
  }
  for (const diagnostic of error.diagnostics) annotate('error', diagnostic, log);
  log.line(ERRORS[error.code].advice);
  if (error.code === 'INTERNAL' && error.cause instanceof Error) {
    log.group('The unexpected error', (error.cause.stack ?? String(error.cause)).split('\n'));
  }
}

function annotate(level: 'error' | 'warning', problem: Diagnostic | Warning, log: Log): void {
  const { code, message, excerpt, line, ...place } = problem;
  const where = formatPlace(problem);
  if (excerpt !== undefined && line !== undefined) {
    log.group(`${level} ${code}: ${where === '' ? '' : `${where}: `}${message}`, [`${line} │ ${excerpt}`]);
  }
  log.annotate({ level, title: code, message, ...place, ...(line === undefined ? {} : { line }) });
}
