/** Addresses for compiled modules that lie in memory. Only for loading them: nothing in them moves to another place. */
import type { CompiledModule } from '../../../../action/core/compile/compile.ts';
import type { ModulePosition } from '../../compiler/protocol.ts';

/** Global array of all addresses: what a dynamic import looks up, since modules may load each other in a circle. */
export const ADDRESSES = '__permaframeModules';

/** A module's name in an import, and what makes the import a dynamic one. */
const MODULE_NAME = /(import\()?"(\.{1,2}\/[^"\n]*?\.js)"/g;

/**
 * Gives each module an address, what is imported before what imports it.
 * @param offset how many modules have addresses already, in the array of all
 * @param toUrl makes an address for a text; shorter than a module's name is
 * @returns addresses in the order of `modules`
 */
export function addressModules(
  modules: readonly CompiledModule[],
  offset: number,
  toUrl: (text: string) => string,
): string[] {
  const indexes = new Map(modules.map(({ path }, index) => [path, index]));
  const urls: string[] = [];
  const open = new Set<number>();
  const address = (index: number): string => {
    const known = urls[index];
    if (known !== undefined) return known;
    // esbuild puts what two modules share into a third: only import() leads back.
    if (open.has(index)) throw new Error('modules import each other in a circle');
    open.add(index);
    const { path, text } = modules[index] as CompiledModule;
    const url = toUrl(
      text.replaceAll(MODULE_NAME, (whole: string, dynamic: string | undefined, name: string) => {
        const target = indexes.get(resolve(path, name));
        if (target === undefined) return whole;
        const rest =
          dynamic === undefined ? JSON.stringify(address(target)) : `import(${ADDRESSES}[${offset + target}]`;
        // Of equal length, so that a place in this text is the same place in the module's own.
        return rest.padEnd(whole.length);
      }),
    );
    urls[index] = url;
    return url;
  };
  for (const index of modules.keys()) address(index);
  return urls;
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
