/** One file, before and after: code in two columns (one on a phone), pictures next to each other. */
import { lazy, Suspense } from 'react';
import { fileTypeOf } from '../../../action/contract/content-types.ts';
import { formatBytes } from '../../../action/contract/limits.ts';
import { useAddress } from '../code/asset-view.tsx';
import { sizeOf } from '../files/read-file.ts';
import { Loading } from '../shell/loading.tsx';
import type { BinaryFile, WorkspaceFile } from '../workspace.ts';
import styles from './compare.module.css';

const TextDiff = lazy(() => import('./text-diff.tsx').then((module) => ({ default: module.TextDiff })));

interface FileDiffProps {
  path: string;
  before: WorkspaceFile | undefined;
  after: WorkspaceFile | undefined;
  names: { before: string; after: string };
}

export function FileDiff({ path, before, after, names }: FileDiffProps) {
  const isText = before?.kind !== 'binary' && after?.kind !== 'binary';
  return (
    <section className={styles.diff} aria-label={`Changes of ${path}`}>
      <div className={styles.names}>
        <span>{names.before}</span>
        <span>{names.after}</span>
      </div>
      {isText ? (
        <Suspense fallback={<Loading what="Comparing" />}>
          <TextDiff path={path} before={before?.text ?? ''} after={after?.text ?? ''} />
        </Suspense>
      ) : (
        <div className={styles.pictures}>
          <Picture path={path} file={before} />
          <Picture path={path} file={after} />
        </div>
      )}
    </section>
  );
}

function Picture({ path, file }: { path: string; file: WorkspaceFile | undefined }) {
  if (file === undefined) return <p>Not there</p>;
  const isImage = fileTypeOf(path)?.contentType.startsWith('image/') ?? false;
  return (
    <figure>
      {file.kind === 'binary' && isImage && <Image path={path} file={file} />}
      <figcaption>{formatBytes(sizeOf(file))}</figcaption>
    </figure>
  );
}

function Image({ path, file }: { path: string; file: BinaryFile }) {
  const url = useAddress(file);
  return url !== null && <img src={url} alt={path} />;
}
