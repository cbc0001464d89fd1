/** What a thread can begin as: one of the examples that come with the editor, or next to nothing. */
import type { Files } from '../workspace.ts';

export interface Starter {
  id: string;
  title: string;
  description: string;
  /** Address of a picture. */
  poster: string | null;
  load(): Promise<Files>;
}

const posters = import.meta.glob<string>('../../examples/*/poster.jpg', {
  query: '?url',
  import: 'default',
  eager: true,
});

function example(id: string, title: string, description: string): Starter {
  const poster = posters[`../../examples/${id}/poster.jpg`] ?? null;
  // Apart, because nobody needs the examples' files until one is chosen.
  const load = async () => (await import('./example-files.ts')).exampleFiles(id);
  return { id, title, description, poster, load };
}

export const STARTERS: readonly Starter[] = [
  example('launch-film', 'Launch film', 'Five scenes with transitions, type and pictures'),
  example('data-story', 'Data story', 'Charts that draw themselves from a table, and a globe'),
  example('interactive-app', 'Interactive demo', 'An instrument to play, with state and sound'),
  {
    id: 'empty',
    title: 'Empty',
    description: 'One scene with a title',
    poster: null,
    load: async () => (await import('./empty-files.ts')).emptyFiles(),
  },
];
