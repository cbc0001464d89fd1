/** Addresses for compiled modules that lie in memory. Only for loading them: nothing in them moves to another place. */
import type { CompiledModule } from '../../../../action/core/compile/compile.ts';
import type { ModulePosition } from '../../compiler/protocol.ts';

/** Global array of all addresses: what a dynamic import looks up, since modules may load each other in a circle. */
export const ADDRESSES = '__permaframeModules';

/** A module's name in an import, and what makes the import a dynamic one. */
const MODULE_NAME = /(import\()?"(\.{1,2}\/[^"\n]*?\.js)"/g;

/** The addresses of a page's modules. What has one keeps it: a module of the same path is the same module. */
export class ModuleUrls {
  /** In the order in which they were added; what {@link ADDRESSES} has to be. */
  readonly all: string[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #toUrl: (text: string) => string;

  /** @param toUrl makes an address for a text; shorter than a module's name is */
  constructor(toUrl: (text: string) => string) {
    this.#toUrl = toUrl;
  }

  of(path: string): string | undefined {
    const index = this.#indexes.get(path);
    return index === undefined ? undefined : this.all[index];
  }

  /**
   * Gives each module an address, what is imported before what imports it.
   * @param modules which import each other and those that were added before
   */
  add(modules: readonly CompiledModule[]): void {
    const fresh = new Map<string, string>();
    for (const { path, text } of modules) {
      if (this.#indexes.has(path)) continue;
      this.#indexes.set(path, this.#indexes.size);
      fresh.set(path, text);
    }
    const open = new Set<string>();
    const address = (path: string): string => {
      const known = this.of(path);
      if (known !== undefined) return known;
      // esbuild puts what two modules share into a third: only import() leads back.
      if (open.has(path)) throw new Error('modules import each other in a circle');
      open.add(path);
      const url = this.#toUrl(this.#withAddresses(path, fresh.get(path) ?? '', address));
      this.all[this.#indexes.get(path) as number] = url;
      return url;
    };
    for (const path of fresh.keys()) address(path);
  }

  #withAddresses(path: string, text: string, address: (path: string) => string): string {
    return text.replaceAll(MODULE_NAME, (whole: string, dynamic: string | undefined, name: string) => {
      const target = resolve(path, name);
      const index = this.#indexes.get(target);
      if (index === undefined) return whole;
      const rest = dynamic === undefined ? JSON.stringify(address(target)) : `import(${ADDRESSES}[${index}]`;
      // Of equal length, so that a place in this text is the same place in the module's own.
      return rest.padEnd(whole.length);
    });
  }
}

function resolve(from: string, name: string): string {
  return new URL(name, `file:///${from}`).pathname.slice(1);
}

/** The places in a stack trace that lie in modules: `{address}:{line}:{column}`, in whatever form a browser has it. */
export function positionsIn(stack: string, paths: ReadonlyMap<string, string>): ModulePosition[] {
  return [...stack.matchAll(/(blob:[^\s()]+?):(\d+):(\d+)/g)].flatMap(([, url = '', line, column]) => {
    const path = paths.get(url);
    return path === undefined ? [] : [{ path, line: Number(line), column: Number(column) }];
  });
}
