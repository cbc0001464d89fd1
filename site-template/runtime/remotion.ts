/** `remotion`, with `staticFile()` answered by the artifact: static files are named by content, not by path. */
export * from 'remotion';
export { staticFile } from './assets.ts';
