/** One picture that shows a whole film: a still of each scene. */
import type { VideoSpec } from '../../contract/video.ts';

/** Of one still, along its longer side, in pixels. */
const STILL_PIXELS = 480;
const GAP = 12;
/** A film of more scenes shows some of them. */
export const MAX_STILLS = 12;

/** Near black, so that pictures of any colour stand out. */
const BACKGROUND = [0x13, 0x13, 0x15] as const;

export interface SheetLayout {
  columns: number;
  /** Of one still, in pixels. */
  still: { width: number; height: number };
  /** Of the sheet, in pixels. */
  width: number;
  height: number;
}

export function layOutSheet(stills: number, spec: Pick<VideoSpec, 'width' | 'height'>): SheetLayout {
  const scale = STILL_PIXELS / Math.max(spec.width, spec.height);
  const still = { width: Math.round(spec.width * scale), height: Math.round(spec.height * scale) };
  const columns = Math.min(stills, Math.ceil(Math.sqrt(stills)));
  const rows = Math.ceil(stills / columns);
  const width = columns * (still.width + GAP) + GAP;
  return { columns, still, width, height: rows * (still.height + GAP) + GAP };
}

/**
 * Puts stills side by side, row after row.
 * @param stills each as large as the layout says; three bytes a pixel: red, green, blue
 * @returns the sheet, in the same form
 */
export function composeSheet(
  stills: readonly Uint8Array[],
  { columns, still, width, height }: SheetLayout,
): Uint8Array {
  const sheet = new Uint8Array(width * height * 3);
  for (let at = 0; at < sheet.length; at += 3) sheet.set(BACKGROUND, at);
  for (const [index, pixels] of stills.entries()) {
    const left = GAP + (index % columns) * (still.width + GAP);
    const top = GAP + Math.floor(index / columns) * (still.height + GAP);
    for (let row = 0; row < still.height; row++) {
      const line = pixels.subarray(row * still.width * 3, (row + 1) * still.width * 3);
      sheet.set(line, ((top + row) * width + left) * 3);
    }
  }
  return sheet;
}

/** Frames of the video that show it best: the middles of its scenes, at most {@link MAX_STILLS} spread over them. */
export function chooseStills(
  scenes: readonly { from: number; durationInFrames: number }[],
  ratio: number,
  frames: number,
): number[] {
  const step = Math.max(1, scenes.length / MAX_STILLS);
  const chosen = Array.from(
    { length: Math.min(scenes.length, MAX_STILLS) },
    (_, index) => scenes[Math.floor(index * step)],
  );
  return chosen.flatMap((scene) => {
    if (!scene) return [];
    return [Math.min(frames - 1, Math.floor((scene.from + scene.durationInFrames / 2) * ratio))];
  });
}
