/** What a step printed: on disk, a time before each line, secrets replaced; annotations gathered beside it. */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createLineReader, type Level, type Line } from './log-commands.ts';
import type { Masks } from './masks.ts';

/** GitHub shows no more of each level for one step. */
const MAX_ANNOTATIONS = 10;

export interface Annotation {
  level: Level;
  message: string;
  title?: string;
  file?: string;
  line?: number;
  column?: number;
  job: string;
  step: string;
}

export interface StepLog extends AsyncDisposable {
  /** A line that a process printed; commands in it are obeyed. */
  takeLine(line: string): void;
  /** A line of the runner's own; never a command. */
  say(line: string): void;
  annotate(level: Level, message: string, properties?: Readonly<Record<string, string>>): void;
  /** Why the step has failed whatever its exit code is: a command that is refused. */
  refusal(): string | null;
}

interface StepLogOptions {
  file: string;
  job: string;
  step: string;
  masks: Masks;
  annotations: Annotation[];
  /** Takes each line, as it is on disk but for the time. */
  onLine?: ((line: string) => void) | undefined;
  now: () => Date;
}

export function openStepLog({ file, job, step, masks, annotations, onLine, now }: StepLogOptions): StepLog {
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  // A full disk fails the step when the log is closed, not this program.
  stream.on('error', () => undefined);
  const read = createLineReader();
  const counts = new Map<Level, number>();
  let refusal: string | null = null;
  const say = (text: string) => {
    for (const line of masks.apply(text).split('\n')) {
      stream.write(`${now().toISOString()} ${line}\n`);
      onLine?.(line);
    }
  };
  const annotate: StepLog['annotate'] = (level, message, properties = {}) => {
    say(`##[${level}]${message}`);
    const count = (counts.get(level) ?? 0) + 1;
    counts.set(level, count);
    if (count > MAX_ANNOTATIONS) return;
    const { title, file: place, line, col } = properties;
    annotations.push({
      level,
      message: masks.apply(message),
      ...(title && { title: masks.apply(title) }),
      ...(place && { file: masks.apply(place) }),
      ...(Number(line) > 0 && { line: Number(line) }),
      ...(Number(col) > 0 && { column: Number(col) }),
      job,
      step,
    });
  };
  const refuse = (reason: string) => {
    refusal ??= reason;
    annotate('error', reason);
  };
  return {
    takeLine: (line) => obey(read(line), { say, annotate, refuse, masks }),
    say,
    annotate,
    refusal: () => refusal,
    async [Symbol.asyncDispose]() {
      stream.end();
      await finished(stream);
    },
  };
}

interface Obeying extends Pick<StepLog, 'say' | 'annotate'> {
  refuse(reason: string): void;
  masks: Masks;
}

function obey(meaning: Line, { say, annotate, refuse, masks }: Obeying): void {
  switch (meaning.kind) {
    case 'text':
      say(meaning.text);
      break;
    case 'group':
      say(`##[group]${meaning.title}`);
      break;
    case 'endGroup':
      say('##[endgroup]');
      break;
    case 'mask':
      masks.add(meaning.value);
      break;
    case 'debug':
      say(`##[debug]${meaning.message}`);
      break;
    case 'annotation':
      annotate(meaning.level, meaning.message, meaning.properties);
      break;
    case 'refused':
      refuse(meaning.reason);
      break;
    case 'quiet':
      break;
    default:
      meaning satisfies never;
  }
}
