/** Keeps the keyboard's place when the button that had it goes with what it did. */
import { type RefObject, useEffect, useRef } from 'react';

/**
 * @param state the focus moves to `target` when this changes, if it was lost by that and `isAsked`
 * @param isAsked whether it was this part that had the focus
 */
export function useFocusKept(target: RefObject<HTMLElement | null>, state: string, isAsked = true): void {
  const before = useRef(state);
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    const { activeElement } = document;
    const isLost = activeElement === null || activeElement === document.body || activeElement.tagName === 'DIALOG';
    if (isLost && isAsked) target.current?.focus();
  }, [target, state, isAsked]);
}
