/** The script of the share page: small, because it is loaded before anybody presses play. */
import { startApp } from './app.ts';
import { PAGE_DATA_ID, type PageData, STAGE_ID } from './page-data.ts';
import { startPlayer } from './player.ts';
import { provideStorage } from './storage.ts';

const data = JSON.parse(document.getElementById(PAGE_DATA_ID)?.textContent ?? '') as PageData;
const stage = document.getElementById(STAGE_ID) as HTMLElement;

provideStorage();
if (data.kind === 'film') startPlayer(data, stage);
else startApp(data, stage);
