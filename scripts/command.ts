/** What a command is, and how its arguments are read. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { PermaframeError } from '../action/contract/errors.ts';

export interface Terminal {
  /** A line of progress, on stderr. */
  progress(line: string): void;
  /** The answer, on stdout. */
  print(text: string): void;
}

export interface CommandContext {
  terminal: Terminal;
  signal: AbortSignal;
  /** Settings; only roots read them. */
  env: Readonly<Record<string, string | undefined>>;
}

export interface CommandResult {
  /** The one document that --json prints. */
  json: unknown;
  /** What a person reads instead. */
  lines: string[];
}

export interface Command {
  help: string;
  run(args: readonly string[], context: CommandContext): Promise<CommandResult>;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Reads a command's arguments: one operand, and the options that it knows.
 * @param operand what the operand is called in messages: `folder`
 * @throws PermaframeError USAGE
 */
export function readArguments<O extends Options>(args: readonly string[], operand: string, options: O) {
  const config = {
    args: [...args],
    options: { ...options, json: { type: 'boolean' } },
    allowPositionals: true,
  } as const;
  let parsed: ReturnType<typeof parseArgs<typeof config>>;
  try {
    parsed = parseArgs(config);
  } catch (cause) {
    throw new PermaframeError('USAGE', (cause as Error).message, { cause });
  }
  const [value, extra] = parsed.positionals;
  if (value === undefined) throw new PermaframeError('USAGE', `a ${operand} is needed`);
  if (extra !== undefined) throw new PermaframeError('USAGE', `${JSON.stringify(extra)} is one ${operand} too many`);
  return { operand: value, options: parsed.values };
}
