/**
 * The run's log, annotations, summary and outputs. Text of a snapshot passes through here, and the runner obeys lines
 * that look like its commands: so every text is made harmless, and what quotes a source stands where none is obeyed.
 */
import { randomUUID } from 'node:crypto';
import { endGroup, error, info, notice, setOutput, setSecret, startGroup, summary, warning } from '@actions/core';
import type { Place } from '../contract/diagnostics.ts';

/** Characters of one line; the rest is cut off. */
const MAX_LINE_CHARACTERS = 2_000;
/** GitHub refuses a larger summary, in bytes. */
const MAX_SUMMARY_BYTES = 1_000_000;

export interface Annotation extends Partial<Place> {
  level: 'error' | 'warning' | 'notice';
  title: string;
  message: string;
}

export interface Log {
  /** From now on, the text is shown as `***`. */
  mask(secret: string): void;
  line(text: string): void;
  /** Lines under a heading that can be folded. */
  group(title: string, lines: readonly string[]): void;
  /** What stands beside the source on GitHub. */
  annotate(annotation: Annotation): void;
  output(name: string, value: string): void;
  /** @param html whose texts are escaped already */
  summarize(html: string): Promise<void>;
}

export interface LogOptions {
  /** Whether the runner takes a summary: it names a file for it. */
  hasSummary: boolean;
}

export function createLog({ hasSummary }: LogOptions): Log {
  return {
    mask: (secret) => secret !== '' && setSecret(secret),
    line: (text) => info(harmless(text)),
    group(title, lines) {
      // All at once: a command of ours in between, such as the mask of a token, would not be obeyed.
      const resume = randomUUID();
      startGroup(harmless(title));
      info(`::stop-commands::${resume}`);
      for (const line of lines) info(harmless(line));
      info(`::${resume}::`);
      endGroup();
    },
    annotate({ level, title, message, file, line, column }) {
      const issue = { error, warning, notice }[level];
      const place = {
        ...(file === undefined ? {} : { file: harmless(file) }),
        ...(line === undefined ? {} : { startLine: line }),
        ...(line === undefined || column === undefined ? {} : { startColumn: column }),
      };
      issue(harmless(message), { title: harmless(title), ...place });
    },
    output: (name, value) => setOutput(name, value),
    async summarize(html) {
      if (hasSummary && Buffer.byteLength(html) <= MAX_SUMMARY_BYTES) await summary.addRaw(html, true).write();
    },
  };
}

/**
 * One line that is no command. The runner obeys `::name::` at the start of a line, after white space, and the older
 * `##[name]` anywhere in it. Control characters and those that turn the direction of text become spaces.
 * @see https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function harmless(text: string): string {
  return text
    .slice(0, MAX_LINE_CHARACTERS)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]/gu, ' ')
    .replaceAll('##[', '##\u200b[')
    .replace(/^(\s*):+:/, '$1:\u200b:');
}
