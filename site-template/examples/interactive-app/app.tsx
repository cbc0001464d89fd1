/** Harmony, drawn: press keys, and see the shape of what you hear. */
import { AnimatePresence, MotionConfig, motion } from 'motion/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import './app.css';
import { Actions, Slider } from './controls.tsx';
import { Drawing } from './drawing.tsx';
import { NOTES, type Reading, readChord } from './notes.ts';
import { Piano } from './piano.tsx';
import { usePrefersDark, usePrefersStillness } from './preferences.ts';
import { Synthesiser } from './sound.ts';

const INKS = {
  light: { colors: ['#1446e0', '#ff2e7e', '#00a878'], blend: 'multiply' },
  dark: { colors: ['#5a8bff', '#ff5c9d', '#3ee6ae'], blend: 'lighter' },
} as const;
const SURPRISES = [[7], [4, 7], [5], [3, 7], [9], [4, 9], [5, 9], [12], [7, 12], [3], [4, 11], [2, 7], [10], [4]];

const wrap = (turns: number) => ((turns % 1) + 1) % 1;
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export default function App() {
  const [steps, setSteps] = useState<readonly number[]>([7]);
  const [pendulum, setPendulum] = useState({ phase: 0.18, drift: 1.5, decay: 0.35 });
  const [take, setTake] = useState(0);
  const [loud, setLoud] = useState(true);
  const synthesiser = useRef<Synthesiser>(null);
  const dark = usePrefersDark();
  const still = usePrefersStillness();

  const ratios = useMemo(() => ratiosOf(steps), [steps]);
  const figure = useMemo(() => ({ ratios, ...pendulum }), [ratios, pendulum]);
  const palette = INKS[dark ? 'dark' : 'light'];
  const ink = useMemo(() => ({ ...palette, colors: palette.colors.slice(0, ratios.length) }), [palette, ratios.length]);
  const reading = readChord(steps);

  const sound = useCallback(
    (chord: readonly number[]) => {
      synthesiser.current ??= new Synthesiser();
      if (loud) synthesiser.current.play(ratiosOf(chord));
    },
    [loud],
  );
  const choose = useCallback(
    (chord: readonly number[]) => {
      setSteps(chord);
      setTake((before) => before + 1);
      sound(chord);
    },
    [sound],
  );
  const press = useCallback((step: number) => choose(withKey(steps, step)), [choose, steps]);
  const surprise = useCallback(() => {
    const others = SURPRISES.filter((chord) => chord.join() !== steps.join());
    choose(others[Math.floor(Math.random() * others.length)] ?? [7]);
    setPendulum({
      phase: Math.random(),
      drift: Math.round(Math.random() * 80) / 10,
      decay: 0.15 + Math.random() * 0.5,
    });
  }, [choose, steps]);
  const toggleSound = useCallback(() => {
    if (loud) synthesiser.current?.hush();
    setLoud(!loud);
  }, [loud]);
  useShortcuts(press, surprise, toggleSound);

  return (
    <MotionConfig reducedMotion="user">
      <main className="app" data-scheme={dark ? 'dark' : 'light'}>
        <section className="reading">
          <h1>Harmony, drawn</h1>
          <ReadingText reading={reading} />
        </section>
        <section className="paper">
          <Drawing
            figure={figure}
            ink={ink}
            take={take}
            still={still}
            label={`Harmonograph drawing of ${reading.name}, ${reading.ratio}`}
            onTurn={(change) =>
              setPendulum((before) => ({
                ...before,
                phase: wrap(before.phase + change.phase),
                drift: clamp(before.drift + change.drift, -20, 20),
              }))
            }
          />
        </section>
        <section className="controls" aria-label="Pendulum">
          <Slider
            label="Turn"
            reading={`${Math.round(pendulum.phase * 360)}°`}
            value={pendulum.phase}
            min={0}
            max={1}
            step={0.005}
            onChange={(phase) => setPendulum({ ...pendulum, phase })}
          />
          <Slider
            label="Detune"
            reading={`${pendulum.drift.toFixed(1)} cents`}
            value={pendulum.drift}
            min={-20}
            max={20}
            step={0.1}
            onChange={(drift) => setPendulum({ ...pendulum, drift })}
          />
          <Slider
            label="Fade"
            reading={`${Math.round(pendulum.decay * 100)}%`}
            value={pendulum.decay}
            min={0}
            max={1}
            step={0.01}
            onChange={(decay) => setPendulum({ ...pendulum, decay })}
          />
          <Actions loud={loud} onLoud={toggleSound} onAgain={() => choose(steps)} onSurprise={surprise} />
        </section>
        <section className="keys">
          <Piano sounding={colorsOf(steps, palette.colors)} onPress={press} />
        </section>
      </main>
    </MotionConfig>
  );
}

function ReadingText({ reading }: { reading: Reading }) {
  return (
    <div className="chord" aria-live="polite">
      <AnimatePresence mode="popLayout" initial={false}>
        <motion.div
          key={reading.ratio}
          initial={{ y: 28, opacity: 0 }}
          animate={{ y: 0, opacity: 1 }}
          exit={{ y: -28, opacity: 0 }}
          transition={{ type: 'spring', stiffness: 320, damping: 30 }}
        >
          <p className="ratio" data-long={reading.ratio.length > 5 || undefined}>
            {reading.ratio}
          </p>
          <p className="name">{reading.name}</p>
          <p className="about">{reading.about}</p>
        </motion.div>
      </AnimatePresence>
    </div>
  );
}

function ratiosOf(steps: readonly number[]): number[] {
  return [1, ...steps.flatMap((step) => NOTES[step] ?? []).map(({ over, under }) => over / under)];
}

/** The root always sounds; a key joins it, leaves it, or takes the place of the one pressed longest ago. */
function withKey(steps: readonly number[], step: number): readonly number[] {
  if (step === 0) return [0];
  const others = steps.filter((one) => one !== step && one !== 0);
  if (others.length < steps.length && steps.includes(step)) return others.length > 0 ? others : [0];
  return [...others.slice(-1), step].sort((a, b) => a - b);
}

function colorsOf(steps: readonly number[], colors: readonly string[]): Map<number, string> {
  return new Map([0, ...steps].map((step, voice) => [step, colors[step === 0 ? 0 : voice] ?? '']));
}

/** Letters play; M is sound, R a surprise. Combinations with Control or Command stay the browser's. */
function useShortcuts(press: (step: number) => void, surprise: () => void, toggleSound: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const key = event.key.toLowerCase();
      const step = NOTES.findIndex((note) => note.key === key);
      if (step >= 0) press(step);
      else if (key === 'r') surprise();
      else if (key === 'm') toggleSound();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [press, surprise, toggleSound]);
}
