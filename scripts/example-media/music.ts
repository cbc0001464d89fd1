/** The launch film's music: pads, plucks, soft drums and surf, synthesised. 90 beats a minute, 24 seconds. */
import { seeded } from './seeded.ts';

/** Samples a second. */
export const RATE = 44_100;
const BEAT = 60 / 90;
const BEATS = 36;
/** Chords as semitones above A3 (220 Hz), with the beat at which each starts: a change on every cut of the film. */
const CHORDS: { from: number; bass: number; notes: number[] }[] = [
  { from: 0, bass: -19, notes: [-7, 0, 4, 7, 9] },
  { from: 6, bass: -22, notes: [-10, -7, 0, 2, 9] },
  { from: 10, bass: -26, notes: [-2, 2, 5, 9, 12] },
  { from: 14, bass: -15, notes: [-3, 0, 5, 9, 12] },
  { from: 18, bass: -24, notes: [-5, 0, 2, 7, 12] },
  { from: 22, bass: -17, notes: [-5, -2, 2, 5, 9] },
  { from: 26, bass: -26, notes: [-2, 0, 5, 9, 14] },
  { from: 30, bass: -19, notes: [-7, 0, 4, 9, 16] },
];
const CUTS = [6, 14, 22, 30];

interface Mix {
  left: Float32Array;
  right: Float32Array;
  /** What is sent to the echo. */
  send: Float32Array;
}

function add(mix: Mix, at: number, seconds: number, pan: number, send: number, voice: (t: number) => number): void {
  const first = Math.round(at * RATE);
  const last = Math.min(mix.left.length, first + Math.round(seconds * RATE));
  for (let index = Math.max(0, first); index < last; index++) {
    const value = voice((index - first) / RATE);
    mix.left[index] = (mix.left[index] ?? 0) + value * Math.sqrt(0.5 - pan / 2);
    mix.right[index] = (mix.right[index] ?? 0) + value * Math.sqrt(0.5 + pan / 2);
    mix.send[index] = (mix.send[index] ?? 0) + value * send;
  }
}

const hertz = (semitones: number) => 220 * 2 ** (semitones / 12);

function addPads(mix: Mix): void {
  for (const [index, chord] of CHORDS.entries()) {
    const length = ((CHORDS[index + 1]?.from ?? BEATS) - chord.from) * BEAT + 0.9;
    for (const [n, note] of chord.notes.entries()) {
      for (const detune of [-0.06, 0.05]) {
        const f = hertz(note + detune);
        add(mix, chord.from * BEAT - 0.12, length, (n / 4 - 0.5) * 0.9 + detune * 4, 0.35, (t) => {
          const swell = Math.min(1, t / 0.7) * Math.min(1, (length - t) / 0.9);
          const bright = 0.55 + 0.3 * Math.sin(t * 0.9 + n);
          const tone =
            Math.sin(6.2832 * f * t) + (bright / 3) * Math.sin(12.566 * f * t + n) + 0.09 * Math.sin(18.85 * f * t);
          return tone * swell * 0.021;
        });
      }
    }
    const low = hertz(chord.bass);
    add(mix, chord.from * BEAT, length, 0, 0.05, (t) => {
      const shape = Math.min(1, t / 0.05) * Math.exp(-t * 0.35) * Math.min(1, (length - t) / 0.6);
      return (
        (Math.sin(6.2832 * low * t) + 0.35 * Math.sin(12.566 * low * t)) * shape * (chord.from === 0 ? 0.07 : 0.12)
      );
    });
  }
}

/** No drum and no pluck sounds just before a cut, so that one scene's sound can hand over to the next unheard. */
const isBreath = (beat: number) => CUTS.some((cut) => beat >= cut - 0.55 && beat < cut);

