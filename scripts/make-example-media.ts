/**
 * Makes what the examples cannot write by hand: two pictures, one piece of music, two tables of daylight.
 * Run by hand after a change: `node scripts/make-example-media.ts`. Needs Chromium, and ffmpeg for the MP3.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const EXAMPLES = join(import.meta.dirname, '../site-template/examples');
const FILM = join(EXAMPLES, 'launch-film');
const STORY = join(EXAMPLES, 'data-story');

/** A repeatable stream of numbers in 0..1 (mulberry32): the same files come out of every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// ---------------------------------------------------------------------------------------------- harbour at dawn

function hill(base: number, rise: number, seed: number): string {
  const next = seeded(seed);
  const phases = [next() * 6, next() * 6, next() * 6];
  const points = Array.from({ length: 65 }, (_, index) => {
    const x = index * 20;
    const wave = phases.reduce((sum, phase, n) => sum + Math.sin((x / 1280) * (3 + n * 4) + phase) / (n + 1), 0);
    return `${x},${(base - rise * (0.62 + 0.3 * wave)).toFixed(1)}`;
  });
  return `M0,${base} L${points.join(' ')} L1280,${base} Z`;
}

function house(x: number, ground: number, next: () => number): string {
  const width = 34 + next() * 26;
  const height = 38 + next() * 44;
  const walls = ['#e9d3b4', '#d9b493', '#c98f78', '#b8c2bd', '#efe2c8', '#8fa3a8'];
  const wall = walls[Math.floor(next() * walls.length)];
  const top = ground - height;
  const roof = 12 + next() * 12;
  let windows = '';
  for (let wx = x + 7; wx < x + width - 9; wx += 12) {
    for (let wy = top + 9; wy < ground - 12; wy += 17) {
      const lit = next() > 0.72;
      windows += `<rect x="${wx}" y="${wy}" width="5" height="8" fill="${lit ? '#ffd98a' : '#2b4a5f'}" opacity="${lit ? 1 : 0.7}"/>`;
    }
  }
  return `<path d="M${x - 2},${top} L${x + width / 2},${top - roof} L${x + width + 2},${top} Z" fill="#5a3f46"/>
    <rect x="${x}" y="${top}" width="${width}" height="${height}" fill="${wall}"/>
    <rect x="${x + width * 0.62}" y="${top}" width="${width * 0.38}" height="${height}" fill="#10243e" opacity=".16"/>
    ${windows}<rect x="${x + width * 0.2}" y="${top - roof - 4}" width="6" height="16" fill="#4a333a"/>`;
}

function town(): string {
  const next = seeded(11);
  let houses = '';
  for (const [row, ground] of [372, 404, 436].entries()) {
    for (let x = 1010 - row * 34; x < 1290; x += 40 + next() * 18) houses += house(x, ground + next() * 6, next);
  }
  return houses;
}

function harbourSvg(): string {
  const next = seeded(5);
  const glitter = Array.from({ length: 90 }, () => {
    const depth = next();
    const spread = 26 + depth * 150;
    const x = 700 + (next() - 0.5) * 2 * spread;
    return `<rect x="${x}" y="${398 + depth * 120}" width="${8 + depth * 46}" height="${1 + depth * 2}" rx="1" fill="#ffe9bd" opacity="${0.75 - depth * 0.5}"/>`;
  }).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720" viewBox="0 0 1280 720">
  <defs>
    <linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#123a55"/><stop offset=".26" stop-color="#2c6179"/>
      <stop offset=".42" stop-color="#8d9c96"/><stop offset=".5" stop-color="#e8b48b"/><stop offset=".56" stop-color="#f8d9a4"/></linearGradient>
    <linearGradient id="sea" x2="0" y2="1"><stop offset="0" stop-color="#efc394"/><stop offset=".2" stop-color="#8fa6a3"/>
      <stop offset="1" stop-color="#1f566d"/></linearGradient>
    <radialGradient id="glow"><stop offset="0" stop-color="#fff3cf"/><stop offset=".25" stop-color="#ffdf9f" stop-opacity=".7"/>
      <stop offset="1" stop-color="#f3a66f" stop-opacity="0"/></radialGradient>
    <filter id="haze"><feGaussianBlur stdDeviation="1.4"/></filter>
    <filter id="grain"><feTurbulence type="fractalNoise" baseFrequency=".9" numOctaves="2" seed="4"/>
      <feColorMatrix values="0 0 0 0 .5  0 0 0 0 .45  0 0 0 0 .4  0 0 0 .9 -.32"/></filter>
  </defs>
  <rect width="1280" height="720" fill="url(#sky)"/>
  <circle cx="700" cy="386" r="330" fill="url(#glow)"/>
  <circle cx="700" cy="384" r="46" fill="#fff6da"/>
  <path d="${hill(396, 60, 3)}" fill="#a9a59b" opacity=".75" filter="url(#haze)"/>
  <path d="${hill(398, 34, 8)}" fill="#6f8588" opacity=".85" filter="url(#haze)"/>
  <rect y="394" width="1280" height="330" fill="url(#sea)"/>
  ${glitter}
  <path d="M0,394 L0,372 Q120,352 210,380 L300,388 L420,392 L420,400 L0,410 Z" fill="#33545f"/>
  <path d="M386,392 L390,330 L402,330 L406,392 Z" fill="#efe2c8"/><path d="M388,362 L389.5,346 L402.500,346 L404,362 Z" fill="#b4443c"/>
  <rect x="386" y="318" width="20" height="13" fill="#10243e"/><rect x="391" y="320" width="10" height="9" fill="#ffe29a"/><path d="M385,318 L396,308 L407,318 Z" fill="#b4443c"/>
  <path d="M860,440 Q960,360 1060,318 Q1160,276 1280,262 L1280,470 L840,470 Z" fill="#3c5a58"/>
  <path d="M930,440 Q1040,360 1280,320 L1280,470 L900,470 Z" fill="#56726a" opacity=".7"/>
  ${town()}
  <rect width="1280" height="720" filter="url(#grain)" opacity=".16"/>
</svg>`;
}

// ------------------------------------------------------------------------------------------------- sea chart

/** Runs in the page: paints land, drying banks, depth tints, contours and soundings, as a paper chart has them. */
function paintChart(canvas: HTMLCanvasElement): void {
  const { width, height } = canvas;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2d canvas');
  const lattice = (x: number, y: number): number => {
    const s = Math.sin(x * 127.1 + y * 311.7) * 43758.5453;
    return s - Math.floor(s);
  };
  const noise = (x: number, y: number): number => {
    const [ix, iy] = [Math.floor(x), Math.floor(y)];
    const fade = (t: number) => t * t * t * (t * (t * 6 - 15) + 10);
    const [fx, fy] = [fade(x - ix), fade(y - iy)];
    const top = lattice(ix, iy) * (1 - fx) + lattice(ix + 1, iy) * fx;
    const bottom = lattice(ix, iy + 1) * (1 - fx) + lattice(ix + 1, iy + 1) * fx;
    return top * (1 - fy) + bottom * fy;
  };
  const layers = (x: number, y: number) =>
    [1, 2, 4, 8].reduce((sum, octave, n) => sum + (noise(x * octave + n * 9, y * octave) - 0.5) / 1.9 ** n, 0);
  /** Metres below chart datum; negative is land. */
  const depthAt = (px: number, py: number): number => {
    const [x, y] = [px / 1000, py / 1000];
    const shore = y * 1.05 + x * 0.34 - 0.66;
    return 34 * shore + 19 * layers(x * 3.1 + 3, y * 3.1 + 7);
  };
  const depths = new Float32Array((width + 1) * (height + 1));
  for (let y = 0; y <= height; y++) for (let x = 0; x <= width; x++) depths[y * (width + 1) + x] = depthAt(x, y);
  const tints: [number, number[]][] = [
    [-8, [232, 212, 160]],
    [0, [240, 222, 174]],
    [2, [176, 201, 168]],
    [5, [150, 198, 209]],
    [10, [184, 217, 224]],
    [20, [213, 233, 235]],
    [99, [239, 244, 238]],
  ];
  const lines = [-14, -8, 0, 2, 5, 10, 15, 20, 30];
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width + 1) + x;
      const depth = depths[at] ?? 0;
      const slope = Math.hypot((depths[at + 1] ?? 0) - depth, (depths[at + width + 1] ?? 0) - depth) + 1e-4;
      const tint = tints.find(([limit]) => depth < limit)?.[1] ?? [239, 244, 238];
      let ink = 0;
      for (const line of lines) {
        const reach = line === 0 ? 1.5 : 0.7;
        const cover = Math.min(1, Math.max(0, reach + 0.5 - Math.abs(depth - line) / slope));
        ink = Math.max(ink, cover * (line === 0 ? 0.85 : line < 0 ? 0.16 : 0.4));
      }
      const paper = (lattice(x, y) - 0.5) * 7;
      for (const [channel, dark] of [26, 58, 84].entries()) {
        image.data[(y * width + x) * 4 + channel] = (tint[channel] ?? 0) * (1 - ink) + dark * ink + paper;
      }
      image.data[(y * width + x) * 4 + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  context.font = 'italic 15px "DejaVu Serif", serif';
  context.fillStyle = 'rgba(26, 58, 84, .62)';
  for (let row = 0; row < height; row += 52) {
    for (let column = 0; column < width; column += 74) {
      const x = column + lattice(column, row) * 46;
      const y = row + lattice(row, column) * 34;
      const depth = depthAt(x, y);
      if (depth > 1.2) context.fillText(depth < 10 ? depth.toFixed(1) : depth.toFixed(0), x, y);
    }
  }
}

