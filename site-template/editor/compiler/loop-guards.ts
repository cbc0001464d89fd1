/**
 * Puts a call at the start of each loop and of each function with a body, which says where it stands. A page that is
 * stuck cannot be asked; but such a call, when it finds that time stands still, can tell. Nothing that is made so is
 * ever shown or published.
 */
import { javascriptLanguage } from '@codemirror/lang-javascript';
import { isCodePath } from '../../../action/contract/snapshot-paths.ts';
import type { SourceFile } from '../../../action/core/compile/virtual-files.ts';
import { GUARD } from './guard-name.ts';

type SyntaxNode = ReturnType<typeof javascriptLanguage.parser.parse>['topNode'];
type SourceFiles = ReadonlyMap<string, SourceFile>;

interface Insertion {
  at: number;
  text: string;
}

const LOOPS = new Set(['ForStatement', 'WhileStatement', 'DoStatement']);
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunction', 'MethodDeclaration']);
const PARSERS = {
  typed: javascriptLanguage.parser.configure({ dialect: 'ts' }),
  markup: javascriptLanguage.parser.configure({ dialect: 'ts jsx' }),
};

export function withLoopGuards(files: SourceFiles): SourceFiles {
  const guarded = [...files].map(([path, file]): [string, SourceFile] => {
    if (!isCodePath(path) || !file.content) return [path, file];
    const content = new TextEncoder().encode(guardSource(path, new TextDecoder().decode(file.content)));
    return [path, { ...file, bytes: content.byteLength, content }];
  });
  return new Map(guarded);
}

/** The source with its guards; lines stay where they are. */
export function guardSource(path: string, source: string): string {
  const parser = /\.m?ts$/i.test(path) ? PARSERS.typed : PARSERS.markup;
  const insertions: Insertion[] = [];
  parser.parse(source).iterate({
    enter({ node }) {
      const body = bodyOf(node);
      if (body) insertions.push(...guard(body, node, path, source));
    },
  });
  let [result, done] = ['', 0];
  for (const { at, text } of insertions.sort((a, b) => a.at - b.at)) {
    result += source.slice(done, at) + text;
    done = at;
  }
  return result + source.slice(done);
}

function bodyOf(node: SyntaxNode): SyntaxNode | null {
  if (FUNCTIONS.has(node.name)) return node.getChild('Block');
  if (!LOOPS.has(node.name)) return null;
  // `do body while (…)` has it in the middle, the others at the end.
  return node.name === 'DoStatement' ? (node.firstChild?.nextSibling ?? null) : node.lastChild;
}

function guard(body: SyntaxNode, node: SyntaxNode, path: string, source: string): Insertion[] {
  if (body.type.isError) return [];
  const before = source.slice(0, node.from).split('\n');
  const place = [JSON.stringify(path), before.length, (before.at(-1)?.length ?? 0) + 1].join(',');
  const call = `globalThis.${GUARD}?.(${place});`;
  // The semicolon ends a directive that has none.
  if (body.name === 'Block') return [{ at: afterDirectives(body), text: `;${call}` }];
  return [
    { at: body.from, text: `{${call}` },
    { at: body.to, text: '}' },
  ];
}

/** Behind the brace, and behind what like "use strict" counts only in the first place. */
function afterDirectives(block: SyntaxNode): number {
  let at = block.from + 1;
  for (let child = block.firstChild?.nextSibling; child?.name === 'ExpressionStatement'; child = child.nextSibling) {
    if (child.firstChild?.name !== 'String') break;
    at = child.to;
  }
  return at;
}
