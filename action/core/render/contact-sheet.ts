/** One picture that shows a whole film: a still of each scene. A page that Remotion's renderer takes a still of. */
import type { VideoSpec } from '../../contract/video.ts';

/** Of one still, along its longer side, in pixels. */
const STILL_PIXELS = 480;
const GAP = 12;
/** A film of more scenes shows some of them. */
export const MAX_STILLS = 12;

interface SheetLayout {
  columns: number;
  width: number;
  height: number;
}

function layoutOf(stills: number, spec: Pick<VideoSpec, 'width' | 'height'>): SheetLayout {
  const scale = STILL_PIXELS / Math.max(spec.width, spec.height);
  return {
    columns: Math.min(stills, Math.ceil(Math.sqrt(stills))),
    width: Math.round(spec.width * scale),
    height: Math.round(spec.height * scale),
  };
}

/** @returns pixels */
export function sheetSize(
  stills: number,
  spec: Pick<VideoSpec, 'width' | 'height'>,
): { width: number; height: number } {
  const { columns, width, height } = layoutOf(stills, spec);
  const rows = Math.ceil(stills / columns);
  return { width: columns * (width + GAP) + GAP, height: rows * (height + GAP) + GAP };
}

/** `index.html`, beside `0.jpg`, `1.jpg`, … */
export function sheetPage(stills: number, spec: Pick<VideoSpec, 'width' | 'height'>): string {
  const { columns, width, height } = layoutOf(stills, spec);
  const images = Array.from(
    { length: stills },
    (_, index) => `<img src="/${index}.jpg" width="${width}" height="${height}">`,
  );
  return `<!doctype html>
<meta charset="utf-8">
<style>div{position:fixed;inset:0;display:grid;gap:${GAP}px;padding:${GAP}px;background:#131315;grid-template-columns:repeat(${columns},${width}px);align-content:start}img{display:block}</style>
<div>${images.join('')}</div>
<script>
window.siteVersion = '11';
window.getStaticCompositions = () => Promise.resolve([]);
window.remotion_collectAssets = () => [];
window.remotion_setBundleMode = () => {};
window.remotion_setFrame = () => {};
window.remotion_delayRenderTimeouts = {};
onload = () => { window.remotion_renderReady = true; };
</script>
`;
}

/** Frames of the video that show it best: the middles of its scenes, at most {@link MAX_STILLS} spread over them. */
export function chooseStills(
  scenes: readonly { from: number; durationInFrames: number }[],
  ratio: number,
  frames: number,
): number[] {
  const step = Math.max(1, scenes.length / MAX_STILLS);
  const chosen = Array.from(
    { length: Math.min(scenes.length, MAX_STILLS) },
    (_, index) => scenes[Math.floor(index * step)],
  );
  return chosen.flatMap((scene) => {
    if (!scene) return [];
    return [Math.min(frames - 1, Math.floor((scene.from + scene.durationInFrames / 2) * ratio))];
  });
}
