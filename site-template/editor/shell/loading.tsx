/** While something is fetched: nothing at first, then a word. */
import styles from './states.module.css';

export function Loading({ what }: { what: string }) {
  return (
    <div className={styles.loading} role="status">
      <span className={styles.spinner} aria-hidden="true" />
      {what} …
    </div>
  );
}
