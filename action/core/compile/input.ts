/** What of a snapshot the compiler is given. Apart from the compiler, whose process does without the manifest's schema. */
import { fileTypeOf } from '../../contract/content-types.ts';
import { INLINE_ASSET_BYTES, MAX_SOURCE_FILE_BYTES } from '../../contract/limits.ts';
import { isSourcePath } from '../../contract/snapshot-paths.ts';
import type { Snapshot } from '../snapshot.ts';
import type { CompileInput } from './compile.ts';
import type { SourceFile } from './virtual-files.ts';

/** What the compiler needs of a snapshot: what can be compiled or inlined with content, the rest by name. */
export function toCompileInput(snapshot: Snapshot): CompileInput {
  const files = new Map<string, SourceFile>();
  for (const { path, content, sha256 } of snapshot.files.values()) {
    const bytes = content.byteLength;
    files.set(path, isReadByCompiler(path, bytes) ? { sha256, bytes, content } : { sha256, bytes });
  }
  return { manifest: snapshot.manifest, files };
}

/** Whether a file's content can get into a module, or its name only. */
export function isReadByCompiler(path: string, bytes: number): boolean {
  const isText = isSourcePath(path) || (fileTypeOf(path)?.use ?? 'asset') !== 'asset';
  return bytes <= (isText ? MAX_SOURCE_FILE_BYTES : INLINE_ASSET_BYTES);
}
