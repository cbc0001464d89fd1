import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { runInSandbox } from '../../../action/adapters/sandbox.ts';
import { readProduced } from '../../../action/adapters/sandbox-output.ts';
import { findBrowser } from '../../support/browser.ts';
import { NODE_FOLDER, sandboxed, script, temporaryFolder } from './sandboxes.ts';

/** Serves a page and takes its picture. */
const PICTURE = `
  import { spawn } from 'node:child_process';
  import { createServer } from 'node:http';
  const page = '<body style="margin:0;background:#0a0"><p style="font:40px sans-serif">Grüße 🎬</p><script>fetch("/drawn")</script>';
  const server = createServer((request, response) => (console.log(request.url), response).setHeader('content-type', 'text/html; charset=utf-8').end(page));
  server.listen(0, '127.0.0.1', () => {
    const switches = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
      '--user-data-dir=/tmp/profile', '--window-size=320,200', '--screenshot=' + process.cwd() + '/picture.png'];
    const browser = spawn(process.argv[1], [...switches, 'http://localhost:' + server.address().port], { stdio: ['ignore', 'ignore', 'inherit'] });
    browser.once('exit', (code) => process.exit(code));
  });`;

it('a browser draws a page inside, which a server inside serves', async () => {
  const browser = findBrowser();
  await using folder = await temporaryFolder();
  const requests: string[] = [];
  const outcome = await runInSandbox(
    sandboxed(folder.path, [...script(PICTURE), browser], {
      readable: [NODE_FOLDER, ...(await outsideOfUsr(browser))],
      onStdoutLine: (line) => requests.push(line),
      limits: { milliseconds: 60_000, memoryBytes: 2_000_000_000, processes: 500 },
    }),
  );
  expect(outcome).toMatchObject({ kind: 'exited', code: 0 });
  const picture = await readProduced(folder.path, 'picture.png', 1_000_000);
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([320, 200]);
  expect(requests).toEqual(expect.arrayContaining(['/', '/drawn']));
});

/** Chrome's own packages put it below /opt. */
async function outsideOfUsr(program: string): Promise<string[]> {
  const folder = dirname(await realpath(program));
  return folder.startsWith('/usr/') ? [] : [folder];
}
