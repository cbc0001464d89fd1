/** `permaframe verify <url>`: whether a link serves exactly what was published. */
import { formatBytes } from '../../action/contract/limits.ts';
import { type Command, readArguments } from '../command.ts';
import { readAddress } from '../link.ts';
import { formatMilliseconds } from '../output.ts';
import { verifyLink } from '../verify-link.ts';

const HELP = `Usage: permaframe verify <url> [--json]

Fetches a link's meta.json and every file that it lists, and checks type, size and SHA-256 of each.

  --json   print one JSON document: {url, thread, version, artifactHash, files, bytes, timings}

Exit code: 0 all as published, 1 no such link, 2 something differs or cannot be reached.
`;

export const command: Command = {
  help: HELP,
  async run(args, { terminal, signal }) {
    const { operand } = readArguments(args, 'url', {});
    const url = readAddress(operand);
    const begin = performance.now();
    const verified = await verifyLink(url, { fetch, signal, progress: terminal.progress });
    const timings = { total: Math.round(performance.now() - begin) };
    const { files, bytes, thread, version } = verified;
    return {
      json: { ...verified, timings },
      lines: [
        `${verified.url} is as published: ${thread} version ${version}, ${files} files, ${formatBytes(bytes)}, ` +
          `in ${formatMilliseconds(timings.total)}.`,
      ],
    };
  },
};
