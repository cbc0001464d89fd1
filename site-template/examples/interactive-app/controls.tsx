/** The fine adjustments, and the three things one may want at any time: sound, again, surprise. */
import { RotateCcw, Shuffle, Volume2, VolumeX } from 'lucide-react';
import { useId } from 'react';
import styles from './controls.module.css';
import type { Pendulum } from './instrument.ts';

interface SliderProps {
  label: string;
  reading: string;
  /** The reading in words, where the sign for it is not a word. */
  spoken?: string;
  value: number;
  min: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
}

/** Turn, detune and fade: the pendulum without a pointer. */
export function Sliders({ pendulum, onChange }: { pendulum: Pendulum; onChange: (pendulum: Pendulum) => void }) {
  const { phase, drift, decay } = pendulum;
  return (
    <>
      <Slider
        label="Turn"
        reading={`${Math.round(phase * 360)}°`}
        value={phase}
        min={0}
        max={1}
        step={0.005}
        onChange={(value) => onChange({ ...pendulum, phase: value })}
      />
      <Slider
        label="Detune"
        reading={`${drift.toFixed(1)} ¢`}
        spoken={`${drift.toFixed(1)} cents`}
        value={drift}
        min={-20}
        max={20}
        step={0.1}
        onChange={(value) => onChange({ ...pendulum, drift: value })}
      />
      <Slider
        label="Fade"
        reading={`${Math.round(decay * 100)}%`}
        value={decay}
        min={0}
        max={1}
        step={0.01}
        onChange={(value) => onChange({ ...pendulum, decay: value })}
      />
    </>
  );
}

function Slider({ label, reading, spoken = reading, value, min, max, step, onChange }: SliderProps) {
  const id = useId();
  const filled = `${((value - min) / (max - min)) * 100}%`;
  return (
    <div className={styles.slider}>
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id}>{reading}</output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={spoken}
        style={{ '--filled': filled } as React.CSSProperties}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
    </div>
  );
}

interface ActionsProps {
  loud: boolean;
  onLoud: () => void;
  onAgain: () => void;
  onSurprise: () => void;
}

export function Actions({ loud, onLoud, onAgain, onSurprise }: ActionsProps) {
  return (
    <div className={styles.actions}>
      <button type="button" onClick={onAgain}>
        <RotateCcw aria-hidden size={20} /> Again
      </button>
      <button type="button" onClick={onSurprise} aria-keyshortcuts="r">
        <Shuffle aria-hidden size={20} /> Surprise me
      </button>
      <button
        type="button"
        className={styles.icon}
        onClick={onLoud}
        aria-pressed={loud}
        aria-label="Sound"
        aria-keyshortcuts="m"
      >
        {loud ? <Volume2 aria-hidden size={22} /> : <VolumeX aria-hidden size={22} />}
      </button>
    </div>
  );
}
