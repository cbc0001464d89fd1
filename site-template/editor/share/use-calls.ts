/** Calls that a person makes: one at a time, with what is under way and why the last one was refused. */
import { useCallback, useMemo, useRef, useState } from 'react';
import { type Problem, problemOfCall } from './problems.ts';

export interface Calls<Busy> {
  busy: Busy | null;
  refusal: Problem | null;
  dismiss(): void;
  setBusy(busy: Busy | null): void;
  refuse(problem: Problem): void;
  /** One at a time; what is asked for meanwhile is not done. Null when it was refused. */
  run<T>(what: Busy, call: () => Promise<T>): Promise<T | null>;
}

export function useCalls<Busy>(): Calls<Busy> {
  const [busy, setBusy] = useState<Busy | null>(null);
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const isBusy = useRef(false);
  const run = useCallback(async <T>(what: Busy, call: () => Promise<T>): Promise<T | null> => {
    if (isBusy.current) return null;
    isBusy.current = true;
    setBusy(what);
    setRefusal(null);
    try {
      return await call();
    } catch (error) {
      setRefusal(problemOfCall(error));
      return null;
    } finally {
      isBusy.current = false;
      setBusy(null);
    }
  }, []);
  const dismiss = useCallback(() => setRefusal(null), []);
  return useMemo(() => ({ busy, refusal, dismiss, setBusy, refuse: setRefusal, run }), [busy, refusal, dismiss, run]);
}
