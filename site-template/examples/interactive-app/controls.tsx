/** The fine adjustments, and the three things one may want at any time: sound, again, surprise. */
import { RotateCcw, Shuffle, Volume2, VolumeX } from 'lucide-react';
import { useId } from 'react';
import styles from './controls.module.css';

interface SliderProps {
  label: string;
  reading: string;
  value: number;
  min: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
}

export function Slider({ label, reading, value, min, max, step, onChange }: SliderProps) {
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
        aria-valuetext={reading}
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
      <button type="button" onClick={onAgain} aria-keyshortcuts="Enter">
        <RotateCcw aria-hidden size={20} /> Draw again
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
