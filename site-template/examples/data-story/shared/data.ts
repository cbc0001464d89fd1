/** The tables, parsed once: hours of daylight for five cities by day, and for the globe by fortnight. */
import cityRows from '../data/cities.csv';
import cityList from '../data/cities.json' with { type: 'json' };
import globeRows from '../data/globe.csv';
import months from '../data/months.json' with { type: 'json' };

export interface City {
  name: string;
  latitude: string;
  color: string;
  /** Hours of daylight on each of 365 days. */
  hours: number[];
}

function parseTable(csv: string): { header: string[]; rows: number[][] } {
  const [header = '', ...lines] = csv.trim().split('\n');
  return { header: header.split(','), rows: lines.map((line) => line.split(',').map(Number)) };
}

const byDay = parseTable(cityRows);

export const cities: City[] = cityList.map((city) => {
  const column = byDay.header.indexOf(city.name);
  return { ...city, hours: byDay.rows.map((row) => row[column] ?? 0) };
});

export const globe = parseTable(globeRows).rows.map(([latitude = 0, ...hours]) => ({ latitude, hours }));

export { months };

/** Hours on a day given with a fraction, 0 for 1 January. */
export function hoursOn(city: City, day: number): number {
  const whole = Math.min(363, Math.max(0, Math.floor(day)));
  const [from = 0, to = 0] = city.hours.slice(whole, whole + 2);
  return from + (to - from) * (day - whole);
}

/** `21 June` for day 171. */
export function dateOf(day: number): string {
  const number = Math.floor(Math.min(364, day)) + 1;
  const month = months.findLast((one) => one.from <= number) ?? months[0];
  return month ? `${number - month.from + 1} ${month.name}` : '';
}

/** `21 h 10` for 21.17. */
export function hoursAndMinutes(hours: number): string {
  const minutes = Math.round(hours * 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}
