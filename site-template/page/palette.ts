/** Colours of a version, from the hash of its snapshot: equal projects look equal. */

export interface Palette {
  /** Hue of the accent, in degrees of oklch. */
  hue: number;
  /** How far the title card's colours wander from it, in degrees. */
  spread: number;
}

export function paletteOf(snapshot: string): Palette {
  const byte = (index: number): number => Number.parseInt(snapshot.slice(2 * index, 2 * index + 2), 16);
  return { hue: Math.round((byte(0) * 360) / 256), spread: (byte(1) & 1 ? 1 : -1) * (40 + (byte(2) % 50)) };
}
