/** GitHub's own parser of workflows and actions, as its package has it but for two repairs. */
import { registerHooks } from 'node:module';
import type { TemplateContext as Context } from '@actions/workflow-parser/templates/template-context';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';

// First repair: the package imports JSON without the attribute that Node wants, so it is loaded through a hook.
const hooks = registerHooks({
  load(url, context, nextLoad) {
    const isSchema = /\/@actions\/workflow-parser\/dist\/[^/]+\.json$/.test(url);
    return nextLoad(url, isSchema ? { ...context, importAttributes: { type: 'json' } } : context);
  },
});
const [workflows, schema, actionSchema, contexts, templates, yaml, tokens, conditions] = await Promise.all([
  import('@actions/workflow-parser'),
  import('@actions/workflow-parser/workflows/workflow-schema'),
  import('@actions/workflow-parser/actions/action-schema'),
  import('@actions/workflow-parser/templates/template-context'),
  import('@actions/workflow-parser/templates/template-reader'),
  import('@actions/workflow-parser/workflows/yaml-object-reader'),
  import('@actions/workflow-parser/templates/tokens/string-token'),
  import('@actions/workflow-parser/model/converter/if-condition'),
]);
hooks.deregister();

export const { convertWorkflowTemplate, isBasicExpression, isBoolean, isMapping, isNumber, isSequence, isString } =
  workflows;
/** Makes an `if:` an expression, with `success() &&` before it where it names no status function. */
export const { convertToIfCondition } = conditions;

/**
 * Second repair: for a string of several lines that has expressions in it, the package goes on with the text as it
 * stands in the file, indentation and folding included. A here-document would never end. So it sees values only.
 */
class ValueReader extends yaml.YamlObjectReader {
  override allowLiteral(): ReturnType<InstanceType<typeof yaml.YamlObjectReader>['allowLiteral']> {
    const literal = super.allowLiteral();
    if (!(literal instanceof tokens.StringToken) || literal.source === undefined) return literal;
    const isOneLine = literal.range?.start.line === literal.range?.end.line;
    return isOneLine ? literal : new tokens.StringToken(literal.file, literal.range, literal.value, undefined);
  }
}

export interface Parsed {
  context: Context;
  /** Missing when the file is not even YAML. Check `context.errors` as well. */
  value: TemplateToken | undefined;
}

export function parseWorkflowFile(name: string, content: string): Parsed {
  return parse(name, content, schema.getWorkflowSchema(), 'workflow-root-strict');
}

export function parseActionFile(name: string, content: string): Parsed {
  return parse(name, content, actionSchema.getActionSchema(), 'action-root-strict');
}

function parse(name: string, content: string, definitions: Context['schema'], root: string): Parsed {
  const errors = new contexts.TemplateValidationErrors();
  const context = new contexts.TemplateContext(errors, definitions, new workflows.NoOperationTraceWriter());
  const file = context.getFileId(name);
  const reader = new ValueReader(file, content);
  for (const error of reader.errors) context.error(file, error.message, error.range);
  if (reader.errors.length > 0) return { context, value: undefined };
  return { context, value: templates.readTemplate(context, root, reader, file) };
}
