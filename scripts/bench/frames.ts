/** Compares the pictures of two videos, decoded. */
import { type Expected, runTool } from './probe.ts';

/** Side of the squares that pictures are compared by, in pixels. */
const SQUARE = 8;
/** Wang et al. 2004: what keeps plain squares from being divided by nothing. */
const [C1, C2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];

/** The brightness of every pixel, picture after picture. */
export async function decodeBrightness(path: string, { width, height, durationInFrames }: Expected): Promise<Buffer> {
  const raw = ['-f', 'image2pipe', '-c:v', 'rawvideo', '-pix_fmt', 'gray', '-fps_mode', 'passthrough', '-'];
  const pixels = await runTool('ffmpeg', ['-i', path, ...raw]);
  const wanted = width * height * durationInFrames;
  if (pixels.byteLength !== wanted) throw new Error(`${path} has ${pixels.byteLength} pixels, not ${wanted}`);
  return pixels;
}

/** Structural similarity of each two pictures, on squares that do not overlap; 1 where they are equal. */
export function similarities(a: Uint8Array, b: Uint8Array, { width, height }: Expected): number[] {
  const size = width * height;
  return Array.from({ length: a.length / size }, (_, index) => {
    const [start, end] = [index * size, (index + 1) * size];
    return similarityOf(a.subarray(start, end), b.subarray(start, end), { width, height });
  });
}

/** Brightness of a picture, row after row. */
type Plane = Uint8Array | Float64Array;

/** Structural similarity of two pictures; 1 where they are equal. */
export function similarityOf(a: Plane, b: Plane, { width, height }: { width: number; height: number }): number {
  let [sum, squares] = [0, 0];
  for (let top = 0; top + SQUARE <= height; top += SQUARE) {
    for (let left = 0; left + SQUARE <= width; left += SQUARE) {
      sum += similarityOfSquare(a, b, top * width + left, width);
      squares++;
    }
  }
  return sum / squares;
}

function similarityOfSquare(a: Plane, b: Plane, start: number, width: number): number {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let row = start; row < start + SQUARE * width; row += width) {
    for (let index = row; index < row + SQUARE; index++) {
      const [x = 0, y = 0] = [a[index], b[index]];
      sumA += x;
      sumB += y;
      sumAA += x * x;
      sumBB += y * y;
      sumAB += x * y;
    }
  }
  const count = SQUARE * SQUARE;
  const [meanA, meanB] = [sumA / count, sumB / count];
  const variances = sumAA / count - meanA ** 2 + sumBB / count - meanB ** 2;
  const covariance = sumAB / count - meanA * meanB;
  return ((2 * meanA * meanB + C1) * (2 * covariance + C2)) / ((meanA ** 2 + meanB ** 2 + C1) * (variances + C2));
}
