/** Cuts a hostile stream of text into lines without keeping more than one line of a limited length. */

/** What a line has beyond this many characters is left out. */
const MAX_LINE = 1_000_000;

export interface LineReader {
  push(text: string): void;
  /** What stood after the last line end, if anything, is the last line. */
  end(): void;
}

export function createLineReader(onLine: (line: string) => void): LineReader {
  let held: string[] = [];
  let length = 0;
  const hold = (text: string) => {
    const kept = text.slice(0, MAX_LINE - length);
    if (kept !== '') held.push(kept);
    length += kept.length;
  };
  const flush = () => {
    const line = held.join('');
    held = [];
    length = 0;
    onLine(line);
  };
  return {
    push(text) {
      const [first = '', ...rest] = text.split('\n');
      hold(first);
      for (const part of rest) {
        flush();
        hold(part);
      }
    },
    end() {
      if (length > 0) flush();
    },
  };
}
