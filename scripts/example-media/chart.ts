/** The launch film's sea chart: a coast made of noise, tinted and contoured like a paper chart. */

/** Runs in the page: paints land, drying banks, depth tints, contours and soundings, as a paper chart has them. */
export function paintChart(canvas: HTMLCanvasElement): void {
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
