/** What each key does. */

export type Command =
  | { kind: 'toggle' | 'mute' | 'fullScreen' | 'help' }
  /** Forward in time, or backward when below zero. */
  | { kind: 'seconds' | 'frames' | 'scenes'; by: number }
  | { kind: 'edge'; at: 'start' | 'end' };

/** As the list of shortcuts shows them. */
export const SHORTCUTS: readonly (readonly [keys: string, does: string])[] = [
  ['Space, K', 'Play or pause'],
  ['← →', 'One second'],
  ['Shift ← →', 'Previous or next scene'],
  [', .', 'One frame'],
  ['Home, End', 'Start or end'],
  ['M', 'Mute'],
  ['F', 'Full screen'],
  ['?', 'This list'],
];

const commands: Readonly<Record<string, Command>> = {
  ' ': { kind: 'toggle' },
  k: { kind: 'toggle' },
  arrowleft: { kind: 'seconds', by: -1 },
  arrowright: { kind: 'seconds', by: 1 },
  ',': { kind: 'frames', by: -1 },
  '.': { kind: 'frames', by: 1 },
  home: { kind: 'edge', at: 'start' },
  end: { kind: 'edge', at: 'end' },
  m: { kind: 'mute' },
  f: { kind: 'fullScreen' },
  '?': { kind: 'help' },
};

/** @param key of a KeyboardEvent */
export function commandOf(key: string, isShifted: boolean): Command | undefined {
  const name = key.toLowerCase();
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return isShifted && command?.kind === 'seconds' ? { ...command, kind: 'scenes' } : command;
}

/** Calls `run` for each key pressed that is not meant for what has the focus: a field, or a button and the space bar. */
export function listenToKeys(run: (command: Command) => void): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.composedPath()[0] as HTMLElement;
    if (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    if (target.tagName === 'BUTTON' && event.key === ' ') return;
    const command = commandOf(event.key, event.shiftKey);
    if (!command) return;
    event.preventDefault();
    run(command);
  });
}
