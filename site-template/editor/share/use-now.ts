/** The control plane's time, as well as a browser can know it: its own clock, set right by news that has just come. */
import { useEffect, useRef, useState } from 'react';
import type { PublishLine } from './control-plane.ts';
import { latestTime } from './status-model.ts';

/** How often a running time is drawn anew, and a resting one, in milliseconds. */
const RUNNING = 100;
const RESTING = 30_000;

/** @returns milliseconds since 1970; drawn anew often while `isRunning` */
export function useNow(publish: Pick<PublishLine, 'publish' | 'times'> | null, isRunning: boolean): number {
  const [now, setNow] = useState(Date.now);
  const skew = useSkew(publish);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), isRunning ? RUNNING : RESTING);
    return () => clearInterval(timer);
  }, [isRunning]);
  return Math.max(now - skew, publish ? latestTime(publish) : 0);
}

/** How far this clock is ahead. Only news that came while we watched tell: they are as old as their way. */
function useSkew(publish: Pick<PublishLine, 'publish' | 'times'> | null): number {
  const [skew, setSkew] = useState(0);
  const seen = useRef<{ publish: string; time: number } | null>(null);
  useEffect(() => {
    if (!publish) return;
    const time = latestTime(publish);
    const before = seen.current;
    seen.current = { publish: publish.publish, time };
    if (before?.publish === publish.publish && time > before.time) setSkew(Date.now() - time);
  }, [publish]);
  return skew;
}
