/** Says when the control plane cannot be reached, and that work may go on. */
import { useConvexConnectionState } from 'convex/react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import styles from './states.module.css';

/** A connection that is back sooner was not worth a word, in milliseconds. */
const PATIENCE = 1500;

export function ConnectionBanner() {
  const { isWebSocketConnected } = useConvexConnectionState();
  // The browser knows first: a socket notices only when it has waited for an answer.
  const isOnline = useSyncExternalStore(listen, () => navigator.onLine);
  const isConnected = isWebSocketConnected && isOnline;
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (isConnected) return setLong(false);
    const timer = setTimeout(() => setLong(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [isConnected]);
  if (isConnected || !isLong) return null;
  return (
    <p className={styles.banner} role="status">
      <b>No connection.</b> Go on working: your draft is kept in this browser, and a save waits until you are back.
    </p>
  );
}

function listen(listener: () => void): () => void {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}
