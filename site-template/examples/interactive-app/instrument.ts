/** What is played and how the pendulums hang, and everything a hand can do to it. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Figure } from './harmonograph.ts';
import { NOTES, readChord } from './notes.ts';
import { Synthesiser } from './sound.ts';

const SURPRISES = [[7], [4, 7], [5], [3, 7], [9], [4, 9], [5, 9], [12], [7, 12], [3], [4, 11], [2, 7], [10], [4]];
const MAX_CENTS = 20;

export interface Pendulum {
  phase: number;
  drift: number;
  decay: number;
}

export function useInstrument() {
  const [pressed, setPressed] = useState<readonly number[]>([7]);
  const [pendulum, setPendulum] = useState<Pendulum>({ phase: 0.18, drift: 2, decay: 0.45 });
  const [take, setTake] = useState(0);
  const { loud, toggleSound, sound } = useSound();
  const steps = useMemo(() => ascending(pressed), [pressed]);
  const reading = useMemo(() => readChord(steps), [steps]);
  const ratios = useMemo(() => ratiosOf(steps), [steps]);
  const period = reading.terms[0] ?? 1;
  const figure: Figure = useMemo(() => ({ ratios, period, ...pendulum }), [ratios, period, pendulum]);

  const play = (keys: readonly number[]) => {
    setPressed(keys);
    setTake(take + 1);
    sound(ratiosOf(ascending(keys)));
  };
  const press = (step: number) => play(withKey(pressed, step));
  const surprise = () => {
    const others = SURPRISES.filter((chord) => chord.join() !== steps.join());
    play(others[Math.floor(Math.random() * others.length)] ?? [7]);
    setPendulum({ phase: Math.random(), drift: Math.round(Math.random() * 80) / 10, decay: 0.2 + Math.random() * 0.5 });
  };
  const turn = (change: { phase: number; drift: number }) =>
    setPendulum((before) => ({
      ...before,
      phase: (((before.phase + change.phase) % 1) + 1) % 1,
      drift: Math.min(MAX_CENTS, Math.max(-MAX_CENTS, before.drift + change.drift)),
    }));
  useShortcuts({ press, surprise, toggleSound });
  const again = () => play(pressed);
  return { steps, reading, figure, take, pendulum, setPendulum, turn, press, again, surprise, loud, toggleSound };
}

function useSound() {
  const [loud, setLoud] = useState(true);
  const synthesiser = useRef<Synthesiser>(null);
  const sound = useCallback(
    (ratios: readonly number[]) => {
      synthesiser.current ??= new Synthesiser();
      if (loud) synthesiser.current.play(ratios);
    },
    [loud],
  );
  const toggleSound = () => {
    if (loud) synthesiser.current?.hush();
    setLoud(!loud);
  };
  return { loud, toggleSound, sound };
}

interface Shortcuts {
  press: (step: number) => void;
  surprise: () => void;
  toggleSound: () => void;
}

/** Letters play; M is sound, R a surprise. Combinations with Control or Command stay the browser's. */
function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const key = event.key.toLowerCase();
      const step = NOTES.findIndex((note) => note.key === key);
      if (step >= 0) latest.current.press(step);
      else if (key === 'r') latest.current.surprise();
      else if (key === 'm') latest.current.toggleSound();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function ascending(keys: readonly number[]): number[] {
  return keys.toSorted((a, b) => a - b);
}

function ratiosOf(steps: readonly number[]): number[] {
  return [1, ...steps.flatMap((step) => NOTES[step] ?? []).map(({ over, under }) => over / under)];
}

/** The root always sounds; a key joins it, leaves it, or takes the place of the one pressed longest ago. */
function withKey(pressed: readonly number[], step: number): readonly number[] {
  if (step === 0) return [0];
  const others = pressed.filter((one) => one !== step && one !== 0);
  if (!pressed.includes(step)) return [...others.slice(-1), step];
  return others.length > 0 ? others : [0];
}
