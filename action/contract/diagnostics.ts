/** What is wrong (or doubtful) in an author's files, and where. */
import type { ErrorCode } from './errors.ts';

export type WarningCode = 'JAVASCRIPT_LARGE' | 'LINK_SKIPPED' | 'SOURCE_WARNING' | 'NO_POSTER';

export interface Place {
  /** Path inside the snapshot. */
  file: string;
  /** From 1. Missing where the whole file is meant. */
  line?: number;
  /** In UTF-16 code units, from 1. */
  column?: number;
  /** The line itself, from the snapshot's own bytes, shortened. */
  excerpt?: string;
}

/** A reason why nothing was published. `field` is a path inside a JSON file, such as `scenes[2].entry`. */
export interface Diagnostic extends Partial<Place> {
  code: ErrorCode;
  message: string;
  field?: string;
}

/** Something that was published all the same. */
export interface Warning extends Partial<Place> {
  code: WarningCode;
  message: string;
}

/** `file:line:column`, as far as it is known. */
export function formatPlace(place: Partial<Place>): string {
  if (place.file === undefined) return '';
  // A column alone would be read as a line.
  const column = place.line === undefined ? undefined : place.column;
  const parts = [place.file, place.line, column].filter((part) => part !== undefined);
  return parts.join(':');
}
