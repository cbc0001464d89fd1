/** Evaluates `${{ … }}` with GitHub's own package, repaired in two places, over plain values. */
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { type Token, TokenType } from '@actions/expressions/lexer';
import { truthy } from '@actions/expressions/result';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { isBasicExpression, isBoolean, isMapping, isNumber, isSequence, isString } from './parser.ts';

const CONTEXTS = [
  'github',
  'needs',
  'inputs',
  'env',
  'matrix',
  'steps',
  'job',
  'jobs',
  'runner',
  'secrets',
  'vars',
  'strategy',
] as const;
type ContextName = (typeof CONTEXTS)[number];

/** What an expression sees. */
export interface Scope {
  contexts: Readonly<Partial<Record<ContextName, unknown>>>;
  /** Of `success()`, `failure()`, `cancelled()`. Where it is missing they may not be called. */
  status?: { success: boolean; failure: boolean; cancelled: boolean };
  /** `hashFiles()`; where it is missing it may not be called. */
  hashFiles?: (patterns: string[]) => string;
}

/** The value of an expression, without its `${{` and `}}`. @throws Error saying what is wrong with it */
export function evaluate(expression: string, scope: Scope): unknown {
  return fromData(evaluateData(expression, scope));
}

/** As `evaluate`, as the text that it becomes within a string. */
export function evaluateText(expression: string, scope: Scope): string {
  return evaluateData(expression, scope).coerceString();
}

export function evaluateCondition(expression: string, scope: Scope): boolean {
  return truthy(evaluateData(expression, scope));
}

/** A token of a workflow file with all expressions in it replaced by their values. */
export function resolve(token: TemplateToken, scope: Scope): unknown {
  if (isBasicExpression(token)) return evaluate(token.expression, scope);
  if (isString(token) || isNumber(token) || isBoolean(token)) return token.value;
  if (isSequence(token)) return Array.from(token, (item) => resolve(item, scope));
  if (isMapping(token)) {
    const entries = Array.from(token, ({ key, value }) => [resolveText(key, scope), resolve(value, scope)]);
    return Object.fromEntries(entries);
  }
  return null;
}

export function resolveText(token: TemplateToken, scope: Scope): string {
  if (isBasicExpression(token)) return evaluateText(token.expression, scope);
  return toData(resolve(token, scope)).coerceString();
}

/** A mapping of names to texts: `env`, `with`, `outputs`. */
export function resolveTexts(token: TemplateToken | undefined, scope: Scope): Record<string, string> {
  if (token === undefined) return {};
  if (isMapping(token)) {
    return Object.fromEntries(Array.from(token, ({ key, value }) => [String(key), resolveText(value, scope)]));
  }
  const value = toData(resolve(token, scope));
  if (!(value instanceof data.Dictionary)) throw new Error('expected names and values');
  return Object.fromEntries(value.pairs().map((pair) => [pair.key, pair.value.coerceString()]));
}

function evaluateData(expression: string, scope: Scope): data.ExpressionData {
  const functions = functionsOf(scope);
  const tree = new Parser(tokensOf(expression), [...CONTEXTS], functions).parse();
  // An empty expression has no tree.
  if (!tree) return new data.StringData('');
  const context = newDictionary();
  for (const name of CONTEXTS) context.add(name, toData(scope.contexts[name] ?? {}));
  return new Evaluator(tree, context, new Map(functions.map((each) => [each.name.toLowerCase(), each]))).evaluate();
}

/** First repair: of the quotes that are doubled within a string, the package takes only the first pair for one. */
function tokensOf(expression: string): Token[] {
  return new Lexer(expression).lex().tokens.map((token) => {
    if (token.type !== TokenType.STRING) return token;
    return { ...token, value: token.lexeme.slice(1, -1).replaceAll("''", "'") };
  });
}

/** Second repair: the package's dictionary takes `constructor` for a name that it has already. */
function newDictionary(): data.Dictionary {
  return Object.assign(new data.Dictionary(), { indexMap: Object.create(null) });
}

function functionsOf({ status, hashFiles }: Scope) {
  const states = { always: true, ...status };
  return [
    ...Object.entries(status === undefined ? {} : states).map(([name, value]) => ({
      name,
      minArgs: 0,
      maxArgs: 0,
      call: (): data.ExpressionData => new data.BooleanData(value),
    })),
    ...(hashFiles === undefined ? [] : [hashFilesFunction(hashFiles)]),
  ];
}

function hashFilesFunction(hashFiles: (patterns: string[]) => string) {
  const call = (...args: data.ExpressionData[]): data.ExpressionData =>
    new data.StringData(hashFiles(args.map((argument) => argument.coerceString())));
  return { name: 'hashFiles', minArgs: 1, maxArgs: 255, call };
}

function toData(value: unknown): data.ExpressionData {
  return JSON.parse(JSON.stringify(value ?? null), (key, inner) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return data.reviver(key, inner);
    const dictionary = newDictionary();
    for (const [name, member] of Object.entries(inner)) dictionary.add(name, member as data.ExpressionData);
    return dictionary;
  });
}

function fromData(value: data.ExpressionData): unknown {
  return JSON.parse(JSON.stringify(value, data.replacer));
}
