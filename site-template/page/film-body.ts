/** The body of a film's page: the stage, and around it, in a shadow root, everything that people press. */
import type { FilmMeta } from '../../action/contract/meta.ts';
import { addressOf } from './addresses.ts';
import { filmStyle } from './film-style.ts';
import { type Html, html, markup } from './html.ts';
import { icon } from './icons.ts';
import { SHORTCUTS } from './keyboard.ts';
import { STAGE_ID } from './page-data.ts';
import { paletteOf } from './palette.ts';
import { formatTime } from './time.ts';
import { renderTitleCard } from './title-card.ts';

/** Coarser steps would waste room, in pixels. */
const MAX_STEP = 64;

/** Runs before anything is drawn: an embedded page is only the player. */
const EMBED_SCRIPT =
  '(d=>{if(/[?&]embed=1\\b/.test(location.search))d.documentElement.dataset.embed=d.currentScript.parentNode.dataset.over=""})(document)';

export function renderFilmBody(meta: FilmMeta): Html {
  return html`<permaframe-film style="--pf-hue:${paletteOf(meta.snapshot).hue};--pf-width:${meta.width};--pf-height:${meta.height};--pf-step:${wholePixelStep(meta)}px"><script>${markup(EMBED_SCRIPT)}</script><template shadowrootmode="open"><style>${markup(filmStyle)}</style>
<main class="page">
<header class="chrome"><h1 dir="auto">${meta.title}</h1>${meta.description && html`<p dir="auto">${meta.description}</p>`}</header>
<div class="player" id="player" data-phase="idle">
<div class="stage" id="picture"><slot></slot>
<div class="chrome cover" id="cover">${renderPoster(meta)}<button class="start" id="start" aria-label="Play" aria-describedby="length">${icon('play')}</button></div>
<div class="chrome wait" role="status" aria-label="Loading"></div>
<div class="chrome problem" id="problem" role="alert" hidden></div>
</div>
${renderBar(meta)}
</div>
<noscript><style>.bar,.start{display:none!important}</style><p class="chrome">Playing this film needs JavaScript.</p></noscript>
</main>
${renderMenus()}
</template><div id="${STAGE_ID}"></div></permaframe-film>`;
}

/** The picture's width in steps of which its height is whole pixels too: no seams at its edges. */
function wholePixelStep({ width, height }: FilmMeta): number {
  let [step, rest] = [width, height];
  while (rest > 0) [step, rest] = [rest, step % rest];
  return width / step > MAX_STEP ? 1 : width / step;
}

function renderPoster(meta: FilmMeta): Html {
  if (!meta.poster) return renderTitleCard(meta);
  return html`<img src="${addressOf(meta, meta.poster)}" alt="" width="${meta.width}" height="${meta.height}" fetchpriority="high">`;
}

function renderBar(meta: FilmMeta): Html {
  const length = formatTime(meta.durationInFrames, meta.fps);
  const scenes = meta.scenes.map(
    ({ from, durationInFrames }) => html`<i style="--from:${from};--frames:${durationInFrames}"></i>`,
  );
  return html`<div class="chrome bar" id="bar" role="group" aria-label="Player">
<div class="line" id="line" role="slider" tabindex="0" aria-label="Time line" aria-valuemin="0" aria-valuemax="${meta.durationInFrames - 1}" aria-valuenow="0" style="--all:${meta.durationInFrames}">${scenes}<b></b><output id="tip" dir="auto"></output></div>
<div class="row">
<button id="play" aria-label="Play">${icon('play', 'paused')}${icon('pause', 'playing')}${icon('replay', 'ended')}</button>
<span class="time"><span id="now">0:00</span> / <span id="length">${length}</span></span><span class="scene" id="scene" dir="auto">${meta.scenes[0]?.title}</span>
<button id="mute" aria-label="Mute" aria-pressed="false">${icon('sound', 'loud')}${icon('silence', 'muted')}</button><input id="volume" type="range" min="0" max="1" step=".05" value="1" aria-label="Volume">
<button id="share" popovertarget="menu" aria-label="Share">${icon('share')}</button>
<button id="full" aria-label="Full screen">${icon('expand', 'window')}${icon('shrink', 'full')}</button>
</div></div>`;
}

function renderMenus(): Html {
  const rows = SHORTCUTS.map(([keys, what]) => html`<dt>${keys}</dt><dd>${what}</dd>`);
  return html`<div class="chrome menu" id="menu" popover><button id="copy-link">Copy link</button><button id="copy-embed">Copy embed code</button><button id="help" popovertarget="keys">Keyboard shortcuts</button><input id="text" readonly hidden aria-label="Text to copy"></div>
<div class="chrome menu keys" id="keys" popover aria-label="Keyboard shortcuts"><dl>${rows}</dl></div>
<div class="chrome said" id="said" role="status"></div>`;
}
