/**
 * Makes what the examples cannot write by hand: two pictures, one piece of music, two tables of daylight.
 * Run by hand after a change: `node scripts/make-example-media.ts`. Needs Chromium, and ffmpeg for the MP3.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { paintChart } from './example-media/chart.ts';
import { daylightTables } from './example-media/daylight.ts';
import { harbourSvg } from './example-media/harbour.ts';
import { composeMusic, RATE } from './example-media/music.ts';

const EXAMPLES = join(import.meta.dirname, '../site-template/examples');
const FILM = join(EXAMPLES, 'launch-film');
const STORY = join(EXAMPLES, 'data-story');

async function makePictures(browser: Browser): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.setContent(`<style>body{margin:0}svg,canvas{display:block}</style>${harbourSvg()}`);
  const shot = (await page.screenshot({ type: 'png' })).toString('base64');
  const harbour = await page.evaluate(async (png) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL('image/webp', 0.86);
  }, shot);
  writeFileSync(join(FILM, 'images/harbour.webp'), Buffer.from(harbour.split(',')[1] ?? '', 'base64'));
  await page.setContent('<canvas width="1600" height="1000"></canvas>');
  await page.locator('canvas').evaluate(paintChart as (canvas: SVGElement | HTMLElement) => void);
  const chart = await page.locator('canvas').evaluate((c) => (c as HTMLCanvasElement).toDataURL('image/webp', 0.8));
  writeFileSync(join(FILM, 'images/chart.webp'), Buffer.from(chart.split(',')[1] ?? '', 'base64'));
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
  await makePictures(browser);
} finally {
  await browser.close();
}
makeMusic();
makeDaylight();
