/** The launch film's sea chart: a coast made of noise, tinted, contoured and sounded as a paper chart is. */

export const CHART = { width: 1600, height: 1000 };

type Colour = readonly [number, number, number];

/** The tint up to each depth, in metres below chart datum; what is negative is land. */
const TINTS: readonly (readonly [number, Colour])[] = [
  [-8, [232, 212, 160]],
  [0, [240, 222, 174]],
  [2, [176, 201, 168]],
  [5, [150, 198, 209]],
  [10, [184, 217, 224]],
  [20, [213, 233, 235]],
  [Number.POSITIVE_INFINITY, [239, 244, 238]],
];
const CONTOURS = [-14, -8, 0, 2, 5, 10, 15, 20, 30];
const INK: Colour = [26, 58, 84];

function lattice(x: number, y: number): number {
  const scattered = Math.sin(x * 127.1 + y * 311.7) * 43758.5453;
  return scattered - Math.floor(scattered);
}

function noise(x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const fade = (t: number) => t * t * t * (t * (t * 6 - 15) + 10);
  const [right, down] = [fade(x - left), fade(y - top)];
  const above = lattice(left, top) * (1 - right) + lattice(left + 1, top) * right;
  const below = lattice(left, top + 1) * (1 - right) + lattice(left + 1, top + 1) * right;
  return above * (1 - down) + below * down;
}

function depthAt(pixelX: number, pixelY: number): number {
  const [x, y] = [pixelX / 1000, pixelY / 1000];
  const shore = y * 1.05 + x * 0.34 - 0.66;
  const relief = [1, 2, 4, 8].reduce((sum, octave, n) => {
    const rough = noise((x * 3.1 + 3) * octave + n * 9, (y * 3.1 + 7) * octave) - 0.5;
    return sum + rough / 1.9 ** n;
  }, 0);
  return 34 * shore + 19 * relief;
}

/** How much ink (0..1) a contour leaves on a pixel of this depth, smooth at its edges. */
function contourInk(depth: number, slope: number): number {
  return CONTOURS.reduce((most, contour) => {
    const coast = contour === 0;
    const reach = coast ? 2 : 1.2;
    const cover = Math.min(1, Math.max(0, reach - Math.abs(depth - contour) / slope));
    return Math.max(most, cover * (coast ? 0.85 : contour < 0 ? 0.16 : 0.4));
  }, 0);
}

/** The chart without its numbers, as RGBA. */
export function paintChart(): Uint8ClampedArray {
  const { width, height } = CHART;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const depth = depthAt(x, y);
      const slope = Math.hypot(depthAt(x + 1, y) - depth, depthAt(x, y + 1) - depth) + 1e-4;
      const tint = TINTS.find(([limit]) => depth < limit)?.[1] ?? INK;
      const ink = contourInk(depth, slope);
      const paper = (lattice(x, y) - 0.5) * 7;
      const colour = tint.map((channel, n) => channel * (1 - ink) + (INK[n] ?? 0) * ink + paper);
      pixels.set([...colour, 255], (y * width + x) * 4);
    }
  }
  return pixels;
}

/** The depths printed in the water, in metres. */
export function soundings(): { x: number; y: number; text: string }[] {
  const found = [];
  for (let row = 0; row < CHART.height; row += 52) {
    for (let column = 0; column < CHART.width; column += 74) {
      const [x, y] = [column + lattice(column, row) * 46, row + lattice(row, column) * 34];
      const depth = depthAt(x, y);
      if (depth > 1.2) found.push({ x, y, text: depth.toFixed(depth < 10 ? 1 : 0) });
    }
  }
  return found;
}
