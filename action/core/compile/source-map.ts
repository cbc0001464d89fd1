/** Reads the source maps that esbuild makes: from a place in its output to a place in a source. */

interface SourceMap {
  sources: string[];
  mappings: string;
}

export interface SourcePosition {
  source: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));
/** Of the six bits of a digit, the one that says that more digits follow. */
const CONTINUES = 32;

/**
 * @param json a source map, version 3
 * @param line from 1
 * @param column from 1
 * @returns what the nearest mapping at or before the place leads to, or null
 */
export function findSource(json: string, line: number, column: number): SourcePosition | null {
  const { sources, mappings } = JSON.parse(json) as SourceMap;
  let [source, sourceLine, sourceColumn] = [0, 0, 0];
  let found: SourcePosition | null = null;
  for (const [index, text] of mappings.split(';').entries()) {
    if (index >= line) break;
    let at = 0;
    for (const segment of text.split(',')) {
      const [byColumn = 0, bySource, byLine = 0, bySourceColumn = 0] = decode(segment);
      at += byColumn;
      if (bySource === undefined) continue;
      source += bySource;
      sourceLine += byLine;
      sourceColumn += bySourceColumn;
      const isBefore = index + 1 < line || at < column;
      if (isBefore) found = { source: sources[source] ?? '', line: sourceLine + 1, column: sourceColumn + 1 };
    }
  }
  return found;
}

/** Numbers in base64 VLQ: five bits a digit, the lowest first; the lowest bit of all is the sign. */
function decode(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const character of segment) {
    const digit = VALUES.get(character) ?? 0;
    value += (digit & ~CONTINUES) * 2 ** shift;
    shift += 5;
    if (digit & CONTINUES) continue;
    numbers.push(value % 2 === 1 ? -Math.floor(value / 2) : value / 2);
    [value, shift] = [0, 0];
  }
  return numbers;
}
