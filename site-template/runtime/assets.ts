/** `permaframe/assets`: where the files of this version are. Modules are shared by versions, so none knows it itself. */
import type { StaticFiles } from '../../action/contract/film.ts';
import type { AssetBase } from '../../action/contract/mounting.ts';

let addressOf: ((name: string) => string) | undefined;
let files: StaticFiles = {};

/**
 * Says where assets are. Comes before the first module of a snapshot is loaded.
 * @param assets.base address of the artifact's `assets/`, absolute or relative to the document; or, where they lie in
 * no folder, what gives the address of each by its name
 * @param assets.staticFiles path below `public/` → asset name
 */
export function configureAssets({ base, staticFiles }: { base: AssetBase; staticFiles: StaticFiles }): void {
  addressOf = typeof base === 'string' ? inFolder(base) : base;
  files = staticFiles;
}

function inFolder(base: string): (name: string) => string {
  const folder = new URL(base.replace(/\/?$/, '/'), document.baseURI).href;
  return (name) => folder + name;
}

/**
 * The absolute URL of an asset.
 * @param name `{sha256}.{extension}`
 */
export function assetUrl(name: string): string {
  if (!addressOf) throw new Error('configureAssets() has to be called before a snapshot is loaded.');
  return addressOf(name);
}

/**
 * Remotion's `staticFile()`: the URL of a file below `public/`.
 * @throws Error when there is no such file, with its name
 */
export function staticFile(path: string): string {
  const name = String(path).replace(/^\/+/, '');
  if (!Object.hasOwn(files, name)) throw new Error(`staticFile("${path}"): there is no file public/${name}.`);
  return assetUrl(files[name] as string);
}
