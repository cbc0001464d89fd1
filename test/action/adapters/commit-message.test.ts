import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, readTrailers, snapshotMessage } from '../../../action/adapters/commit-message.ts';

const trailers = { thread: 'launch', version: 3, publish: 'p1', snapshotHash: 'a'.repeat(64) };

/** Texts made of what could break a message, and of everything else. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r', '\u2028', '\u0085', '\0', ': ', 'Permaframe-Version', '9', '@ada', '#1', '\ud800'),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''));

describe('the message of a snapshot commit', () => {
  it('says what it was given, whatever the title', () => {
    fc.assert(
      fc.property(hostile, (title) => {
        const message = snapshotMessage(title, trailers);
        const [subject = '', blank, ...rest] = message.split('\n');
        expect(readTrailers(message)).toEqual(trailers);
        expect([blank, rest.length]).toEqual(['', 4]);
        expect(subject).toMatch(/^Version 3/);
        expect(subject).not.toMatch(/[@#]\w|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 500 },
    );
  });

  it('is not mistaken for one when its trailers are elsewhere, doubled or missing', () => {
    const message = snapshotMessage('x', trailers);
    const [, ...paragraph] = message.split('\n\n');
    expect(readTrailers(paragraph.join('\n\n'))).toBeNull();
    expect(readTrailers(`${message}\n\nReviewed.`)).toBeNull();
    expect(readTrailers(`${message}\nPermaframe-Version: 4`)).toBeNull();
    expect(readTrailers(message.replace('Permaframe-Thread', 'Thread'))).toBeNull();
    expect(readTrailers('')).toBeNull();
  });
});

describe('text on one line', () => {
  it('is as long as it may be, and never ends in half a character', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 50 }), (text, max) => {
        const line = oneLine(text, max);
        expect(line.length).toBeLessThanOrEqual(max);
        expect(line.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
