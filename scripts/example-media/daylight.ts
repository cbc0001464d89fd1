/** The data story's tables: hours of daylight, from latitude and date alone. */

/** Hours between sunrise and sunset (centre of the sun 0.833 degrees below the horizon), from the sunrise equation. */
function daylightHours(latitudeDegrees: number, dayOfYear: number): number {
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

/** Five cities by day, and the globe by fortnight, as CSV. */
export function daylightTables(): { cities: string; globe: string } {
  const days = Array.from({ length: 365 }, (_, index) => index + 1);
  const rows = days.map((day) =>
    [day, ...CITIES.map(([, latitude]) => daylightHours(latitude, day).toFixed(3))].join(','),
  );
  const header = ['day', ...CITIES.map(([name]) => name)].join(',');
  const cities = `${[header, ...rows].join('\n')}\n`;
  const fortnights = Array.from({ length: 26 }, (_, index) => index * 14 + 7);
  const latitudes = Array.from({ length: 19 }, (_, index) => 90 - index * 10);
  const rowsOfGlobe = latitudes.map((latitude) =>
    [latitude, ...fortnights.map((day) => daylightHours(latitude, day).toFixed(2))].join(','),
  );
  return { cities, globe: `${[['latitude', ...fortnights].join(','), ...rowsOfGlobe].join('\n')}\n` };
}
