/** What inputs of actions have in common: how they are read, what is left out, and how a wrong one is named. */
import { z } from 'zod';
import { parseStoreConfig, type StoreConfig } from './adapters/store-config.ts';
import { PermaframeError } from './contract/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The store calls its settings otherwise than the inputs. */
export const STORE_INPUTS = {
  endpoint: 's3-endpoint',
  bucket: 's3-bucket',
  accessKeyId: 's3-access-key-id',
  secretAccessKey: 's3-secret-access-key',
} as const;

/** https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#inputs */
export function readInput(env: Environment, name: string): string {
  return (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

/**
 * @param given by the names of the inputs
 * @throws PermaframeError CONFIG_INVALID, which names inputs and quotes none
 */
export function parseStore(given: Readonly<Record<string, string>>): StoreConfig {
  const settings = Object.entries(STORE_INPUTS).map(([setting, name]) => [setting, given[name] || undefined]);
  try {
    return parseStoreConfig(Object.fromEntries(settings));
  } catch (error) {
    if (!(error instanceof PermaframeError)) throw error;
    const setting = new RegExp(`\\b(${Object.keys(STORE_INPUTS).join('|')}) `, 'g');
    const message = error.message.replaceAll(setting, (_, name: keyof typeof STORE_INPUTS) => `${STORE_INPUTS[name]} `);
    throw new PermaframeError(error.code, message);
  }
}

/** No cause: a zod error may carry the input. */
export function invalidInputs(issues: readonly z.core.$ZodIssue[]): PermaframeError {
  const problems = issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  return new PermaframeError('INPUT_INVALID', `The inputs are wrong: ${problems.join('; ')}.`);
}

/** A runner gives an input that is not set as an empty string. */
export function optional<T extends z.ZodType<unknown, string>>(schema: T) {
  return z.union([z.literal('').transform(() => null), schema], { error: (issue) => reasonOf(issue) });
}

export function required<T extends z.ZodType<unknown, string>>(schema: T) {
  return z.string().min(1, 'is missing').pipe(schema);
}

/** What the second of two alternatives says: the first is only the empty string. */
function reasonOf(issue: z.core.$ZodRawIssue): string | undefined {
  const [, [second] = []] = (issue as { errors?: z.core.$ZodIssue[][] }).errors ?? [];
  return second?.message;
}

/** Whether a folder is named by a path that stays inside the workspace. */
export function isInside(folder: string): boolean {
  return !/^[/\\~]|^[A-Za-z]:|[\0\n\\]/.test(folder) && !folder.split('/').includes('..');
}
