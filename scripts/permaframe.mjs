#!/usr/bin/env node
// The `permaframe` command. Plain JavaScript, so that an old Node can still hand over to the one of this package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
// What `npm start` wrote about the local stack; variables that are set already win.
const stackSettings = fileURLToPath(new URL('../.permaframe/stack.env', import.meta.url));
const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR) {
  if (existsSync(stackSettings)) process.loadEnvFile(stackSettings);
  enableCompileCache();
  const { main } = await import('./cli.ts');
  process.exitCode = await main(process.argv.slice(2));
} else if (existsSync(own)) {
  const child = spawnSync(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = child.status ?? 2;
} else {
  process.stderr.write(`permaframe needs Node ${NEEDED_MAJOR}; this is ${process.versions.node}. Run npm ci first.\n`);
  process.exitCode = 2;
}