async function makePictures(browser: Browser): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.setContent(`<style>body{margin:0}svg,canvas{display:block}</style>${harbourSvg()}`);
  const shot = (await page.screenshot({ type: 'png' })).toString('base64');
  const harbour = await page.evaluate(async (png) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL('image/webp', 0.86);
  }, shot);
  writeFileSync(join(FILM, 'images/harbour.webp'), Buffer.from(harbour.split(',')[1] ?? '', 'base64'));
  await page.setContent('<canvas width="1600" height="1000"></canvas>');
  await page.locator('canvas').evaluate(paintChart as (canvas: SVGElement | HTMLElement) => void);
  const chart = await page.locator('canvas').evaluate((c) => (c as HTMLCanvasElement).toDataURL('image/webp', 0.8));
  writeFileSync(join(FILM, 'images/chart.webp'), Buffer.from(chart.split(',')[1] ?? '', 'base64'));
}

// ------------------------------------------------------------------------------------------------------ music

const RATE = 44_100;
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

function makeMusic(): void {
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
    const gain = Math.min(1, t / 1.2) * Math.min(1, (BEATS * BEAT - t) / 2.4) * 1.5;
    pcm.writeInt16LE(Math.round(Math.tanh((mix.left[index] ?? 0) * gain) * 32_000), index * 4);
    pcm.writeInt16LE(Math.round(Math.tanh((mix.right[index] ?? 0) * gain) * 32_000), index * 4 + 2);
  }
  const folder = mkdtempSync(join(tmpdir(), 'music-'));
  writeFileSync(join(folder, 'music.pcm'), pcm);
  const input = ['-f', 's16le', '-ar', String(RATE), '-ac', '2', '-i', join(folder, 'music.pcm')];
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-y',
    ...input,
    '-b:a',
    '112k',
    '-map_metadata',
    '-1',
    join(FILM, 'public/music.mp3'),
  ]);
  rmSync(folder, { recursive: true });
}

