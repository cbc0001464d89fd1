/** How esbuild's WebAssembly, which is a Go program, uses memory: as Vite serves and builds it. */
import type { Plugin } from 'vite';

/**
 * By default Go collects garbage whenever the heap has doubled. A project's heap is small, and a compilation fills as
 * much again: 10 to 20 ms of each went into looking for garbage. With these, about every fifth compilation does.
 */
const SETTINGS = { GOGC: '500', GOMEMLIMIT: '300MiB' };
/** Where esbuild's own code starts Go without any settings. */
const WITHOUT_SETTINGS = 'this.env = {};';

export function esbuildMemory(): Plugin {
  return {
    name: 'permaframe-esbuild-memory',
    transform: {
      filter: { id: /\/esbuild-wasm\/esm\/browser\.js$/ },
      handler(code) {
        if (!code.includes(WITHOUT_SETTINGS)) throw new Error('esbuild-wasm starts Go in another way now');
        return code.replaceAll(WITHOUT_SETTINGS, `this.env = ${JSON.stringify(SETTINGS)};`);
      },
    },
  };
}
