/**
 * Makes what the examples cannot write by hand: two pictures, one piece of music, two tables of daylight.
 * Run by hand after a change: `node scripts/make-example-media.ts`. Needs Chromium, and ffmpeg for the MP3.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { CHART, paintChart, soundings } from './example-media/chart.ts';
import { daylightTables } from './example-media/daylight.ts';
import { harbourSvg } from './example-media/harbour.ts';
import { composeMusic, RATE } from './example-media/music.ts';

const EXAMPLES = join(import.meta.dirname, '../site-template/examples');
const FILM = join(EXAMPLES, 'launch-film');
const STORY = join(EXAMPLES, 'data-story');

async function makeHarbour(page: Page): Promise<void> {
  await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${harbourSvg()}`);
  const png = (await page.screenshot({ type: 'png' })).toString('base64');
  const webp = await page.evaluate(async (shot) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${shot}`)).blob());
    const canvas = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height });
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL('image/webp', 0.86);
  }, png);
  writeDataUri(join(FILM, 'images/harbour.webp'), webp);
}

async function makeChart(page: Page): Promise<void> {
  const drawing = { ...CHART, numbers: soundings(), pixels: Buffer.from(paintChart()).toString('base64') };
  const webp = await page.evaluate(({ width, height, numbers, pixels }) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no 2d canvas');
    const bytes = Uint8ClampedArray.from(atob(pixels), (character) => character.charCodeAt(0));
    context.putImageData(new ImageData(bytes, width, height), 0, 0);
    context.font = 'italic 15px "DejaVu Serif", serif';
    context.fillStyle = 'rgba(26, 58, 84, .62)';
    for (const { x, y, text } of numbers) context.fillText(text, x, y);
    return canvas.toDataURL('image/webp', 0.8);
  }, drawing);
  writeDataUri(join(FILM, 'images/chart.webp'), webp);
}

function writeDataUri(file: string, uri: string): void {
  writeFileSync(file, Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64'));
}

function makeMusic(): void {
  const format = ['-f', 's16le', '-ar', String(RATE), '-ac', '2', '-i', 'pipe:0'];
  const encode = ['-b:a', '112k', '-map_metadata', '-1', join(FILM, 'public/music.mp3')];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...format, ...encode], { input: composeMusic() });
}

function makeDaylight(): void {
  const { cities, globe } = daylightTables();
  writeFileSync(join(STORY, 'data/cities.csv'), cities);
  writeFileSync(join(STORY, 'data/globe.csv'), globe);
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await makeHarbour(page);
  await makeChart(page);
} finally {
  await browser.close();
}
makeMusic();
makeDaylight();
