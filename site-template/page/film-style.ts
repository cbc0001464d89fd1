/**
 * The look of the player. The stage inherits from the document, as in a rendered video, so nothing on the way from
 * there to the slot may set an inherited property: what is ours has the class `chrome`, which begins from nothing.
 */
import { shrinkCss } from './shrink-css.ts';

const layout = `
:host{display:block!important;position:fixed!important;inset:0!important;margin:0!important;padding:0!important;border:0!important;overflow:auto!important;background:#f6f6f4}
.page{box-sizing:border-box;min-height:100%;padding:clamp(16px,3vmin,64px) max(0px,min(3vw,100vw - 720px));display:grid;align-content:center;justify-content:center;grid-template-columns:min(100%,max(280px,round(down,(100dvh - var(--pf-reserve,250px))*var(--pf-width)/var(--pf-height),var(--pf-step))))}
.player{position:relative}
.stage{position:relative;aspect-ratio:var(--pf-width)/var(--pf-height);overflow:hidden}
slot{position:absolute;inset:0;display:block}
::slotted(*){position:absolute!important;inset:0!important;margin:0!important}
@media(min-width:720px){.stage{border-radius:10px;box-shadow:0 1px 2px #0002,0 12px 48px -12px #0003}}
`;

const basics = `
.chrome{all:initial;display:block;box-sizing:border-box;color-scheme:light dark;--ink:light-dark(#1b1b1f,#ededf0);--dim:light-dark(#62626b,#a2a2ac);--faint:light-dark(#0000001f,#ffffff2e);--panel:light-dark(#fff,#232327);--accent:light-dark(oklch(.54 .15 var(--pf-hue)),oklch(.78 .12 var(--pf-hue)));color:var(--ink);font:15px/1.5 system-ui,sans-serif;-webkit-font-smoothing:antialiased;-webkit-tap-highlight-color:transparent}
.chrome *{box-sizing:border-box}
.chrome[hidden],[popover]:not(:popover-open){display:none}
button{all:unset;box-sizing:border-box;cursor:pointer;min-width:44px;min-height:44px;display:inline-grid;place-items:center;border-radius:8px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
svg{display:block;width:24px;height:24px;fill:currentColor}
svg .line{fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
header.chrome{padding:0 16px 20px}
h1{font-size:clamp(20px,2.2vmin + 8px,32px);line-height:1.2;font-weight:650;letter-spacing:-.015em;margin:0;text-wrap:balance;overflow-wrap:anywhere}
header p{margin:6px 0 0;color:var(--dim);max-width:68ch;text-wrap:pretty;overflow-wrap:anywhere}
noscript .chrome{padding:16px}
@media(min-width:720px){header.chrome,noscript .chrome{padding-inline:0}}
`;

const cover = `
.cover,.wait,.problem{position:absolute;inset:0;overflow:hidden}
.cover{cursor:pointer;container-type:size;transition:opacity .3s}
.cover img,.card,.card svg{position:absolute;inset:0;width:100%;height:100%;object-fit:contain}
.words{position:absolute;inset:auto 0 0;padding:5cqmin 6cqmin;color:#fff}
.words b{font-size:clamp(18px,7.5cqmin,96px);line-height:1.12;font-weight:650;letter-spacing:-.02em;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden;text-wrap:balance;overflow-wrap:anywhere}
.words p{margin:.5em 0 0;font-size:clamp(12px,2.6cqmin,30px);color:#fffb;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
@container(max-height:300px){.words b{-webkit-line-clamp:2}}
.words span{color:#fff;font-variant-numeric:tabular-nums;margin-inline-end:.6em}
.start{position:absolute;left:50%;top:50%;translate:-50% -50%;width:clamp(60px,15cqmin,128px);aspect-ratio:1;border-radius:50%;background:#fff;color:#16161a;box-shadow:0 4px 24px #0004;transition:scale .2s}
.start svg{width:46%;height:46%}
.cover:hover .start{scale:1.05}
.start:focus-visible{outline:3px solid #fff;outline-offset:4px}
.card~.start,.stage:has(.card) .wait:after{top:44%}
[data-phase=loading] .start{visibility:hidden}
[data-phase=ready] .cover{opacity:0;pointer-events:none}
[data-phase=ready] .start,[data-phase=failed] .start{display:none}
.wait{pointer-events:none;visibility:hidden}
.wait:after{content:"";box-sizing:border-box;position:absolute;left:50%;top:50%;width:52px;height:52px;margin:-26px;border-radius:50%;border:3px solid #fff5;border-top-color:#fff;filter:drop-shadow(0 0 6px #0007);animation:turn 1s linear infinite}
[data-phase=loading] .wait,[data-waiting] .wait{visibility:visible;transition:visibility 0s .3s}
@keyframes turn{to{rotate:1turn}}
.problem{display:grid;place-content:center;justify-items:center;text-align:center;gap:14px;padding:16px;color:#f2f2f4;background:#26262b}
.problem button{padding:0 22px;border-radius:22px;background:#f2f2f4;color:#1a1a1d;font-weight:600}
`;

