/** The drawing machine: pendulums that swing at the frequencies of a chord, and slowly come to rest. */

export interface Figure {
  /** Frequency of each voice against the root: two or three. */
  ratios: readonly number[];
  /** Swings of the root after which a perfectly tuned figure repeats. */
  period: number;
  /** Where the second pendulum starts, in turns. */
  phase: number;
  /** How far the upper voice is out of tune, in cents. */
  drift: number;
  /** How much of the swing is lost by the end: 0 none, 1 nearly all. */
  decay: number;
}

/** How often a figure goes around itself, within what can be drawn at sixty frames a second. */
const REPEATS = 17;
const MIN_SWINGS = 26;
const MAX_SWINGS = 120;
const POINTS_PER_SWING = 150;
const THIRD_VOICE = 0.34;

/** The line as x, y pairs within -1..1. */
export function trace({ ratios, period, phase, drift, decay }: Figure): Float32Array {
  const swings = Math.min(MAX_SWINGS, Math.max(MIN_SWINGS, period * REPEATS));
  const points = swings * POINTS_PER_SWING;
  const [root = 1, second = 1, third] = ratios;
  const detuned = second * 2 ** (drift / 1200);
  const scale = third === undefined ? 1 : 1 / (1 + THIRD_VOICE);
  const line = new Float32Array(points * 2);
  for (let index = 0; index < points; index++) {
    const part = index / (points - 1);
    const swing = part * swings * 2 * Math.PI;
    const left = Math.exp(-part * decay * 3.2) * scale;
    let x = Math.sin(swing * root + phase * 2 * Math.PI);
    let y = Math.sin(swing * detuned);
    if (third !== undefined) {
      x += THIRD_VOICE * Math.sin(swing * third);
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
  const density = line.length / 2 / POINTS_PER_SWING / MIN_SWINGS;
  context.lineWidth = Math.max(1, Math.min(width, height) / 400 / density ** 0.4);
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
  if (part < 1 && points > 1) drawPen(context, line, points - 1, reach, ink);
}

function drawPen(context: CanvasRenderingContext2D, line: Float32Array, at: number, reach: number, ink: Ink): void {
  const { width, height } = context.canvas;
  const [x, y] = [width / 2 + (line[at * 2] ?? 0) * reach, height / 2 - (line[at * 2 + 1] ?? 0) * reach];
  context.beginPath();
  context.arc(x, y, Math.max(4, reach / 46), 0, 2 * Math.PI);
  context.fillStyle = shade(ink.colors, at / (line.length / 2));
  context.fill();
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
  return `rgb(${channels.join(' ')} / 82%)`;
}
