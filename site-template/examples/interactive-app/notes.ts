/** One octave in just intonation, and what its combinations are called. */

export interface Note {
  name: string;
  /** Frequency against the root, as a fraction. */
  over: number;
  under: number;
  interval: string;
  about: string;
  black: boolean;
  /** The key of a computer keyboard that plays it. */
  key: string;
}

function note(name: string, over: number, under: number, key: string, interval: string, about: string): Note {
  return { name, over, under, key, interval, about, black: /[♯♭]/.test(name) };
}

export const NOTES: readonly Note[] = [
  note('C', 1, 1, 'a', 'Unison', 'The same wave twice: a line that opens into a circle.'),
  note('C♯', 16, 15, 'w', 'Minor second', 'Sixteen against fifteen. So close that they quarrel.'),
  note('D', 9, 8, 's', 'Major second', 'Nine against eight: a step, and a fine weave.'),
  note('E♭', 6, 5, 'e', 'Minor third', 'Six against five. The soft and shaded third.'),
  note('E', 5, 4, 'd', 'Major third', 'Five against four. The bright third.'),
  note('F', 4, 3, 'f', 'Perfect fourth', 'Four against three: open, and ready to move.'),
  note('F♯', 45, 32, 't', 'Tritone', 'Forty-five against thirty-two. It never quite comes home.'),
  note('G', 3, 2, 'g', 'Perfect fifth', 'Three against two. After the octave, the calmest of all.'),
  note('A♭', 8, 5, 'y', 'Minor sixth', 'Eight against five: a third, seen from the other side.'),
  note('A', 5, 3, 'h', 'Major sixth', 'Five against three. Wide and warm.'),
  note('B♭', 9, 5, 'u', 'Minor seventh', 'Nine against five. It wants to go on.'),
  note('B', 15, 8, 'j', 'Major seventh', 'Fifteen against eight: one step short of home.'),
  note('C′', 2, 1, 'k', 'Octave', 'Two against one. The same note, higher.'),
];

const CHORDS: Readonly<Record<string, string>> = {
  '2-7': 'Suspended second',
  '3-6': 'Diminished',
  '3-7': 'C minor',
  '4-7': 'C major',
  '4-8': 'Augmented',
  '4-9': 'A minor, first inversion',
  '5-7': 'Suspended fourth',
  '5-8': 'F minor, second inversion',
  '5-9': 'F major, second inversion',
  '7-12': 'Power chord',
};

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

function withArticle(words: string): string {
  return `${/^[aeio]/.test(words) ? 'an' : 'a'} ${words}`;
}

export interface Reading {
  /** The smallest whole numbers that the frequencies stand in, the root's first. */
  terms: readonly number[];
  ratio: string;
  name: string;
  about: string;
}

/** What stands beside the drawing. @param steps one or two keys above the root, ascending */
export function readChord(steps: readonly number[]): Reading {
  const voices = steps.flatMap((step) => NOTES[step] ?? []);
  const common = voices.reduce((so, { under }) => (so * under) / divisor(so, under), 1);
  const terms = [common, ...voices.map(({ over, under }) => (common / under) * over)];
  const shared = terms.reduce(divisor);
  const ascending = terms.map((term) => term / shared);
  const [first] = voices;
  if (voices.length === 1 && first) {
    return { terms: ascending, ratio: `${first.over}:${first.under}`, name: first.interval, about: first.about };
  }
  const names = ['C', ...voices.map(({ name }) => name)].join(', ');
  const intervals = `${voices.map(({ interval }) => withArticle(interval.toLowerCase())).join(' and ')} above the root.`;
  const chord = CHORDS[steps.join('-')];
  return {
    terms: ascending,
    ratio: ascending.join(':'),
    name: chord ?? names,
    about: chord ? `${names}: ${intervals}` : intervals.charAt(0).toUpperCase() + intervals.slice(1),
  };
}
