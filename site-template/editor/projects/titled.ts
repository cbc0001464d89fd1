/** Writes a title into a manifest. Pure. */
import { MANIFEST_PATH } from '../../../action/contract/manifest.ts';
import type { Files } from '../workspace.ts';

/** The files with the title that the person has chosen; as they are when the manifest has no title to replace. */
export function titled(files: Files, title: string): Files {
  const manifest = files.get(MANIFEST_PATH);
  if (manifest?.kind !== 'text') return files;
  // The text is changed, rather than written anew, so that its form stays the author's.
  const text = manifest.text.replace(/("title":\s*)"(?:[^"\\]|\\.)*"/, (_, before) => before + JSON.stringify(title));
  return new Map(files).set(MANIFEST_PATH, { kind: 'text', text });
}
