/** From a snapshot to an artifact in a cold process, beside Vite and esbuild on the same sources. */
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT_FOLDER } from '../state.ts';
import { type Command, runCold } from './cold-process.ts';
import type { BenchContext, BenchPart } from './context.ts';
import { type Example, listExamples } from './examples.ts';
import type { Budget, Figure } from './figure.ts';
import { ENTRY, listFiles, packageFile, writePeerProject } from './peer-project.ts';
import { measureInTurn } from './rounds.ts';

const DEFAULT_ROUNDS = 12;
const BUDGET: Budget = { of: 'ratio', bound: 'atMost', limit: 0.2 };

/** What a project may import that is neither code nor style, as the esbuild command is told. */
const FILE_LOADERS = ['.webp', '.svg', '.woff2', '.png', '.jpg', '.mp3'].map(
  (extension) => `--loader:${extension}=file`,
);

const outputSchema = z.object({
  artifactHash: z.string(),
  timings: z.object({ read: z.number(), compile: z.number(), compose: z.number(), total: z.number() }),
});

/** Milliseconds of one build, by what they went into. */
interface Inside {
  'start and end': number;
  read: number;
  compile: number;
  compose: number;
  'all else': number;
}

export const benchBuild: BenchPart = async (context) => {
  const figures: Figure[] = [];
  for (const example of listExamples()) figures.push(...(await benchExample(example, context)));
  return figures;
};

async function benchExample(example: Example, context: BenchContext): Promise<Figure[]> {
  context.progress(`build: ${example.name}`);
  const peer = join(context.folder, `peer-${example.name}`);
  await writePeerProject(example.folder, peer);
  const inside: Inside[] = [];
  const hashes = new Set<string>();
  const ours = async (): Promise<number> => {
    const run = await runCold(permaframeBuild(example, join(context.folder, `tree-${example.name}`)), context);
    const { artifactHash, timings } = outputSchema.parse(JSON.parse(run.stdout));
    if (hashes.add(artifactHash).size > 1) throw new Error(`${example.name}: two builds gave different artifacts`);
    inside.push(spentInside(run.milliseconds, timings));
    return run.milliseconds;
  };
  const timed = (command: Command) => async () => (await runCold(command, context)).milliseconds;
  const [permaframe = [], vite = [], esbuild = []] = await measureInTurn(
    [ours, timed(viteBuild(peer)), timed(esbuildCommand(peer))],
    context.rounds ?? DEFAULT_ROUNDS,
    (contestant) => contestant(),
  );
  await checkPeerOutput(peer);
  const common = { part: 'build', what: example.name, unit: 'ms', samples: permaframe } as const;
  return [
    { ...common, peer: { name: 'vite build', samples: vite }, budget: BUDGET },
    { ...common, peer: { name: 'esbuild', samples: esbuild } },
    ...insideFigures(example, inside.slice(1)),
  ];
}

function spentInside(whole: number, timings: z.infer<typeof outputSchema>['timings']): Inside {
  const { read, compile, compose, total } = timings;
  return { 'start and end': whole - total, read, compile, compose, 'all else': total - read - compile - compose };
}

function insideFigures({ name }: Example, inside: readonly Inside[]): Figure[] {
  const stages = ['start and end', 'read', 'compile', 'compose', 'all else'] as const;
  return stages.map((stage) => ({
    part: 'build',
    what: `${name}: ${stage}`,
    unit: 'ms',
    samples: inside.map((spent) => spent[stage]),
  }));
}

function permaframeBuild({ folder }: Example, out: string): Command {
  const script = join(ROOT_FOLDER, 'scripts', 'permaframe.mjs');
  return { file: process.execPath, args: [script, 'build', folder, '--out', out, '--json'], cwd: ROOT_FOLDER };
}

function viteBuild(cwd: string): Command {
  const args = [packageFile('vite', 'bin', 'vite.js'), 'build', '--outDir', 'out-vite', '--logLevel', 'error'];
  return { file: process.execPath, args, cwd };
}

function esbuildCommand(cwd: string): Command {
  const args = [
    ENTRY,
    '--bundle',
    '--minify',
    '--splitting',
    '--format=esm',
    '--jsx=automatic',
    '--define:process.env.NODE_ENV="production"',
    '--loader:.csv=text',
    ...FILE_LOADERS,
    '--outdir=out-esbuild',
    '--log-level=error',
  ];
  return { file: packageFile('esbuild', 'bin', 'esbuild'), args, cwd };
}

/** A peer that builds nothing is fast. */
async function checkPeerOutput(folder: string): Promise<void> {
  for (const out of ['out-vite', 'out-esbuild']) {
    const files = await listFiles(join(folder, out));
    if (!files.some((file) => file.endsWith('.js'))) throw new Error(`there is no module in ${out}`);
  }
}