const bar = `
.bar{container-type:inline-size;user-select:none;-webkit-user-select:none;transition:opacity .25s}
.line[role]{position:relative;height:44px;cursor:pointer;touch-action:none;border-radius:6px}
.line i{position:absolute;left:calc(var(--from)/var(--all)*100%);width:calc(var(--frames)/var(--all)*100%);top:19px;height:6px;border-inline:1px solid transparent;background-clip:padding-box}
.line i:before{content:"";position:absolute;inset:0;border-radius:3px;background:linear-gradient(90deg,var(--accent) calc((var(--frame,0) - var(--from))/var(--frames)*100%),var(--faint) 0);transition:scale .15s}
.line:hover i:before,.line:focus-visible i:before{scale:1 1.35}
.line b{position:absolute;left:calc(var(--frame,0)/var(--all)*100%);top:15px;width:14px;height:14px;margin-left:-7px;border-radius:50%;background:var(--accent);box-shadow:0 0 0 3px var(--knob,light-dark(#f6f6f4,#131315))}
.line output{position:absolute;bottom:38px;left:clamp(var(--tip-half,60px),calc(var(--at,0)/var(--all)*100%),100% - var(--tip-half,60px));translate:-50%;max-width:100%;padding:4px 10px;border-radius:8px;background:var(--ink);color:light-dark(#fff,#16161a);font-size:13px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;opacity:0;pointer-events:none;transition:opacity .15s}
.line:hover output:not(:empty),.line:focus-visible output:not(:empty),.line[data-held] output{opacity:1}
.row{display:flex;align-items:center;margin:-6px -10px 0}
[data-when]{display:none}
[data-state=paused] [data-when=paused],[data-state=playing] [data-when=playing],[data-state=ended] [data-when=ended]{display:block}
.player:not([data-state]) [data-when=paused],.player:not([data-muted]) [data-when=loud],[data-muted] [data-when=muted],.player:not([data-full]) [data-when=window],[data-full] [data-when=full]{display:block}
.row :focus-visible{outline-offset:-4px}
.row button:hover{background:var(--faint)}
.time{margin-left:6px;font-variant-numeric:tabular-nums;white-space:nowrap;color:var(--dim)}
#now{color:var(--ink)}
.scene{flex:1;min-width:0;margin:0 12px;color:var(--dim);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
input[type=range]{appearance:none;background:none;width:84px;height:44px;margin:0 8px 0 2px;cursor:pointer;border-radius:8px}
@media(pointer:coarse){#volume,#help{display:none}}
@container(max-width:460px){#volume{display:none}}
@container(max-width:340px){.scene{visibility:hidden}}
::-webkit-slider-runnable-track{height:4px;border-radius:2px;background:var(--faint)}
::-webkit-slider-thumb{appearance:none;width:14px;height:14px;margin-top:-5px;border-radius:50%;background:var(--ink)}
::-moz-range-track{height:4px;border-radius:2px;background:var(--faint)}
::-moz-range-thumb{width:14px;height:14px;border:0;border-radius:50%;background:var(--ink)}
`;

const menus = `
.menu{position:fixed;inset:auto;padding:6px;border-radius:12px;background:var(--panel);box-shadow:0 0 0 1px var(--faint),0 12px 40px #0004;max-width:calc(100vw - 24px)}
.menu button{display:flex;width:100%;padding:0 16px;white-space:nowrap}
.menu button:hover{background:var(--faint)}
.menu input{display:block;width:min(320px,80vw);height:44px;margin-top:6px;padding:0 12px;border:1px solid var(--faint);border-radius:8px;background:none;color:inherit;font:13px ui-monospace,monospace}
.menu [hidden]{display:none}
.keys{inset:0;margin:auto;width:fit-content;height:fit-content;padding:20px 26px}
.keys::backdrop{background:#0006}
dl{display:grid;grid-template-columns:auto auto;gap:8px 28px;margin:0}
dt{font-weight:600;white-space:nowrap}
dd{margin:0;color:var(--dim)}
.said{position:fixed;left:50%;bottom:max(24px,env(safe-area-inset-bottom));translate:-50%;padding:10px 18px;border-radius:22px;background:var(--ink);color:light-dark(#fff,#16161a);opacity:0;pointer-events:none;transition:opacity .2s;z-index:9}
.said[data-on]{opacity:1}
`;

/** Embedded, or filling the screen: the picture takes it all and the bar lies over it. */
const over = `
:host([data-over]) .chrome{color-scheme:dark}
:host([data-over]) header.chrome{display:none}
:host([data-over]) .player{position:fixed;inset:0;background:#000}
:host([data-over]) .stage{position:absolute;inset:0;aspect-ratio:auto;border-radius:0;box-shadow:none}
:host([data-over]) .bar{--knob:#0000;--dim:#ffffffd0;--faint:#ffffff59;position:absolute;inset:auto 0 0;padding:40px max(20px,env(safe-area-inset-right)) max(4px,env(safe-area-inset-bottom)) max(20px,env(safe-area-inset-left));background:linear-gradient(#0000,#0009 55%,#000b)}
:host([data-over]) [data-phase=idle] .bar:not(:has(:focus-visible)),:host([data-over]) [data-phase=loading] .bar,:host([data-over]) [data-still] .bar{opacity:0}
:host([data-over]) [data-still]{cursor:none}
:host([data-over]) .said{bottom:min(112px,40vh)}
:host([data-over]) [data-phase=idle] .bar{pointer-events:none}
`;

const circumstances = `
@media(max-width:719px){.bar{padding:0 16px}}
@media(min-width:2400px){:host{--pf-reserve:420px}.chrome:not(.cover,.menu),.menu>*{zoom:1.6}}
@media(prefers-color-scheme:dark){:host{background:#131315}}
@media(prefers-reduced-motion:reduce){*,*:after{transition:none!important}.wait:after{animation-duration:4s}}
`;

export const filmStyle: string = shrinkCss([layout, basics, cover, bar, menus, over, circumstances].join(''));
