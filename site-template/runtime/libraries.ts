/** What a snapshot may import besides its own files. Adding a library is one line here (and `npm install`). */
import type { Engine } from '../../action/contract/manifest.ts';

export interface Library {
  /** Import specifiers, each an entry of its own. */
  specifiers: readonly string[];
  /** Only with these engines; with both unless said otherwise. */
  engines?: readonly Engine[];
  /**
   * Compile the parts that a snapshot uses into its own modules, instead of sharing one instance. For collections
   * of which a project uses a handful, and which keep no state.
   */
  inlined?: true;
}

export const LIBRARIES: readonly Library[] = [
  { specifiers: ['react', 'react/jsx-runtime', 'react-dom', 'react-dom/client'] },
  { specifiers: ['remotion', '@remotion/player'] },
  { specifiers: ['@remotion/transitions', '@remotion/transitions/fade', '@remotion/transitions/slide'] },
  { specifiers: ['@remotion/transitions/wipe', '@remotion/transitions/flip', '@remotion/transitions/clock-wipe'] },
  { specifiers: ['@remotion/shapes', '@remotion/paths', '@remotion/noise'], inlined: true },
  { specifiers: ['@remotion/media-utils'] },
  { specifiers: ['lucide-react'], inlined: true },
  { specifiers: ['motion', 'motion/react'] },
  { specifiers: ['d3-scale', 'd3-shape', 'd3-interpolate'], inlined: true },
  { specifiers: ['three'] },
  { specifiers: ['@react-three/fiber', '@remotion/three'], engines: ['react'] },
  { specifiers: ['zod'] },
];
