/** The files by which a step tells the runner something: GITHUB_OUTPUT, GITHUB_ENV, GITHUB_STATE, GITHUB_PATH, summary. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** GitHub refuses a longer summary of one step, in bytes. */
const MAX_SUMMARY_BYTES = 1024 * 1024;
/** GitHub lets no step set these for later ones. */
const BLOCKED_VARIABLES = ['NODE_OPTIONS'];

const FILES = {
  GITHUB_OUTPUT: 'set_output',
  GITHUB_ENV: 'set_env',
  GITHUB_PATH: 'add_path',
  GITHUB_STATE: 'save_state',
  GITHUB_STEP_SUMMARY: 'step_summary',
} as const;

export interface CommandFiles {
  /** Variable → path. The files are new and empty. */
  environment: Record<keyof typeof FILES, string>;
  /** Reads what the step wrote, and removes the files. @throws Error saying which file is malformed, and how */
  collect(): Promise<Collected>;
}

export interface Collected {
  outputs: Record<string, string>;
  variables: Record<string, string>;
  state: Record<string, string>;
  /** In the order in which they were added. */
  paths: string[];
  summary: string;
}

/** @param folder of the job, outside of its workspace */
export async function createCommandFiles(folder: string): Promise<CommandFiles> {
  await mkdir(folder, { recursive: true });
  const id = randomUUID();
  const paths = Object.entries(FILES).map(([variable, name]) => [variable, join(folder, `${name}_${id}`)] as const);
  await Promise.all(paths.map(([, path]) => writeFile(path, '')));
  const environment = Object.fromEntries(paths) as CommandFiles['environment'];
  return {
    environment,
    async collect() {
      // A step may have removed one, or put a folder in its place.
      const texts = paths.map(async ([variable, path]) => [variable, await readFile(path, 'utf8').catch(() => '')]);
      const content = Object.fromEntries(await Promise.all(texts)) as Record<keyof typeof FILES, string>;
      await Promise.all(paths.map(([, path]) => rm(path, { recursive: true, force: true })));
      return parseAll(content);
    },
  };
}

function parseAll(content: Record<keyof typeof FILES, string>): Collected {
  const variables = parseNamed(content.GITHUB_ENV, 'env');
  const blocked = Object.keys(variables).find((name) => BLOCKED_VARIABLES.includes(name.toUpperCase()));
  if (blocked !== undefined) {
    throw new Error(`Unable to process file command 'env' successfully. Can't store ${blocked} in GITHUB_ENV.`);
  }
  const summaryBytes = Buffer.byteLength(content.GITHUB_STEP_SUMMARY);
  if (summaryBytes > MAX_SUMMARY_BYTES) {
    throw new Error(`The summary has ${summaryBytes} bytes: ${MAX_SUMMARY_BYTES} may be.`);
  }
  return {
    outputs: parseNamed(content.GITHUB_OUTPUT, 'output'),
    variables,
    state: parseNamed(content.GITHUB_STATE, 'state'),
    paths: content.GITHUB_PATH.split('\n').filter((line) => line.trim() !== ''),
    summary: content.GITHUB_STEP_SUMMARY,
  };
}

/**
 * Lines `name=value`, or `name<<DELIMITER`, the value's lines, `DELIMITER`. The last of one name counts.
 * @throws Error as GitHub's runner words it
 */
export function parseNamed(text: string, file: string): Record<string, string> {
  const values = new Map<string, string>();
  const lines = text.split('\n');
  const fail = (reason: string): never => {
    throw new Error(`Unable to process file command '${file}' successfully. ${reason}`);
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const { name, kind, rest } = split(line) ?? fail(`Invalid format '${line}'`);
    if (name === '') fail(`Invalid format '${line}'. Name must not be empty`);
    if (kind === 'value') values.set(name, rest);
    else {
      if (rest === '') fail(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`);
      const end = lines.indexOf(rest, at + 1);
      if (end < 0) fail(`Invalid value. Matching delimiter not found '${rest}'`);
      values.set(name, lines.slice(at + 1, end).join('\n'));
      at = end;
    }
  }
  return Object.fromEntries(values);
}

function split(line: string): { name: string; kind: 'value' | 'lines'; rest: string } | null {
  const [equals, heredoc] = [line.indexOf('='), line.indexOf('<<')];
  if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
    return { name: line.slice(0, equals), kind: 'value', rest: line.slice(equals + 1) };
  }
  return heredoc < 0 ? null : { name: line.slice(0, heredoc), kind: 'lines', rest: line.slice(heredoc + 2) };
}
