/** Videos: how long they take, beside Remotion's own bundler and command line. */
import { benchChangedScene } from './changed-video.ts';
import { benchChunks } from './chunked-video.ts';
import { benchColdVideo } from './cold-video.ts';
import type { BenchPart } from './context.ts';
import type { Figure } from './figure.ts';
import { makeFilm, startFilmStack } from './films.ts';
import { benchPreparation } from './prepare-video.ts';

const PREPARATION_ROUNDS = 3;
const CARD_ROUNDS = 5;
/** Twenty times as many frames, with sound: a round takes minutes, and says more. */
const FILM_ROUNDS = 2;

export const benchVideo: BenchPart = async (context) => {
  await using stack = await startFilmStack(context);
  const roundsOr = (usual: number): number => context.rounds ?? usual;
  const card = await makeFilm('card', stack, context);
  const film = await makeFilm('launch-film', stack, context);
  const figures: Figure[] = [];
  const add = (more: readonly Figure[]): void => void figures.push(...more);
  const scenes = { what: 'five scenes', rounds: roundsOr(FILM_ROUNDS) };
  add(await benchPreparation(film, { ...scenes, rounds: roundsOr(PREPARATION_ROUNDS) }, stack, context));
  const cold = { what: '90 frames', rounds: roundsOr(CARD_ROUNDS), isWarm: false, withWarmPeer: true };
  add(await benchColdVideo(card, cold, context));
  add(await benchColdVideo(film, { ...scenes, isWarm: true, withWarmPeer: false }, context));
  add(await benchChangedScene(film, scenes, stack, context));
  add(await benchChunks(card, { what: '90 frames', rounds: roundsOr(FILM_ROUNDS) }, context));
  return figures;
};
