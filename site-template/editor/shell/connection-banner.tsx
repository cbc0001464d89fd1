/** Says when the control plane cannot be reached, and that work may go on. */
import { useConvexConnectionState } from 'convex/react';
import { useEffect, useState } from 'react';
import styles from './states.module.css';

/** A connection that is back sooner was not worth a word, in milliseconds. */
const PATIENCE = 1500;

export function ConnectionBanner() {
  const { isWebSocketConnected } = useConvexConnectionState();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (isWebSocketConnected) return setLong(false);
    const timer = setTimeout(() => setLong(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [isWebSocketConnected]);
  if (isWebSocketConnected || !isLong) return null;
  return (
    <p className={styles.banner} role="status">
      No connection. Go on working: your draft is kept in this browser, and saving waits until the connection is back.
    </p>
  );
}
