/** The body of an app's page: the app, and until it is there, its poster and after a moment a sign that it loads. */
import type { AppMeta } from '../../action/contract/meta.ts';
import { addressOf } from './addresses.ts';
import { type Html, html } from './html.ts';
import { STAGE_ID } from './page-data.ts';
import { shrinkCss } from './shrink-css.ts';

export const appStyle: string = shrinkCss(`
html,body,#${STAGE_ID}{height:100%}
body{margin:0}
permaframe-wait{position:fixed;inset:0;display:grid;place-content:center;justify-items:center;text-align:center;gap:14px;padding:16px;background:#f6f6f4;color:#1b1b1f;font:16px/1.5 system-ui,sans-serif;z-index:2147483647}
permaframe-wait *{position:relative}
permaframe-wait>img{position:absolute;inset:0;width:100%;height:100%;object-fit:cover}
permaframe-wait>i{width:44px;height:44px;border-radius:50%;border:3px solid #8886;border-top-color:#888;animation:permaframe-show .3s .3s both,permaframe-turn 1s linear infinite}
permaframe-wait button{min-height:44px;padding:0 22px;border:0;border-radius:22px;background:#1b1b1f;color:#fff;font:inherit;font-weight:600;cursor:pointer}
@keyframes permaframe-show{from{opacity:0}}
@keyframes permaframe-turn{to{rotate:1turn}}
@media(prefers-color-scheme:dark){permaframe-wait{background:#131315;color:#ededf0}permaframe-wait button{background:#ededf0;color:#1b1b1f}}
`);

export function renderAppBody(meta: AppMeta): Html {
  return html`<div id="${STAGE_ID}"></div>
<permaframe-wait role="status" aria-label="Loading">${
    meta.poster && html`<img src="${addressOf(meta, meta.poster)}" alt="">`
  }<noscript><b dir="auto">${meta.title}</b>${
    meta.description && html`<p dir="auto">${meta.description}</p>`
  }<p>This app needs JavaScript.</p><style>permaframe-wait>i{display:none!important}</style></noscript><i></i></permaframe-wait>`;
}
