import { describe, expect, it } from 'vitest';
import { PermaframeError } from '../../action/contract/errors.ts';
import { reportSchema } from '../../action/contract/reports.ts';
import { type PublishedVersion, toFailedReport, toPublishedReport } from '../../action/report.ts';
import { failedSummary, publishedSummary } from '../../action/summary.ts';

const SHA = 'a'.repeat(64);
const EVIL = '</code><script>alert(1)</script>\n\n# Title\n| a |\n@everyone **x** [y](https://evil.test) \u202e`';

const version = (own: Partial<PublishedVersion> = {}, title = 'Film'): PublishedVersion => ({
  meta: {
    schema: 1,
    kind: 'app',
    thread: 'film',
    project: 'films',
    version: 3,
    title,
    snapshot: SHA,
    engine: 'react',
    runtime: `runtime/manifest-${SHA}.json`,
    entry: `projects/films/modules/${SHA}.js`,
    javascriptBytes: 1234,
    files: Array.from({ length: 150 }, (_, index) => ({
      key: `artifacts/film/3/assets/${index}.png`,
      bytes: 1000,
      sha256: SHA,
      contentType: 'image/png',
    })),
  },
  artifactHash: SHA,
  deduplicated: false,
  uploaded: 4,
  skipped: 0,
  uploadedBytes: 2000,
  warnings: [],
  timings: { read: 12, compile: 1234, total: 1500 },
  ...own,
});

const warning = { code: 'SOURCE_WARNING' as const, message: EVIL, file: `${EVIL}.tsx`, line: 1, excerpt: EVIL };
const failure = (diagnostics: number) =>
  new PermaframeError('SYNTAX_ERROR', EVIL.repeat(100), {
    diagnostics: Array.from({ length: diagnostics }, () => ({
      code: 'SYNTAX_ERROR' as const,
      message: '🎬'.repeat(2000),
      file: `${'é'.repeat(300)}.tsx`,
      line: 3,
      column: 4,
      excerpt: '\ud83c'.repeat(300),
      field: 'x'.repeat(500),
    })),
  });

describe('the summary', () => {
  it('shows link, sizes, timings and files, the first hundred of them', () => {
    const html = publishedSummary('https://share.test', version());
    expect(html).toContain('<a href="https://share.test/p/film/3">');
    expect(html).toContain('<a href="https://share.test/p/film/latest">');
    expect(html).toContain('150, 150 kB');
    expect(html).toContain('read 12 ms, compile 1.2 s, all together 1.5 s');
    expect(html.match(/\.png/g)).toHaveLength(100);
    expect(html).toContain('and 50 more');
  });

  it('says so when nothing was changed', () => {
    expect(publishedSummary('https://share.test', version({ deduplicated: true }))).toContain('nothing was changed');
  });

  it.each([
    ['a title', publishedSummary('https://share.test', version({}, EVIL))],
    ['a warning', publishedSummary('https://share.test', version({ warnings: [warning] }))],
    ['an error', failedSummary('film', 3, new PermaframeError('SYNTAX_ERROR', EVIL))],
    [
      'a diagnostic',
      failedSummary(
        'film',
        null,
        new PermaframeError('SYNTAX_ERROR', 'x', { diagnostics: [{ ...warning, code: 'SYNTAX_ERROR' }] }),
      ),
    ],
  ])('takes no markup from %s: one block of HTML, every foreign text inside <code> or <pre>', (_, html) => {
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/<script|\u202e/);
    // An empty line would end the block, and what follows would be Markdown.
    expect(html.trimEnd()).not.toContain('\n\n');
    for (const line of html.trimEnd().split('\n'))
      expect(line).toMatch(/^<(h2|p|pre|table|tr|details|\/table|\/details)\b/);
    const outside = html.replaceAll(/<(code|pre)>[^<]*<\/\1>/g, '');
    expect(outside).not.toMatch(/everyone|evil/);
  });
});

describe('a report', () => {
  it('keeps within the contract, whatever an author wrote', () => {
    for (const count of [0, 1, 20, 50]) {
      const report = toFailedReport('k57', failure(count), { total: 5 });
      expect(reportSchema.safeParse(report).error?.issues).toBeUndefined();
      expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(64_000);
      expect(report.diagnostics.length).toBeGreaterThan(Math.min(count, 5) - 1);
    }
    const warnings = Array.from({ length: 100 }, () => ({ ...warning, message: '\n'.repeat(3000) }));
    const published = toPublishedReport('k57', version({ warnings }));
    expect(reportSchema.safeParse(published).error?.issues).toBeUndefined();
    expect(Buffer.byteLength(JSON.stringify(published))).toBeLessThan(64_000);
  });
});
