/** The drawing machine: pendulums that swing at the frequencies of a chord, and slowly come to rest. */

export interface Figure {
  /** Frequency of each voice against the root: two or three. */
  ratios: readonly number[];
  /** Where the second pendulum starts, in turns. */
  phase: number;
  /** How far the upper voice is out of tune, in cents. */
  drift: number;
  /** How much of the swing is lost by the end: 0 none, 1 nearly all. */
  decay: number;
}

/** Swings of the root in one drawing. */
const SWINGS = 36;
const THIRD_VOICE = 0.46;

/** The line as x, y pairs within -1..1. */
export function trace({ ratios, phase, drift, decay }: Figure, points: number): Float32Array {
  const [root = 1, second = 1, third] = ratios;
  const detuned = second * 2 ** (drift / 1200);
  const scale = third === undefined ? 1 : 1 / (1 + THIRD_VOICE);
  const line = new Float32Array(points * 2);
  for (let index = 0; index < points; index++) {
    const part = index / (points - 1);
    const swing = part * SWINGS * 2 * Math.PI;
    const left = Math.exp(-part * decay * 3.2) * scale;
    let x = Math.sin(swing * root + phase * 2 * Math.PI);
    let y = Math.sin(swing * detuned);
    if (third !== undefined) {
      x += THIRD_VOICE * Math.sin(swing * third + phase * Math.PI);
      y += THIRD_VOICE * Math.cos(swing * third);
    }
    line[index * 2] = x * left;
    line[index * 2 + 1] = y * left;
  }
  return line;
}

export interface Ink {
  colors: readonly string[];
  /** How lines mix where they cross: as inks on paper, or as light. */
  blend: GlobalCompositeOperation;
}

const CHUNKS = 90;

/** Draws the first part (0..1) of a line, its colour passing from voice to voice. */
export function draw(canvas: HTMLCanvasElement, line: Float32Array, part: number, ink: Ink): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { width, height } = canvas;
  const reach = Math.min(width, height) * 0.445;
  const points = Math.floor((line.length / 2) * part);
  context.clearRect(0, 0, width, height);
  context.globalCompositeOperation = ink.blend;
  context.lineWidth = Math.max(1, Math.min(width, height) / 520);
  context.lineJoin = 'round';
  context.lineCap = 'butt';
  const size = Math.ceil(line.length / 2 / CHUNKS);
  for (let from = 0; from < points; from += size) {
    const to = Math.min(points - 1, from + size);
    context.beginPath();
    for (let index = from; index <= to; index++) {
      context.lineTo(width / 2 + (line[index * 2] ?? 0) * reach, height / 2 - (line[index * 2 + 1] ?? 0) * reach);
    }
    context.strokeStyle = shade(ink.colors, from / (line.length / 2));
    context.stroke();
  }
}

/** The colour at a part of the line: there and back through all voices' colours. */
function shade(colors: readonly string[], part: number): string {
  const around = part * colors.length * 2;
  const from = colors[Math.floor(around) % colors.length] ?? '#000';
  const to = colors[(Math.floor(around) + 1) % colors.length] ?? '#000';
  const amount = around % 1;
  const channels = [1, 3, 5].map((at) => {
    const [a, b] = [Number.parseInt(from.slice(at, at + 2), 16), Number.parseInt(to.slice(at, at + 2), 16)];
    return Math.round(a + (b - a) * amount);
  });
  return `rgb(${channels.join(' ')} / 78%)`;
}
