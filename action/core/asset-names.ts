/** Names files in a message as people know them: addresses of assets consist of digests. */
import type { Snapshot } from './snapshot.ts';

/** An address on the machine that renders, whose port means nothing to anybody. */
const LOCAL = /https?:\/\/(?:localhost|127\.0\.0\.1):\d+\/([^\s"'`)]*)/g;
const ASSET = /^artifacts\/[^/]+\/\d+\/assets\/([0-9a-f]{64})\.[a-z0-9]{1,5}$/;

/**
 * Puts paths in the place of addresses: of an asset its path in the snapshot, of anything else what the browser was asked for.
 * Several files may have the content: then two are named, or the first and how many more.
 * @param message of whoever rendered; hostile
 * @param files of the snapshot that the artifact was made from; null where it is not at hand: then the file's name stays
 */
export function nameAssets(message: string, files: Snapshot['files'] | null): string {
  return message.replace(LOCAL, (_, address: string) => {
    // What ends a sentence is no part of an address.
    const [, path = '', end = ''] = /^(.*?)([.,;:!?]*)$/s.exec(address) ?? [];
    return `${nameOf(path, files)}${end}`;
  });
}

function nameOf(address: string, files: Snapshot['files'] | null): string {
  const [path = ''] = address.split(/[?#]/);
  const digest = ASSET.exec(path)?.[1];
  if (digest === undefined) return `/${address}`;
  const [first, ...more] = [...(files?.values() ?? [])].filter(({ sha256 }) => sha256 === digest);
  if (!first) return path.slice(path.lastIndexOf('/') + 1);
  if (more.length === 0) return first.path;
  return more.length === 1 ? `${first.path} (or ${more[0]?.path})` : `${first.path} (or ${more.length} files like it)`;
}
