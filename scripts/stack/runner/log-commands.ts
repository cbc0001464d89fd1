/** Commands to the runner in what a step prints: `::error file=a.ts,line=3::message`. */

export type Level = 'error' | 'warning' | 'notice';

/** What a line of output means. */
export type Line =
  | { kind: 'text'; text: string }
  | { kind: 'group'; title: string }
  | { kind: 'endGroup' }
  | { kind: 'mask'; value: string }
  | { kind: 'debug'; message: string }
  | { kind: 'annotation'; level: Level; message: string; properties: Readonly<Record<string, string>> }
  /** `::stop-commands::`, or the end of it. */
  | { kind: 'quiet' }
  /** GitHub refuses it, or this runner does; the step fails. */
  | { kind: 'refused'; reason: string };

const COMMANDS = ['group', 'endgroup', 'add-mask', 'debug', 'error', 'warning', 'notice', 'stop-commands', 'echo'];
/** Commands with which untrusted output could steer later steps. GitHub has switched the first two off. */
const DISABLED = ['set-env', 'add-path', 'set-output', 'save-state'];
const UNSUPPORTED = ['add-matcher', 'remove-matcher'];

/** Reads the lines of one step, in order. */
export function createLineReader(): (line: string) => Line {
  let stopToken: string | null = null;
  return (line) => {
    const command = parseCommand(line);
    if (stopToken !== null) {
      if (command?.name !== stopToken) return { kind: 'text', text: line };
      stopToken = null;
      return { kind: 'quiet' };
    }
    if (command === null) return { kind: 'text', text: line };
    if (command.name !== 'stop-commands') return meaningOf(command, line);
    const token = command.data;
    if (!isSafeStopToken(token)) return { kind: 'refused', reason: `Invalid token '${token}' for stop-commands` };
    stopToken = token.toLowerCase();
    return { kind: 'quiet' };
  };
}

interface Command {
  name: string;
  properties: Record<string, string>;
  data: string;
}

function meaningOf({ name, properties, data }: Command, line: string): Line {
  switch (name) {
    case 'group':
      return { kind: 'group', title: data };
    case 'endgroup':
      return { kind: 'endGroup' };
    case 'add-mask':
      return { kind: 'mask', value: data };
    case 'debug':
      return { kind: 'debug', message: data };
    case 'error':
    case 'warning':
    case 'notice':
      return { kind: 'annotation', level: name, message: data, properties };
    case 'echo':
      return { kind: 'quiet' };
  }
  if (DISABLED.includes(name)) return { kind: 'refused', reason: `The \`${name}\` command is disabled: use files` };
  if (UNSUPPORTED.includes(name)) return { kind: 'refused', reason: `The \`${name}\` command is not supported here` };
  return { kind: 'text', text: line };
}

/** A token that untrusted output could guess would be no protection. */
function isSafeStopToken(token: string): boolean {
  return token !== '' && token !== 'pause-logging' && ![...COMMANDS, ...DISABLED, ...UNSUPPORTED].includes(token);
}

function parseCommand(line: string): Command | null {
  const current = /^\s*::(?<name>[^\s:]+)(?:\s+(?<properties>.*?))?::(?<data>.*)$/s.exec(line);
  // The old form counts anywhere in a line.
  const old = /##\[(?<name>[^\s\]]+)(?:\s+(?<properties>[^\]]*))?\](?<data>.*)$/s.exec(line);
  const groups = (current ?? old)?.groups;
  if (!groups?.name) return null;
  const separator = current ? ',' : ';';
  return {
    name: groups.name.toLowerCase(),
    properties: parseProperties(groups.properties ?? '', separator),
    data: decode(groups.data ?? ''),
  };
}

function parseProperties(text: string, separator: string): Record<string, string> {
  const pairs = text.split(separator).map((pair) => pair.trim());
  const named = pairs.filter((pair) => pair.indexOf('=') > 0);
  return Object.fromEntries(
    named.map((pair) => {
      const value = pair.slice(pair.indexOf('=') + 1);
      return [pair.slice(0, pair.indexOf('=')), decode(value.replace(/%3A/gi, ':').replace(/%2C/gi, ','))];
    }),
  );
}

function decode(text: string): string {
  return text.replace(/%0D/gi, '\r').replace(/%0A/gi, '\n').replace(/%25/g, '%');
}
