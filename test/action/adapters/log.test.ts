import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog, harmless } from '../../../action/adapters/log.ts';

/** What GitHub's runner does with a line: the two forms of its commands. */
const isCommand = (line: string) => /^\s*::/.test(line) || line.includes('##[');
const COMMANDS = ['::error::x', '  ::add-mask::x', '\t::set-output name=a::b', 'x ##[add-mask]y', '::stop-commands::x'];

let written: string;
beforeEach(() => {
  written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

describe('a line', () => {
  it.each(COMMANDS)('%j is no command', (text) => {
    expect(isCommand(text)).toBe(true);
    expect(isCommand(harmless(text))).toBe(false);
  });

  it('of any text is one line without a command', () => {
    const pieces = fc.constantFrom(
      '::',
      '##[',
      ':',
      '#',
      '[',
      '\n',
      '\r',
      ' ',
      '\u0085',
      '\u2028',
      '\u001b[2J',
      '\u00a0',
      'a',
      '%0A',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'grapheme' }))), (parts) => {
        const line = harmless(parts.join(''));
        expect(isCommand(line)).toBe(false);
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of plain text stays as it is', () => {
    const text = 'Version 3 is live: https://share.test/p/film/3 — „über“ 🎬 a::b [x] #1';
    expect(harmless(text)).toBe(text);
  });
});

describe('the log', () => {
  it('obeys nothing inside a group, whatever stands there', () => {
    createLog({ hasSummary: false }).group('::error::title\n::error::x', [...COMMANDS, '::guess::']);
    const lines = written.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^::group::/);
    const [, resume = ''] = /^::stop-commands::([0-9a-f-]{36})$/.exec(lines[1] ?? '') ?? [];
    expect(lines.slice(-2)).toEqual([`::${resume}::`, '::endgroup::']);
    expect(lines.slice(2, -2).filter(isCommand)).toEqual([]);
    expect(lines).toHaveLength(COMMANDS.length + 5);
  });

  it('annotates a place, and keeps a message from adding properties', () => {
    createLog({ hasSummary: false }).annotate({
      level: 'error',
      title: 'SYNTAX_ERROR',
      message: 'a%0A\n::add-mask::x',
      file: 'a,line=9::b.tsx',
      line: 3,
      column: 7,
    });
    expect(written).toBe('::error title=SYNTAX_ERROR,file=a%2Cline=9%3A%3Ab.tsx,line=3,col=7::a%250A ::add-mask::x\n');
  });

  it('masks a secret, and nothing where there is none', () => {
    const log = createLog({ hasSummary: false });
    log.mask('');
    log.mask('secret');
    expect(written).toBe('::add-mask::secret\n');
  });
});
