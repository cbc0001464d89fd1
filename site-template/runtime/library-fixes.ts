/** Small corrections to libraries, on their way into the runtime. Each fails loudly when its library changes. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * `remotion` exports an object `Internals` for its own studio, renderer and libraries, which keeps 4 kB (brotli)
 * of studio code in every page. Only what the other @remotion packages here use is kept.
 */
const remotionInternals: Plugin = {
  name: 'remotion-internals',
  setup(build) {
    build.onLoad({ filter: /[\\/]remotion[\\/]dist[\\/]esm[\\/]index\.mjs$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const [literal, body] = /^var Internals = \{\n([\s\S]*?)\n\};$/m.exec(source) ?? [];
      if (literal === undefined || body === undefined) throw new Error('remotion: Internals has another form now');
      const used = internalsInUse(dirname(createRequire(import.meta.url).resolve('@remotion/player/package.json')));
      for (const name of INTERNALS_OF_OURS) used.add(name);
      const kept = body.split('\n').filter((line) => used.has(/^\s*(\w+)/.exec(line)?.[1] ?? ''));
      return { contents: source.replace(literal, () => `var Internals = {\n${kept.join('\n')}\n};`), loader: 'js' };
    });
  },
};

/** What render-contexts.tsx uses besides what the player does. */
const INTERNALS_OF_OURS = ['RenderAssetManager'];

/** Names of `Internals` that any installed @remotion package of the runtime reads. */
function internalsInUse(playerFolder: string): Set<string> {
  const scope = dirname(playerFolder);
  const packages = ['player', 'transitions', 'shapes', 'paths', 'noise', 'media-utils', 'three'];
  const used = new Set<string>();
  for (const name of packages) {
    const folder = `${scope}/${name}/dist/esm`;
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.mjs')) continue;
      const source = readFileSync(`${folder}/${file}`, 'utf8');
      for (const [, property] of source.matchAll(/\bInternals\d*\.(\w+)/g)) used.add(property as string);
      for (const [, names] of source.matchAll(/\{([^{}]*)\}\s*=\s*Internals\d*\s*;/g)) {
        for (const part of (names as string).split(',')) used.add(part.split(':')[0]?.trim() ?? '');
      }
    }
  }
  return used;
}

/**
 * Icons are made by calls at module level; marked as pure, those that nobody imports fall away. The object `icons`,
 * which holds all of them, would keep all of them.
 */
const lucideIcons: Plugin = {
  name: 'lucide-icons',
  setup(build) {
    build.onLoad({ filter: /lucide-react[\\/]dist[\\/]esm[\\/]icons[\\/][^\\/]+\.mjs$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8')
        .replace(/= createLucideIcon\(/g, '= /* @__PURE__ */ createLucideIcon(')
        .replace(/^__iconData\.node;$/m, '');
      return { contents, loader: 'js' };
    });
    build.onLoad({ filter: /lucide-react[\\/]dist[\\/]esm[\\/]lucide-react\.mjs$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = source.replace(/^export \{ index as icons \};$/m, '');
      if (contents === source) throw new Error('lucide-react: "icons" is exported in another form now');
      return { contents, loader: 'js' };
    });
  },
};

export const libraryFixes: readonly Plugin[] = [remotionInternals, lucideIcons];
