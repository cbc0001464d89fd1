/** `npm run bench`: measures the budgets of design.md section 7 that one machine can show, beside peers. */
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchContext, BenchPart } from './bench/context.ts';
import { evaluate, type Measured, type Part } from './bench/figure.ts';
import { describeMachine } from './bench/machine.ts';
import { HEAD, toRow } from './bench/rows.ts';
import { ensureRuntime } from './runtime-cache.ts';
import { STATE_FOLDER } from './state.ts';
import { formatTable } from './table.ts';

const PARTS: Readonly<Record<Part, () => Promise<BenchPart>>> = {
  build: async () => (await import('./bench/build.ts')).benchBuild,
  page: async () => (await import('./bench/page.ts')).benchPage,
  edge: async () => (await import('./bench/edge.ts')).benchEdge,
  share: async () => (await import('./bench/share.ts')).benchShare,
  editor: async () => (await import('./bench/editor.ts')).benchEditor,
  video: async () => (await import('./bench/video.ts')).benchVideo,
};
const MAX_ROUNDS = 1000;

const HELP = `Usage: npm run bench -- [build] [page] [edge] [share] [editor] [video] [--rounds <number>] [--json <file>]

Measures the parts that are named, or all of them, and prints a table. A missed budget is a finding, not a failure.

  --rounds <number>  how often everything is measured; each part has a number of its own otherwise
  --json <file>      where all figures are written; .permaframe/bench/<date>.json otherwise

Exit code: 0 measured, 1 your mistake, 2 something does not work.
`;

interface Arguments {
  parts: Part[];
  rounds: number | undefined;
  json: string;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());

try {
  process.exitCode = await main();
} catch (error) {
  if (interrupt.signal.aborted) process.exitCode = 130;
  else {
    progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 2;
  }
}

async function main(): Promise<0 | 1> {
  const args = readArguments(process.argv.slice(2), new Date());
  if (typeof args === 'string') {
    if (args === HELP) say(HELP.trimEnd());
    else progress(args);
    return args === HELP ? 0 : 1;
  }
  const date = new Date().toISOString();
  const machine = describeMachine();
  await ensureRuntime(progress);
  const measured: Measured[] = [];
  for (const part of args.parts) measured.push(...(await runPart(part, args.rounds)));
  await mkdir(dirname(args.json), { recursive: true });
  await writeFile(args.json, `${JSON.stringify({ date, machine, figures: measured }, null, 2)}\n`);
  const { cores, memoryBytes, load, node } = machine;
  say(`\n${formatTable([HEAD, ...measured.map(toRow)])}`);
  say(`\n${cores} cores, ${Math.round(memoryBytes / 1e9)} GB, Node ${node}, load ${load} at the start.`);
  return 0;
}

/** A folder for each part, so that no part finds what another has left. */
async function runPart(part: Part, rounds: number | undefined): Promise<Measured[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), `permaframe-bench-${part}-`));
  const context: BenchContext = {
    folder: folder.path,
    rounds,
    signal: interrupt.signal,
    progress,
    path: process.env.PATH ?? '',
    browser: process.env.CHROME_PATH,
  };
  const bench = await PARTS[part]();
  return (await bench(context)).map(evaluate);
}

/** What to do, or what to tell the person who asked. */
function readArguments(args: string[], now: Date): Arguments | string {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return (error as Error).message;
  }
  const { values, positionals } = parsed;
  if (values.help) return HELP;
  const stranger = positionals.find((name) => !Object.hasOwn(PARTS, name));
  if (stranger !== undefined)
    return `there is no part ${JSON.stringify(stranger)}; there are ${Object.keys(PARTS).join(', ')}`;
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1 && rounds <= MAX_ROUNDS)) {
    return `--rounds must be a whole number from 1 to ${MAX_ROUNDS}`;
  }
  const wanted = positionals.length === 0 ? Object.keys(PARTS) : positionals;
  const name = `${now.toISOString().replaceAll(':', '-')}.json`;
  const json = values.json === undefined ? join(STATE_FOLDER, 'bench', name) : resolve(values.json);
  return { parts: [...new Set(wanted)] as Part[], rounds, json };
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: { rounds: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
}
