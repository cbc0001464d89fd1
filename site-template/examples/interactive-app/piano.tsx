/** One octave of keys. Arrow keys move along it, Space and Enter press; letters are handled by the app. */
import { type KeyboardEvent, useRef, useState } from 'react';
import { NOTES } from './notes.ts';
import styles from './piano.module.css';

interface PianoProps {
  /** Colour of each key that sounds, by its place in the octave. */
  sounding: ReadonlyMap<number, string>;
  onPress: (step: number) => void;
}

export function Piano({ sounding, onPress }: PianoProps) {
  const [reachable, setReachable] = useState(7);
  const keysRef = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const change = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (change === undefined) return;
    event.preventDefault();
    const next = Math.min(NOTES.length - 1, Math.max(0, reachable + change));
    setReachable(next);
    keysRef.current?.querySelectorAll('button')[next]?.focus();
  };
  let whites = 0;
  return (
    <div ref={keysRef} className={styles.piano} role="toolbar" aria-label="Piano, one octave from C" onKeyDown={move}>
      {NOTES.map((note, step) => {
        const color = sounding.get(step);
        if (!note.black) whites++;
        return (
          <button
            key={note.name}
            type="button"
            className={note.black ? styles.black : styles.white}
            style={{ '--at': whites, '--ink': color ?? 'transparent' } as React.CSSProperties}
            data-on={color !== undefined || undefined}
            aria-pressed={color !== undefined}
            aria-label={`${spoken(note.name)}, ${note.interval.toLowerCase()}`}
            aria-keyshortcuts={note.key}
            tabIndex={step === reachable ? 0 : -1}
            onFocus={() => setReachable(step)}
            onClick={() => onPress(step)}
          >
            <span>{note.name}</span>
            <kbd>{note.key}</kbd>
          </button>
        );
      })}
    </div>
  );
}

function spoken(name: string): string {
  return name.replace('♯', ' sharp').replace('♭', ' flat').replace('′', ' above');
}
