/** The control plane's time, as well as a browser can know it: its own clock, set right by news that has just come. */
import { useEffect, useRef, useState } from 'react';

/** What the control plane has told of one thing that goes on. */
export interface Told {
  id: string;
  /** The newest time that it has told, in milliseconds since 1970. */
  told: number;
}

/** How often a running time is drawn anew, and a resting one, in milliseconds. */
const RUNNING = 100;
const RESTING = 30_000;

/** @returns milliseconds since 1970; drawn anew often while `isRunning` */
export function useNow(news: Told | null, isRunning: boolean): number {
  const [now, setNow] = useState(Date.now);
  const skew = useSkew(news);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), isRunning ? RUNNING : RESTING);
    return () => clearInterval(timer);
  }, [isRunning]);
  return Math.max(now - skew, news?.told ?? 0);
}

/** How far this clock is ahead. Only news that came while we watched tell: they are as old as their way. */
function useSkew(news: Told | null): number {
  const [skew, setSkew] = useState(0);
  const seen = useRef<Told | null>(null);
  const { id, told } = news ?? { id: '', told: 0 };
  useEffect(() => {
    const before = seen.current;
    seen.current = { id, told };
    if (before?.id === id && told > before.told) setSkew(Date.now() - told);
  }, [id, told]);
  return skew;
}
