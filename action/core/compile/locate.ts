/**
 * Where in the sources an error happened. What is shown and published has no source maps, by law; so the project is
 * compiled once more with maps that nobody else sees, which changes nothing but the comments at the end of outputs.
 */
import type { BuildOptions, BuildResult } from 'esbuild';
import type { Place } from '../../contract/diagnostics.ts';
import { MAX_EXCERPT_CHARACTERS } from '../../contract/limits.ts';
import { type CompileInput, type CompileRuntime, compile, type Esbuild } from './compile.ts';
import { OUTPUT_FOLDER } from './options.ts';
import { findSource } from './source-map.ts';
import { styleModulePath } from './style-modules.ts';

/** A place in a compiled module, as stack traces count it: line and column from 1. */
export interface ModulePosition {
  /** Path of the module, as in `Compiled`. */
  path: string;
  line: number;
  column: number;
}

/** A module before it was named: its imports have esbuild's names, not those of the contents. */
interface MappedOutput {
  /** Below the output folder. */
  path: string;
  text: string;
  map: string;
}

/** An import of another module, which is what naming changes. */
const MODULE_NAME = /"\.{1,2}\/[^"\n]*?\.js"/g;

/** A module's address in an artifact, with the place that a stack trace says after it. */
const FRAME = /\/projects\/[^/\s]+\/((?:scenes\/[^/\s]+|modules)\/[0-9a-f]{64}\.js):(\d+):(\d+)/g;
/** What a stack trace is read of, in characters, and of places in it: whoever threw may have written it. */
const MAX_STACK = 100_000;
const MAX_POSITIONS = 50;

/** The places in a browser's stack trace that lie in an artifact's modules, innermost first. */
export function positionsInStack(stack: string): ModulePosition[] {
  const frames = [...stack.slice(0, MAX_STACK).matchAll(FRAME)].slice(0, MAX_POSITIONS);
  return frames.map(([, path = '', line, column]) => ({ path, line: Number(line), column: Number(column) }));
}

/** @returns the first of the positions that lies in a file of the snapshot, or null */
export async function locate(
  esbuild: Esbuild,
  input: CompileInput,
  runtime: CompileRuntime,
  positions: readonly ModulePosition[],
): Promise<Place | null> {
  const outputs: MappedOutput[] = [];
  const { modules } = await compile(mapping(esbuild, outputs), input, runtime);
  const texts = new Map(modules.map(({ path, text }) => [path, text]));
  for (const position of positions) {
    const text = texts.get(position.path);
    const output = text === undefined ? undefined : outputOf(position.path, text, outputs);
    if (text === undefined || !output) continue;
    const column = position.line === 1 ? beforeNaming(position.column, text, output.text) : position.column;
    const found = findSource(output.map, position.line, column);
    const place = found && toPlace(found, input);
    if (place) return place;
  }
  return null;
}

/** An esbuild whose builds make maps: bundling puts them into the outputs, shortening reads them from there. */
function mapping(esbuild: Esbuild, outputs: MappedOutput[]): Esbuild {
  const build = async (options: BuildOptions): Promise<BuildResult> => {
    const maps = { sourcesContent: false, sourcemap: options.bundle ? 'inline' : 'external' } as const;
    const result = await esbuild.build({ ...options, ...maps });
    if (options.bundle) return result;
    const files = new Map(result.outputFiles?.map((file) => [file.path, file.text]));
    for (const [path, text] of files) {
      const map = files.get(`${path}.map`);
      if (path.startsWith(OUTPUT_FOLDER) && map !== undefined) {
        outputs.push({ path: path.slice(OUTPUT_FOLDER.length + 1), text, map });
      }
    }
    return result;
  };
  return { build: build as Esbuild['build'] };
}

/** Equal modules may come from different scenes: one of the same folder comes first. */
function outputOf(path: string, text: string, outputs: readonly MappedOutput[]): MappedOutput | undefined {
  const shape = shapeOf(text);
  // What was compiled first may have been for an engine that was not taken in the end: the last of equals counts.
  const equals = outputs.filter((output) => shapeOf(output.text) === shape);
  return equals.findLast((output) => folderOf(output.path) === folderOf(path)) ?? equals.at(-1);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function shapeOf(text: string): string {
  return text.replaceAll(MODULE_NAME, '""');
}

/** The column before other modules' names, which all stand on the first line, were replaced by longer ones. */
function beforeNaming(column: number, named: string, unnamed: string): number {
  const before = [...unnamed.matchAll(MODULE_NAME)];
  let shift = 0;
  for (const [index, name] of [...named.matchAll(MODULE_NAME)].entries()) {
    if (name.index + shift >= column) break;
    shift += (before[index]?.[0].length ?? 0) - name[0].length;
  }
  return column + shift;
}

function toPlace(
  { source, line, column }: { source: string; line: number; column: number },
  input: CompileInput,
): Place | null {
  const path = styleModulePath(source.replace(/^.*?\b(snapshot|style-module):/, ''));
  const content = input.files.get(path)?.content;
  if (!content) return null;
  const excerpt = new TextDecoder().decode(content).split(/\r\n|[\n\r\u2028\u2029]/)[line - 1];
  return {
    file: path,
    line,
    column,
    ...(excerpt === undefined ? {} : { excerpt: excerpt.slice(0, MAX_EXCERPT_CHARACTERS) }),
  };
}
