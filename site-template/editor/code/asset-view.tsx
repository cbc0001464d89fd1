/** A file that is not edited here: pictures, sound and films are shown, the rest is told about. */
import { useEffect, useState } from 'react';
import { fileTypeOf } from '../../../action/contract/content-types.ts';
import { formatBytes } from '../../../action/contract/limits.ts';
import type { BinaryFile } from '../workspace.ts';
import styles from './code-pane.module.css';

export function AssetView({ path, file }: { path: string; file: BinaryFile }) {
  const url = useAddress(file);
  const type = fileTypeOf(path)?.contentType ?? '';
  return (
    <figure className={styles.asset}>
      <div className={styles.stage}>{url !== null && <Media type={type} url={url} path={path} />}</div>
      <figcaption>
        <b>{path}</b> {formatBytes(file.bytes)}
      </figcaption>
    </figure>
  );
}

function Media({ type, url, path }: { type: string; url: string; path: string }) {
  if (type.startsWith('image/')) return <img src={url} alt={path} />;
  // biome-ignore lint/a11y/useMediaCaption: the person's own recording; there are none
  if (type.startsWith('audio/')) return <audio src={url} controls aria-label={path} />;
  // biome-ignore lint/a11y/useMediaCaption: as above
  if (type.startsWith('video/')) return <video src={url} controls aria-label={path} />;
  return <p className={styles.hint}>This type of file cannot be shown here. It is part of the version all the same.</p>;
}

/** Null in the moment before a blob has an address. */
export function useAddress({ content }: BinaryFile): string | null {
  const [made, setMade] = useState<string | null>(null);
  const blob = content.kind === 'blob' ? content.blob : null;
  useEffect(() => {
    if (blob === null) return setMade(null);
    const address = URL.createObjectURL(blob);
    setMade(address);
    return () => URL.revokeObjectURL(address);
  }, [blob]);
  return content.kind === 'url' ? content.url : made;
}
