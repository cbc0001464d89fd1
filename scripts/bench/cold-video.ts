/** From a published film to an MP4 on disk in a cold process, beside Remotion's own command line. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findBrowser } from '../../action/adapters/browser.ts';
import { type Command, runCold } from './cold-process.ts';
import type { BenchContext } from './context.ts';
import type { Budget, Figure } from './figure.ts';
import { type BenchFilm, permaframe } from './films.ts';
import { PEER_COMPOSITION, PEER_ENTRY, type PeerFilm } from './peer-film.ts';
import { packageFile } from './peer-project.ts';
import { checkVideo } from './probe.ts';
import { measureInTurn } from './rounds.ts';

const BUDGET: Budget = { of: 'ratio', bound: 'atMost', limit: 0.35 };

/** Both sides: one tab a core on the machine that the budget is about. */
export const TABS = 2;

export interface ColdVideoOptions {
  /** The film, as the table calls it. */
  what: string;
  rounds: number;
  /** Whether a first round counts: caches of files are warm. */
  isWarm: boolean;
  /** Also beside a peer that finds webpack's cache of its last run. */
  withWarmPeer: boolean;
}

export async function benchColdVideo(
  film: BenchFilm,
  options: ColdVideoOptions,
  context: BenchContext,
): Promise<Figure[]> {
  const { what, rounds, isWarm, withWarmPeer } = options;
  const sizes: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  const ours = async (): Promise<number> => {
    const { milliseconds, path } = await renderCold(film, context);
    sizes.ours.push(await checkVideo(path, expectedOf(film.peer)));
    return milliseconds;
  };
  const peer = async (): Promise<number> => {
    await forgetBundle(film.peer);
    const { milliseconds, path } = await renderPeer(film.peer, context);
    sizes.peer.push(await checkVideo(path, expectedOf(film.peer)));
    return milliseconds;
  };
  // The cold one before it, in this round or the last, has left a cache.
  const warmPeer = async (): Promise<number> => (await renderPeer(film.peer, context)).milliseconds;
  const contestants = withWarmPeer ? [ours, peer, warmPeer] : [ours, peer];
  const measure = (contestant: () => Promise<number>): Promise<number> => {
    context.progress(`video: ${what}, ${contestant.name}`);
    return contestant();
  };
  const [mine = [], cold = [], warm = []] = await measureInTurn(contestants, rounds, measure, context.signal, isWarm);
  const common = { part: 'video', what, samples: mine, unit: 'ms' } as const;
  return [
    { ...common, peer: { name: 'remotion render', samples: cold }, budget: BUDGET },
    ...(withWarmPeer ? [{ ...common, peer: { name: '… with webpack’s cache', samples: warm } }] : []),
    {
      part: 'video',
      what: `${what}: size`,
      unit: 'bytes',
      samples: sizes.ours.slice(-rounds),
      peer: { name: 'remotion render', samples: sizes.peer.slice(-rounds) },
    },
  ];
}

export function expectedOf({ film: { width, height, fps }, durationInFrames }: PeerFilm) {
  return { width, height, fps, durationInFrames };
}

/** As anybody can who has the link: nothing is kept between two runs but code that Node has compiled. */
async function renderCold(
  { name, url }: BenchFilm,
  context: BenchContext,
): Promise<{ milliseconds: number; path: string }> {
  const out = join(context.folder, `video-${name}`);
  await rm(out, { recursive: true, force: true });
  const command = permaframe(['render', url, '--out', out, '--json']);
  const { milliseconds } = await runCold({ ...command, env: browserSettings(context) }, context);
  const video = (await readdir(out)).find((file) => file.endsWith('.mp4'));
  if (video === undefined) throw new Error(`${name}: there is no video`);
  return { milliseconds, path: join(out, video) };
}

export function browserSettings({ browser }: BenchContext): Record<string, string> {
  return browser === undefined ? {} : { CHROME_PATH: browser };
}

async function renderPeer(peer: PeerFilm, context: BenchContext): Promise<{ milliseconds: number; path: string }> {
  const path = join(peer.folder, 'out', 'film.mp4');
  await rm(path, { force: true });
  const { milliseconds } = await runCold(remotionRender(peer, path, context), context);
  return { milliseconds, path };
}

/** Its own settings but for browser and tabs. */
function remotionRender({ folder }: PeerFilm, path: string, { browser }: BenchContext): Command {
  const script = packageFile('@remotion', 'cli', 'remotion-cli.js');
  const machine = [`--browser-executable=${findBrowser(browser)}`, `--concurrency=${TABS}`];
  const args = [script, 'render', PEER_ENTRY, PEER_COMPOSITION, path, ...machine, '--log=error'];
  return { file: process.execPath, args, cwd: folder };
}

/** Webpack keeps what it has compiled; a machine of a job begins without. */
async function forgetBundle({ folder }: PeerFilm): Promise<void> {
  await rm(join(folder, 'node_modules', '.cache'), { recursive: true, force: true });
}
