/**
 * Style modules (`*.module.css`) under names of their own: esbuild makes a class name from the file's name, so the
 * name it sees ends with a hash of the path. Then a class name depends on nothing but its own file.
 */
import { sha256Hex } from '../../contract/hash.ts';

/** Namespace of style modules in esbuild's world. */
export const STYLE_MODULE_NAMESPACE = 'style-module';

const STYLE_MODULE = /\.module\.css$/i;
const HASH_CHARACTERS = 8;
const NAMED = new RegExp(`-[0-9a-f]{${HASH_CHARACTERS}}(?=\\.module\\.css$)`, 'i');

/** Path → the name that esbuild sees, for all style modules among the paths. */
export async function styleModuleNames(paths: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const names = [...paths]
    .filter((path) => STYLE_MODULE.test(path))
    .map(async (path): Promise<[string, string]> => {
      const hash = (await sha256Hex(path)).slice(0, HASH_CHARACTERS);
      return [path, path.replace(STYLE_MODULE, (suffix) => `-${hash}${suffix}`)];
    });
  return new Map(await Promise.all(names));
}

/** The path of a style module, from the name that esbuild sees. */
export function styleModulePath(name: string): string {
  return name.replace(NAMED, '');
}
