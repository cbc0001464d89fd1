/** How errors, warnings and sizes look in a terminal and in JSON. */
import { type Diagnostic, formatPlace, type Place, type Warning } from '../action/contract/diagnostics.ts';
import { ERRORS, type ErrorCode, type PermaframeError } from '../action/contract/errors.ts';
import type { Terminal } from './command.ts';

export interface ErrorDescription {
  code: ErrorCode;
  message: string;
  advice: string;
  diagnostics: readonly Diagnostic[];
}

export function describeError({ code, message, diagnostics }: PermaframeError): ErrorDescription {
  return { code, message: tidy(message), advice: ERRORS[code].advice, diagnostics };
}

export function printError(error: PermaframeError, terminal: Terminal): void {
  if (error.diagnostics.length === 0) terminal.progress(`error ${error.code}: ${tidy(error.message)}`);
  for (const diagnostic of error.diagnostics) {
    const place = formatPlace(diagnostic);
    terminal.progress(`error ${diagnostic.code}: ${place === '' ? '' : `${place}: `}${tidy(diagnostic.message)}`);
    printExcerpt(diagnostic, terminal);
  }
  terminal.progress(`  ${ERRORS[error.code].advice}`);
  if (error.code === 'INTERNAL') terminal.progress(String((error.cause as Error | undefined)?.stack ?? ''));
}

export function printWarnings(warnings: readonly Warning[], terminal: Terminal): void {
  for (const warning of warnings) {
    const place = formatPlace(warning);
    terminal.progress(`warning ${warning.code}: ${place === '' ? '' : `${place}: `}${tidy(warning.message)}`);
    printExcerpt(warning, terminal);
  }
}

function printExcerpt({ line, column, excerpt }: Partial<Place>, terminal: Terminal): void {
  if (excerpt === undefined || line === undefined) return;
  const gutter = `  ${line} │ `;
  terminal.progress(`${gutter}${tidy(excerpt)}`);
  const isWhole = column !== undefined && column <= excerpt.length + 1;
  if (isWhole) terminal.progress(`${' '.repeat(gutter.length - 2)}│ ${' '.repeat(column - 1)}^`);
}

/** A snapshot's text may hold escape sequences; a terminal must not obey them. */
function tidy(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

/** `412 ms`, `3.4 s`. */
export function formatMilliseconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
