/** The job's summary: what a person sees of a run without opening its log. */
import { formatPlace } from './contract/diagnostics.ts';
import { ERRORS, type PermaframeError } from './contract/errors.ts';
import { formatBytes } from './contract/limits.ts';
import type { Meta } from './contract/meta.ts';
import { bytesOf, linksOf, type PublishedVersion, type Timings } from './report.ts';

/** Rows of the table of files; the rest is counted. */
const MAX_ROWS = 100;

/**
 * Blocks of HTML without an empty line between them: so nothing in them is read as Markdown. Titles, paths and excerpts
 * are a stranger's: they stand escaped, inside <code> or <pre>, where GitHub makes no mentions and no links of them.
 */
export function publishedSummary(publicUrl: string, version: PublishedVersion): string {
  const { meta, deduplicated, uploadedBytes, timings, artifactHash } = version;
  const { url, latestUrl } = linksOf(publicUrl, meta);
  const what = deduplicated ? 'was published already; nothing was changed' : 'is published';
  return block([
    `<h2>${code(meta.thread)} version ${meta.version} ${what}</h2>`,
    `<p><a href="${escapeHtml(url)}">${escapeHtml(url)}</a></p>`,
    `<p>Newest version: <a href="${escapeHtml(latestUrl)}">${escapeHtml(latestUrl)}</a></p>`,
    '<table>',
    row('Title', code(meta.title)),
    row('Files', `${meta.files.length}, ${formatBytes(bytesOf(meta))}`),
    row('JavaScript of its own', formatBytes(meta.javascriptBytes)),
    row('Uploaded', formatBytes(uploadedBytes)),
    row('Time', describeTimings(timings)),
    row('Artifact', `<code>${artifactHash}</code>`),
    '</table>',
    ...version.warnings.map((warning) => {
      const place = formatPlace(warning);
      return `<p>⚠️ ${place === '' ? '' : `${code(place)}: `}${code(warning.message)}</p>`;
    }),
    ...fileTable(meta),
  ]);
}

/** @param what the version was not, which it was to be */
export function failedSummary(
  thread: string,
  version: number | null,
  error: PermaframeError,
  what = 'published',
): string {
  const lines = error.diagnostics.flatMap((diagnostic) => {
    const place = formatPlace(diagnostic);
    const { excerpt } = diagnostic;
    return [
      `<p>${place === '' ? '' : `${code(place)}: `}${code(diagnostic.message)} (${diagnostic.code})</p>`,
      ...(excerpt === undefined ? [] : [`<pre>${escapeHtml(excerpt)}</pre>`]),
    ];
  });
  return block([
    `<h2>${code(thread)}${version === null ? '' : ` version ${version}`} was not ${what}: ${error.code}</h2>`,
    ...(lines.length === 0 ? [`<p>${code(error.message)}</p>`] : lines),
    `<p>${escapeHtml(ERRORS[error.code].advice)}</p>`,
  ]);
}

/** `read 12 ms, compile 0.4 s, …` */
export function describeTimings({ total, ...stages }: Timings): string {
  const parts = Object.entries(stages).map(([stage, milliseconds]) => `${stage} ${formatTime(milliseconds)}`);
  return [...parts, `all together ${formatTime(total)}`].join(', ');
}

/** `12 ms`, `3.4 s` */
export function formatTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function fileTable(meta: Meta): string[] {
  const rows = meta.files.slice(0, MAX_ROWS).map((file) => {
    return `<tr><td>${code(file.key)}</td><td align="right">${formatBytes(file.bytes)}</td></tr>`;
  });
  const left = meta.files.length - rows.length;
  return [
    `<details><summary>${meta.files.length} files</summary>`,
    '<table>',
    '<tr><th align="left">File</th><th align="right">Size</th></tr>',
    ...rows,
    ...(left > 0 ? [`<tr><td colspan="2">and ${left} more</td></tr>`] : []),
    '</table>',
    '</details>',
  ];
}

/** @param value HTML */
export function row(name: string, value: string): string {
  return `<tr><th align="left">${name}</th><td>${value}</td></tr>`;
}

/** A stranger's text. */
export function code(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** @param lines HTML */
export function block(lines: readonly string[]): string {
  return `${lines.join('\n')}\n\n`;
}
