/** The launch film's first picture: a harbour at dawn, drawn as SVG. */
import { seeded } from './seeded.ts';

function hill(base: number, rise: number, seed: number): string {
  const next = seeded(seed);
  const phases = [next() * 6, next() * 6, next() * 6];
  const points = Array.from({ length: 65 }, (_, index) => {
    const x = index * 20;
    const wave = phases.reduce((sum, phase, n) => sum + Math.sin((x / 1280) * (3 + n * 4) + phase) / (n + 1), 0);
    return `${x},${(base - rise * (0.62 + 0.3 * wave)).toFixed(1)}`;
  });
  return `M0,${base} L${points.join(' ')} L1280,${base} Z`;
}

function house(x: number, ground: number, next: () => number): string {
  const width = 34 + next() * 26;
  const height = 38 + next() * 44;
  const walls = ['#e9d3b4', '#d9b493', '#c98f78', '#b8c2bd', '#efe2c8', '#8fa3a8'];
  const wall = walls[Math.floor(next() * walls.length)];
  const top = ground - height;
  const roof = 12 + next() * 12;
  let windows = '';
  for (let wx = x + 7; wx < x + width - 9; wx += 12) {
    for (let wy = top + 9; wy < ground - 12; wy += 17) {
      const lit = next() > 0.72;
      windows += `<rect x="${wx}" y="${wy}" width="5" height="8" fill="${lit ? '#ffd98a' : '#2b4a5f'}" opacity="${lit ? 1 : 0.7}"/>`;
    }
  }
  return `<path d="M${x - 2},${top} L${x + width / 2},${top - roof} L${x + width + 2},${top} Z" fill="#5a3f46"/>
    <rect x="${x}" y="${top}" width="${width}" height="${height}" fill="${wall}"/>
    <rect x="${x + width * 0.62}" y="${top}" width="${width * 0.38}" height="${height}" fill="#10243e" opacity=".16"/>
    ${windows}<rect x="${x + width * 0.2}" y="${top - roof - 4}" width="6" height="16" fill="#4a333a"/>`;
}

function town(): string {
  const next = seeded(11);
  let houses = '';
  for (const [row, ground] of [372, 404, 436].entries()) {
    for (let x = 1010 - row * 34; x < 1290; x += 40 + next() * 18) houses += house(x, ground + next() * 6, next);
  }
  return houses;
}

export function harbourSvg(): string {
  const next = seeded(5);
  const glitter = Array.from({ length: 90 }, () => {
    const depth = next();
    const spread = 26 + depth * 150;
    const x = 812 + (next() - 0.5) * 2 * spread;
    return `<rect x="${x}" y="${398 + depth * 120}" width="${8 + depth * 46}" height="${1 + depth * 2}" rx="1" fill="#ffe9bd" opacity="${0.75 - depth * 0.5}"/>`;
  }).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720" viewBox="0 0 1280 720">
  <defs>
    <linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#123a55"/><stop offset=".26" stop-color="#2c6179"/>
      <stop offset=".42" stop-color="#8d9c96"/><stop offset=".5" stop-color="#e8b48b"/><stop offset=".56" stop-color="#f8d9a4"/></linearGradient>
    <linearGradient id="sea" x2="0" y2="1"><stop offset="0" stop-color="#efc394"/><stop offset=".2" stop-color="#8fa6a3"/>
      <stop offset="1" stop-color="#1f566d"/></linearGradient>
    <radialGradient id="glow"><stop offset="0" stop-color="#fff3cf" stop-opacity=".95"/><stop offset=".18" stop-color="#ffd79a" stop-opacity=".6"/>
      <stop offset=".5" stop-color="#f0936a" stop-opacity=".26"/><stop offset="1" stop-color="#d9696a" stop-opacity="0"/></radialGradient>
    <filter id="haze"><feGaussianBlur stdDeviation="1.4"/></filter>
    <filter id="grain"><feTurbulence type="fractalNoise" baseFrequency=".9" numOctaves="2" seed="4"/>
      <feColorMatrix values="0 0 0 0 .5  0 0 0 0 .45  0 0 0 0 .4  0 0 0 .9 -.32"/></filter>
  </defs>
  <rect width="1280" height="720" fill="url(#sky)"/>
  <circle cx="812" cy="386" r="300" fill="url(#glow)" style="mix-blend-mode:screen"/>
  <circle cx="812" cy="382" r="46" fill="#fff6da"/>
  <path d="${hill(396, 60, 3)}" fill="#a9a59b" opacity=".75" filter="url(#haze)"/>
  <path d="${hill(398, 34, 8)}" fill="#6f8588" opacity=".85" filter="url(#haze)"/>
  <rect y="394" width="1280" height="330" fill="url(#sea)"/>
  ${glitter}
  <path d="M0,394 L0,372 Q120,352 210,380 L300,388 L420,392 L420,400 L0,410 Z" fill="#33545f"/>
  <path d="M386,392 L390,330 L402,330 L406,392 Z" fill="#efe2c8"/><path d="M388,362 L389.5,346 L402.500,346 L404,362 Z" fill="#b4443c"/>
  <rect x="386" y="318" width="20" height="13" fill="#10243e"/><rect x="391" y="320" width="10" height="9" fill="#ffe29a"/><path d="M385,318 L396,308 L407,318 Z" fill="#b4443c"/>
  <path d="M860,440 Q960,360 1060,318 Q1160,276 1280,262 L1280,470 L840,470 Z" fill="#3c5a58"/>
  <path d="M930,440 Q1040,360 1280,320 L1280,470 L900,470 Z" fill="#56726a" opacity=".7"/>
  ${town()}
  <rect width="1280" height="720" filter="url(#grain)" opacity=".16"/>
</svg>`;
}
