/**
 * The esbuild options of every build of a snapshot: on a runner natively, in the editor as WebAssembly.
 * Equal files give equal bytes on both, so nothing here may depend on the machine.
 */
import type { BuildOptions, Plugin } from 'esbuild';

/** Where outputs lie in esbuild's world. The final addresses have the same depth: see modules.ts. */
export const OUTPUT_FOLDER = '/out';

/** Browsers of 2023 and later: import maps, declarative shadow DOM, dynamic import, CSS nesting lowered. */
export const TARGET = ['es2022', 'chrome111', 'firefox121', 'safari16.4'];

/**
 * @param entryPoints output path without extension → input as the plugin of virtual-files.ts takes it
 */
export function buildOptions(entryPoints: Record<string, string>, plugin: Plugin) {
  return {
    entryPoints,
    plugins: [plugin],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: TARGET,
    minifySyntax: true,
    minifyWhitespace: true,
    // esbuild shortens the class names of all style modules together: a rule more in one scene would change the
    // names, and so the module, of another. minifyOptions shortens the rest, module by module.
    minifyIdentifiers: false,
    treeShaking: true,
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    jsxDev: false,
    // Without these, esbuild would look for a tsconfig.json beside the files, and read what its "extends" names.
    tsconfigRaw: '{}',
    // A source map is read wherever a sourceMappingURL comment points to; there is none.
    sourcemap: false,
    // Primitive values, because esbuild puts an object into a module that all scenes then share.
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.env': '""',
      'import.meta.env.DEV': 'false',
      'import.meta.env.MODE': '"production"',
      'import.meta.env.PROD': 'true',
      'import.meta.env': '""',
      'import.meta.hot': 'undefined',
    },
    // A module does not know the address that it will have; see "empty-import-meta" in diagnostics.ts.
    supported: { 'import-meta': false },
    logOverride: { 'empty-import-meta': 'error', 'empty-glob': 'error' },
    // The hash in a chunk's name depends on the working directory, and the order of imports on the name.
    absWorkingDir: '/',
    outdir: OUTPUT_FOLDER,
    // No names of files, which may hold what a string literal would escape.
    chunkNames: 'modules/[hash]',
    metafile: true,
    write: false,
    logLevel: 'silent',
    logLimit: 0,
  } satisfies BuildOptions;
}

/**
 * What makes bundled modules short, each by itself. A build and not a transformation, for which esbuild puts text of
 * more than a megabyte into a file.
 */
export function minifyOptions(entryPoints: Record<string, string>, plugin: Plugin) {
  return {
    entryPoints,
    plugins: [plugin],
    bundle: false,
    format: 'esm',
    platform: 'browser',
    target: TARGET,
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: '{}',
    sourcemap: false,
    absWorkingDir: '/',
    outdir: OUTPUT_FOLDER,
    write: false,
    logLevel: 'silent',
  } satisfies BuildOptions;
}
