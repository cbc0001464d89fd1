/** `npm run campaign`: lives through histories of faults over the whole path of a publish (test/campaign). */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT_FOLDER } from './state.ts';

const HELP = `Usage: npm run campaign -- [--histories <number>] [--seed <number>] [--path <path>]

  --histories <number>  how many; 20000 otherwise
  --seed <number>       a new one otherwise; it is printed
  --path <path>         of a failure, as it was printed with its seed: lives through that history only

Exit code: 0 all ended as they must, 1 one did not (it is printed, as short as it could be made), 2 your mistake.
`;

function wholeNumber(text: string): boolean {
  return /^[0-9]{1,9}$/.test(text);
}

function readArguments() {
  const options = { histories: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } } as const;
  const { histories = '20000', seed = String(randomInt(1_000_000)), path } = parseArgs({ options }).values;
  if (!wholeNumber(histories) || !wholeNumber(seed)) throw new TypeError('a whole number is needed');
  return { histories, seed, path };
}

function run(): void {
  const { histories, seed, path } = readArguments();
  process.stderr.write(`campaign: ${histories} histories of seed ${seed}\n`);
  const vitest = join(ROOT_FOLDER, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', 'test/campaign/campaign.test.ts'], {
    cwd: ROOT_FOLDER,
    stdio: 'inherit',
    env: {
      ...process.env,
      PERMAFRAME_CAMPAIGN_HISTORIES: histories,
      PERMAFRAME_CAMPAIGN_SEED: seed,
      ...(path === undefined ? {} : { PERMAFRAME_CAMPAIGN_PATH: path }),
    },
  });
  child.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

try {
  run();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
  process.exitCode = 2;
}
