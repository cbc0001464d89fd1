/** What stands for a film without a poster: its title over its own time line, drawn as overlapping discs. */
import type { FilmMeta } from '../../action/contract/meta.ts';
import { type Html, html } from './html.ts';
import { paletteOf } from './palette.ts';
import { formatTime } from './time.ts';

/** Width of the drawing; its height follows the picture. */
const WIDTH = 1000;
/** By how much every disc is larger than its scene is long, on either side. */
const OVERLAP = 14;

export function renderTitleCard(meta: FilmMeta): Html {
  const { hue, spread } = paletteOf(meta.snapshot);
  const names = meta.scenes.map((scene) => scene.title).join(' · ');
  return html`<div class="card" style="background:linear-gradient(155deg,oklch(.34 .07 ${hue}),oklch(.2 .045 ${hue + spread}))">
${renderDiscs(meta)}<div class="words"><b dir="auto">${meta.title}</b><p dir="auto"><span>${formatTime(meta.durationInFrames, meta.fps)}</span> ${names}</p></div></div>`;
}

/** One disc a scene: as wide as the scene is long, overlapping its neighbour by as much as the two scenes do. */
function renderDiscs(meta: FilmMeta): Html {
  const { hue, spread } = paletteOf(meta.snapshot);
  const height = Math.round((WIDTH * meta.height) / meta.width);
  const scale = (WIDTH * 0.84) / meta.durationInFrames;
  let end = 0;
  const discs = meta.scenes.map(({ from, durationInFrames }, index) => {
    const before = meta.scenes[index - 1];
    const shared = before ? (before.from + before.durationInFrames - from) * scale + 2 * OVERLAP : 0;
    const radius = Math.min((durationInFrames * scale) / 2 + OVERLAP, height * 0.4);
    const x = end - Math.min(shared, radius) + radius;
    end = x + radius;
    return { x, radius, tint: Math.round(hue + (spread * (index + 1)) / meta.scenes.length) };
  });
  const circles = discs.map(
    ({ x, radius, tint }) =>
      html`<circle cx="${Math.round(x - end / 2)}" r="${Math.round(radius)}" fill="oklch(.8 .12 ${tint}/.2)"/>`,
  );
  const box = `${-WIDTH / 2} ${-Math.round(height * 0.44)} ${WIDTH} ${height}`;
  return html`<svg viewBox="${box}" preserveAspectRatio="xMidYMid slice" aria-hidden="true">${circles}</svg>`;
}
