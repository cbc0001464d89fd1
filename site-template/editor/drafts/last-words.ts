/**
 * What was typed in the last moment before a page went away. IndexedDB gives up what it has not finished by then;
 * localStorage writes at once, but has little room: so only texts that the draft does not have yet go there.
 */
import { z } from 'zod';
import { type Files, isSameFile, type WorkspaceFile } from '../workspace.ts';

const wordsSchema = z.strictObject({
  /** The version that the working copy was made from. */
  base: z.number(),
  /** In milliseconds since 1970. */
  savedAt: z.number(),
  /** Whole texts by path; null for a file that was deleted. */
  changes: z.array(z.tuple([z.string(), z.string().nullable()])),
});

export type LastWords = z.infer<typeof wordsSchema>;

/** Texts of `files` that differ from what the draft has. Pure. */
export function changedTexts(kept: Files, files: Files): LastWords['changes'] {
  const changed = [...files].flatMap(([path, file]): LastWords['changes'] =>
    file.kind === 'text' && !isSameFile(file, kept.get(path)) ? [[path, file.text]] : [],
  );
  const gone = [...kept.keys()].filter((path) => !files.has(path)).map((path): [string, null] => [path, null]);
  return [...changed, ...gone];
}

/** Pure. */
export function withLastWords(files: Files, { changes }: LastWords): Files {
  const result = new Map<string, WorkspaceFile>(files);
  for (const [path, text] of changes) {
    if (text === null) result.delete(path);
    else result.set(path, { kind: 'text', text });
  }
  return result;
}

const nameOf = (key: string) => `permaframe-last-words|${key}`;

export function leaveLastWords(key: string, words: LastWords): void {
  try {
    localStorage.setItem(nameOf(key), JSON.stringify(words));
  } catch {
    // No room: the draft is as old as the last pause in typing.
  }
}

export function readLastWords(key: string): LastWords | null {
  const text = localStorage.getItem(nameOf(key));
  if (text === null) return null;
  const parsed = wordsSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

export function forgetLastWords(key: string): void {
  localStorage.removeItem(nameOf(key));
}
