/**
 * A project is built twice: first to check it, then to emit it. A picture needs only what is emitted, and that needs of
 * the check nothing but what hardly any edit changes: so it is taken from the last state, and made good afterwards.
 */
import type { BuildOptions, BuildResult } from 'esbuild';
import type { Esbuild } from '../../../action/core/compile/compile.ts';
import { SNAPSHOT_NAMESPACE } from '../../../action/core/compile/diagnostics.ts';
import { stylesInOrder } from '../../../action/core/compile/outputs.ts';

/** The check of a state that compiled. */
export interface Check {
  options: BuildOptions;
  result: BuildResult;
}

/** The passes of one compilation. */
export class Passes {
  /** What to compile with. */
  readonly esbuild: Esbuild;
  readonly #esbuild: Esbuild;
  readonly #last: Check | null;
  /** The builds that bundle, in their order, as far as they succeeded. */
  readonly #bundled: (Check | null)[] = [];
  #assumed: BuildOptions | null = null;

  /** @param last check of an earlier state, which may be taken for the one of this state */
  constructor(esbuild: Esbuild, last: Check | null) {
    this.#esbuild = esbuild;
    this.#last = last;
    this.esbuild = { build: ((options: BuildOptions) => this.#build(options)) as Esbuild['build'] };
  }

  /** Whether the compilation took over an earlier check. */
  get isEarly(): boolean {
    return this.#assumed !== null;
  }

  /** The check, for later states. Null for a film that was checked with one engine and then with the other. */
  get check(): Check | null {
    return this.#bundled.length === 2 ? (this.#bundled[0] ?? null) : null;
  }

  /** Makes the check that was taken over. @returns whether the compilation would have come out the same with it */
  async confirm(): Promise<boolean> {
    if (!this.#assumed || !this.#last) return true;
    const options = this.#assumed;
    try {
      const result = await this.#esbuild.build(options);
      this.#bundled[0] = { options, result };
      return outcomeOf(result) === outcomeOf(this.#last.result);
    } catch (error) {
      // A mistake in the sources, which the next compilation reports.
      if (Array.isArray((error as { errors?: unknown }).errors)) return false;
      throw error;
    }
  }

  async #build(options: BuildOptions): Promise<BuildResult> {
    if (!options.bundle) return this.#esbuild.build(options);
    const index = this.#bundled.push(null) - 1;
    if (index === 0 && this.#last && keyOf(options) === keyOf(this.#last.options)) {
      this.#assumed = options;
      return this.#last.result;
    }
    const result = await this.#esbuild.build(options);
    this.#bundled[index] = { options, result };
    return result;
  }
}

function keyOf({ plugins: _, ...options }: BuildOptions): string {
  return JSON.stringify(options);
}

/** All that a compilation takes from a check: the order of styles, and what each entry exports. */
function outcomeOf({ metafile }: BuildResult): string {
  const { inputs = {}, outputs = {} } = metafile ?? {};
  const entries = Object.values(outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  const paths = entries.map(({ entryPoint = '' }) => entryPoint.replace(`${SNAPSHOT_NAMESPACE}:`, ''));
  return JSON.stringify([stylesInOrder({ inputs, outputs }, paths), paths, entries.map((entry) => entry.exports)]);
}