function addPlucks(mix: Mix): void {
  const steps = [0, 2, 4, 1, 3, 2, 4, 3];
  for (let step = 4; step < 34 * 2; step++) {
    const beat = step / 2;
    const chord = CHORDS.findLast((one) => one.from <= beat);
    const note = chord?.notes[steps[step % steps.length] ?? 0];
    if (note === undefined || isBreath(beat) || (beat < 6 && step % 2 === 1) || (beat >= 30 && step % 2 === 1))
      continue;
    const f = hertz(note + 12);
    const loud = (beat < 6 ? 0.05 : beat < 14 ? 0.058 : 0.07) * (step % 4 === 0 ? 1.2 : 0.85);
    add(mix, beat * BEAT, 1.4, Math.sin(step * 1.7) * 0.6, 0.75, (t) => {
      const ring = Math.sin(6.2832 * f * t + 1.6 * Math.exp(-t * 14) * Math.sin(6.2832 * f * 3 * t));
      return ring * Math.exp(-t * 5) * Math.min(1, t / 0.003) * loud;
    });
  }
}

function addPercussion(mix: Mix): void {
  const next = seeded(90);
  for (let step = 6 * 4; step < 30 * 4; step++) {
    const beat = step / 4;
    if (isBreath(beat)) continue;
    const sinceCut = beat - (CUTS.findLast((cut) => cut <= beat) ?? 0);
    if (Number.isInteger(beat) && sinceCut % 2 === 0) {
      add(
        mix,
        beat * BEAT,
        0.4,
        0,
        0.04,
        (t) => Math.sin(6.2832 * (46 * t + 2.6 * (1 - Math.exp(-t * 34)))) * Math.exp(-t * 9) * 0.3,
      );
    }
    if (step % 2 === 0 || beat >= 22) {
      let held = 0;
      const loud = step % 4 === 2 ? 0.05 : 0.022;
      add(mix, beat * BEAT, 0.09, 0.3, 0.12, (t) => {
        const white = next() * 2 - 1;
        held += (white - held) * 0.45;
        return (white - held) * Math.exp(-t * 55) * loud;
      });
    }
    if (Number.isInteger(beat) && sinceCut % 4 === 2 && beat >= 14) {
      add(mix, beat * BEAT, 0.2, -0.2, 0.4, (t) => Math.sin(6.2832 * 820 * t) * Math.exp(-t * 48) * 0.075);
    }
  }
}

/** Surf at the beginning and at the end: noise through a slow low-pass, opening and closing. */
function addSurf(mix: Mix): void {
  for (const [at, length, seed] of [
    [0, 6, 1],
    [2.6, 5, 2],
    [18.6, 5.4, 3],
  ] as const) {
    const next = seeded(seed);
    let low = 0;
    add(mix, at, length, seed === 2 ? 0.4 : -0.3, 0.1, (t) => {
      const open = Math.sin((Math.PI * t) / length) ** 2;
      low += (next() * 2 - 1 - low) * (0.02 + 0.09 * open);
      return low * open * 0.2;
    });
  }
}

function echo(mix: Mix): void {
  for (const [side, delays] of [
    [mix.left, [0.0437, 0.0711, 0.25]],
    [mix.right, [0.0531, 0.0793, 0.5]],
  ] as const) {
    for (const delay of delays) {
      const gap = Math.round((delay > 0.2 ? delay * BEAT * 1.5 : delay) * RATE);
      const line = new Float32Array(mix.send.length);
      let damp = 0;
      for (let index = gap; index < line.length; index++) {
        const back = (mix.send[index - gap] ?? 0) + (line[index - gap] ?? 0) * 0.62;
        damp += (back - damp) * 0.4;
        line[index] = damp;
        side[index] = (side[index] ?? 0) + damp * 0.3;
      }
    }
  }
}

/** The whole piece as 16-bit stereo samples, faded in and out. */
export function composeMusic(): Buffer {
  const samples = Math.round(BEATS * BEAT * RATE);
  const mix: Mix = {
    left: new Float32Array(samples),
    right: new Float32Array(samples),
    send: new Float32Array(samples),
  };
  addSurf(mix);
  addPads(mix);
  addPlucks(mix);
  addPercussion(mix);
  echo(mix);
  const pcm = Buffer.alloc(samples * 4);
  for (let index = 0; index < samples; index++) {
    const t = index / RATE;
    const gain = Math.min(1, t / 1.2) * Math.min(1, (BEATS * BEAT - t) / 2.4) * 1.9;
    pcm.writeInt16LE(Math.round(Math.tanh((mix.left[index] ?? 0) * gain) * 32_000), index * 4);
    pcm.writeInt16LE(Math.round(Math.tanh((mix.right[index] ?? 0) * gain) * 32_000), index * 4 + 2);
  }
  return pcm;
}
