/** The tide at Port Levan on the day of the film: two constituents, high water at 08:20. Hours and metres. */

const HIGH_WATER = 8 + 20 / 60;
const LUNAR_HOURS = 12.42;
const SOLAR_HOURS = 12;

/** Metres of water a boat needs here: a sill of 2.2 and a keel of 1.8. */
export const NEEDED_METRES = 4;

export function tideAt(hour: number): number {
  const lunar = Math.cos((2 * Math.PI * (hour - HIGH_WATER)) / LUNAR_HOURS);
  const solar = Math.cos((2 * Math.PI * (hour - HIGH_WATER)) / SOLAR_HOURS);
  return 3.2 + 2.2 * lunar + 0.35 * solar;
}

export interface TideWindow {
  opens: number;
  closes: number;
}

/** The stretches of the day with enough water, to the minute. */
export function tideWindows(needed = NEEDED_METRES): TideWindow[] {
  const windows: TideWindow[] = [];
  let opens: number | undefined;
  for (let minute = 0; minute <= 24 * 60; minute++) {
    const enough = tideAt(minute / 60) >= needed;
    if (enough) opens ??= minute / 60;
    if (opens !== undefined && (!enough || minute === 24 * 60)) {
      windows.push({ opens, closes: minute / 60 });
      opens = undefined;
    }
  }
  return windows;
}

/** `05:52` for 5.87. */
export function clock(hour: number): string {
  const minutes = Math.round(hour * 60);
  return `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