// --------------------------------------------------------------------------------------------------- daylight

/** Hours between sunrise and sunset (centre of the sun 0.833 degrees below the horizon), from the sunrise equation. */
export function daylightHours(latitudeDegrees: number, dayOfYear: number): number {
  const radians = Math.PI / 180;
  const year = ((2 * Math.PI) / 365) * (dayOfYear - 1);
  const declination =
    0.006918 -
    0.399912 * Math.cos(year) +
    0.070257 * Math.sin(year) -
    0.006758 * Math.cos(2 * year) +
    0.000907 * Math.sin(2 * year) -
    0.002697 * Math.cos(3 * year) +
    0.00148 * Math.sin(3 * year);
  const latitude = Math.min(89.999, Math.max(-89.999, latitudeDegrees)) * radians;
  const cosine =
    (Math.sin(-0.833 * radians) - Math.sin(latitude) * Math.sin(declination)) /
    (Math.cos(latitude) * Math.cos(declination));
  return (24 / Math.PI) * Math.acos(Math.min(1, Math.max(-1, cosine)));
}

const CITIES = [
  ['Singapore', 1.35],
  ['Cairo', 30.04],
  ['London', 51.51],
  ['Reykjavík', 64.15],
  ['Tromsø', 69.65],
] as const;

function makeDaylight(): void {
  const days = Array.from({ length: 365 }, (_, index) => index + 1);
  const rows = days.map((day) =>
    [day, ...CITIES.map(([, latitude]) => daylightHours(latitude, day).toFixed(3))].join(','),
  );
  const header = ['day', ...CITIES.map(([name]) => name)].join(',');
  writeFileSync(join(STORY, 'data/cities.csv'), `${[header, ...rows].join('\n')}\n`);
  const weeks = Array.from({ length: 52 }, (_, index) => index * 7 + 4);
  const latitudes = Array.from({ length: 19 }, (_, index) => 90 - index * 10);
  const grid = latitudes.map((latitude) =>
    [latitude, ...weeks.map((day) => daylightHours(latitude, day).toFixed(2))].join(','),
  );
  writeFileSync(join(STORY, 'data/globe.csv'), `${[['latitude', ...weeks].join(','), ...grid].join('\n')}\n`);
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  await makePictures(browser);
} finally {
  await browser.close();
}
makeMusic();
makeDaylight();
