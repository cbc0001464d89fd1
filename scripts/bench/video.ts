/** Videos: how long they take, beside Remotion's own command line and bundler. */
import { benchColdVideo } from './cold-video.ts';
import type { BenchPart } from './context.ts';
import type { Figure } from './figure.ts';
import { makeFilm, startFilmStack } from './films.ts';

const CARD_ROUNDS = 5;

export const benchVideo: BenchPart = async (context) => {
  await using stack = await startFilmStack(context);
  const figures: Figure[] = [];
  const card = await makeFilm('card', stack, context);
  const rounds = context.rounds ?? CARD_ROUNDS;
  figures.push(...(await benchColdVideo(card, { what: '90 frames', rounds, withWarmPeer: false }, context)));
  return figures;
};
