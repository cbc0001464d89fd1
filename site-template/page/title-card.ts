/** What stands for a film without a poster: its title over its own time line, drawn as overlapping discs. */
import type { FilmMeta } from '../../action/contract/meta.ts';
import { type Html, html } from './html.ts';
import { paletteOf } from './palette.ts';
import { formatTime } from './time.ts';

/** Width of the drawing; its height follows the picture. */
const WIDTH = 1000;

export function renderTitleCard(meta: FilmMeta): Html {
  const { hue, spread } = paletteOf(meta.snapshot);
  const names = meta.scenes.map((scene) => scene.title).join(' · ');
  return html`<div class="card" style="background:linear-gradient(155deg,oklch(.34 .07 ${hue}),oklch(.2 .045 ${hue + spread}))">
${renderDiscs(meta)}<div class="words"><b dir="auto">${meta.title}</b><p dir="auto"><span>${formatTime(meta.durationInFrames, meta.fps)}</span> ${names}</p></div></div>`;
}

/** One disc a scene: as wide as the scene is long, overlapping where it hands over to the next. */
function renderDiscs(meta: FilmMeta): Html {
  const { hue, spread } = paletteOf(meta.snapshot);
  const height = Math.round((WIDTH * meta.height) / meta.width);
  const scale = (WIDTH * 0.84) / meta.durationInFrames;
  const discs = meta.scenes.map(({ from, durationInFrames }, index) => {
    const x = Math.round(WIDTH * 0.08 + (from + durationInFrames / 2) * scale);
    const radius = Math.round(Math.min((durationInFrames * scale) / 2 + 14, height * 0.4));
    const tint = Math.round(hue + (spread * (index + 1)) / meta.scenes.length);
    return html`<circle cx="${x}" cy="${Math.round(height * 0.44)}" r="${radius}" fill="oklch(.8 .12 ${tint}/.2)"/>`;
  });
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="xMidYMid slice" aria-hidden="true">${discs}</svg>`;
}
