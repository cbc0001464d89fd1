/** Harmony, drawn: press keys, and see the shape of what you hear. */
import { AnimatePresence, MotionConfig, motion } from 'motion/react';
import { useMemo } from 'react';
import './app.css';
import { Actions, Sliders } from './controls.tsx';
import { Drawing } from './drawing.tsx';
import { useInstrument } from './instrument.ts';
import type { Reading } from './notes.ts';
import { Piano } from './piano.tsx';
import { usePrefersDark, usePrefersStillness } from './preferences.ts';

/** One ink a voice. Each carries the label of its key, so each keeps 4.5:1 against it. */
const INKS = {
  light: { colors: ['#1446e0', '#e3175f', '#00805a'], blend: 'multiply' },
  dark: { colors: ['#5a8bff', '#ff5c9d', '#3ee6ae'], blend: 'lighter' },
} as const;

export default function App() {
  const instrument = useInstrument();
  const { steps, reading, figure } = instrument;
  const scheme = usePrefersDark() ? 'dark' : 'light';
  const still = usePrefersStillness();
  const voices = figure.ratios.length;
  const ink = useMemo(() => ({ ...INKS[scheme], colors: INKS[scheme].colors.slice(0, voices) }), [scheme, voices]);
  return (
    <MotionConfig reducedMotion="user">
      <main className="app" data-scheme={scheme}>
        <section className="reading">
          <h1>Harmony, drawn</h1>
          <ReadingText reading={reading} />
        </section>
        <section className="paper">
          <Drawing
            figure={figure}
            ink={ink}
            take={instrument.take}
            still={still}
            label={`Harmonograph drawing of ${reading.name}, ${reading.ratio}`}
            onTurn={instrument.turn}
          />
          <p className="hint">Drag to turn and detune</p>
        </section>
        <section className="controls" aria-label="Pendulum">
          <Sliders pendulum={instrument.pendulum} onChange={instrument.setPendulum} />
          <Actions
            loud={instrument.loud}
            onLoud={instrument.toggleSound}
            onAgain={instrument.again}
            onSurprise={instrument.surprise}
          />
        </section>
        <section className="keys">
          <Piano sounding={colorsOf(steps, INKS[scheme].colors)} onPress={instrument.press} />
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

function colorsOf(steps: readonly number[], colors: readonly string[]): Map<number, string> {
  return new Map([0, ...steps].map((step, voice) => [step, colors[step === 0 ? 0 : voice] ?? '']));
}
