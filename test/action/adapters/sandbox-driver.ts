/** Runs one command in a sandbox from a process of its own: `node sandbox-driver.ts < command as JSON`. */
import { readFileSync } from 'node:fs';
import { findIsolation, runInSandbox, type SandboxedCommand } from '../../../action/adapters/sandbox.ts';

const command: SandboxedCommand = JSON.parse(readFileSync(0, 'utf8'));
try {
  const { kind } = await findIsolation();
  const outcome = await runInSandbox({ ...command, onStdoutLine: (line) => console.log(line) });
  console.log(JSON.stringify(['outcome', { isolation: kind, ...outcome }]));
} catch (error) {
  console.log(JSON.stringify(['failure', error instanceof Error ? error.message : String(error)]));
}
