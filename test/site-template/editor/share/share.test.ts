/** Sharing as people do it: the real parts in a real browser, on the whole local stack. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { api } from '../../../../convex/_generated/api.js';
import { visit } from '../../../support/browser.ts';
import { type AtShare, appSaying, PATIENCE, PROJECT, startWorld, type World } from './world.ts';

const LIVE = 'The link is live';
/** The edge looks again within a minute; and the machine may be busy. In milliseconds. */
const EDGE_PATIENCE = 75_000;

// Several publishes in a row, on a machine that has other things to do.
vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

async function shared(at: AtShare): Promise<string> {
  await at.share.click();
  await at.headline(LIVE);
  return (await at.sheet.getByRole('link', { name: 'Open' }).getAttribute('href')) ?? '';
}

/** What somebody without an account sees. */
async function heading(url: string): Promise<string | null> {
  await using visited = await visit(world.browser, url);
  return await visited.page.locator('h1', { hasText: /^(one|two)$/ }).textContent({ timeout: PATIENCE });
}

const status = async (url: string): Promise<number> => (await fetch(url, { redirect: 'manual' })).status;

async function row(page: Page, version: number) {
  const found = page.locator(`[data-version="${version}"]`);
  await found.getByRole('button', { name: `More for version ${version}` }).click();
  return found;
}

describe('a version that compiles', () => {
  it('is saved, passes the states, and opens for somebody who is not signed in', async () => {
    await using ada = await world.open('ada', await world.thread());
    const url = await shared(ada);
    expect(await heading(url)).toBe('one');
    const passed = ['queued', 'dispatched', 'bundling', 'uploading', 'published'];
    const seen = (await ada.host(({ sheet }) => sheet)).map(({ state }) => state);
    expect(seen).toEqual(passed.filter((state) => seen.includes(state)));
    expect(seen.at(-1)).toBe('published');
    expect(seen.length).toBeGreaterThanOrEqual(4);
    expect(await ada.host(({ ends }) => ends)).toEqual(['published']);
    expect(await ada.sheet.getByRole('listitem').filter({ hasText: 'done' }).count()).toBe(5);
    expect(await ada.sheet.getByRole('link', { name: 'Log of the run' }).getAttribute('href')).toContain('/runs/');
    expect(await ada.sheet.locator('.share-size').textContent()).toMatch(/\d.* of JavaScript/);
    expect(ada.complaints).toEqual([]);
  });

  it('answers at once with the link that exists while nothing has changed, and with a new one afterwards', async () => {
    await using ada = await world.open('ada', await world.thread());
    const first = await shared(ada);
    await ada.page.keyboard.press('Escape');
    await ada.share.click();
    await ada.headline('Nothing has changed: this is its link');
    expect(await ada.sheet.getByRole('link', { name: 'Open' }).getAttribute('href')).toBe(first);
    await ada.page.keyboard.press('Escape');
    await ada.edit('app.tsx', appSaying('two'));
    const second = await shared(ada);
    // Of the earlier version nothing is in sight once Share was pressed, its link least of all.
    expect(second).not.toBe(first);
    expect([await heading(first), await heading(second)]).toEqual(['one', 'two']);
  });

  it('copies link and embed snippet', async () => {
    const permissions = { permissions: ['clipboard-read', 'clipboard-write'] };
    await using ada = await world.open('ada', await world.thread(), permissions);
    const url = await shared(ada);
    const clipboard = () => ada.page.evaluate(() => navigator.clipboard.readText());
    await ada.sheet.getByRole('button', { name: 'Copy link', exact: true }).click();
    await expect.poll(clipboard).toBe(url);
    await ada.sheet.getByRole('button', { name: 'Copy embed snippet' }).click();
    await expect.poll(clipboard).toContain(`<iframe src="${url}?embed=1" title="A page"`);
  });
});

describe('the keyboard', () => {
  it('shares, closes the sheet, finds it again, and never loses the focus', async () => {
    await using ada = await world.open('ada', await world.thread());
    const focused = () =>
      ada.page.evaluate(() => document.activeElement?.textContent || document.activeElement?.tagName);
    await ada.page.keyboard.press('Tab');
    await ada.page.keyboard.press('Enter');
    await ada.sheet.getByRole('button', { name: 'Cancel' }).waitFor();
    await ada.page.keyboard.press('Escape');
    expect(await ada.sheet.isVisible()).toBe(false);
    expect(await ada.share.textContent()).toMatch(/Queued|Dispatched|Bundling|Uploading/);
    expect(await ada.share.evaluate((each) => each === document.activeElement)).toBe(true);
    await ada.page.keyboard.press('Enter');
    await ada.sheet.getByRole('button', { name: 'Cancel' }).focus();
    await ada.headline(LIVE);
    expect(await focused()).toBe(LIVE);
    await ada.page.keyboard.press('Escape');
    expect(await ada.share.evaluate((each) => each === document.activeElement)).toBe(true);
  });
});

describe('code that does not compile', () => {
  it('disables Share, with the reason, and the way to the line', async () => {
    await using ada = await world.open('ada', await world.thread());
    await ada.host((host) =>
      host.compile({ kind: 'failed', count: 2, first: { file: 'app.tsx', line: 2, column: 9, message: 'odd' } }),
    );
    const reason = 'The code does not compile: 2 errors, the first in app.tsx:2:9.';
    await expect.poll(() => ada.share.getAttribute('aria-disabled')).toBe('true');
    expect(await ada.page.locator(`[id="${await ada.share.getAttribute('aria-describedby')}"]`).textContent()).toBe(
      reason,
    );
    await ada.share.hover();
    await ada.page.getByRole('tooltip').waitFor();
    await ada.share.click({ force: true });
    expect(await ada.sheet.isVisible()).toBe(false);
    await ada.more.click();
    await ada.sheet.getByText(reason).waitFor();
    await ada.sheet.getByRole('button', { name: 'Show' }).click();
    expect(await ada.host(({ jumps }) => jumps)).toMatchObject([{ file: 'app.tsx', line: 2, column: 9 }]);
    expect(await ada.sheet.isVisible()).toBe(false);
  });

  it('is waited for while it is being compiled', async () => {
    await using ada = await world.open('ada', await world.thread());
    await ada.host((host) => host.compile({ kind: 'compiling' }));
    await ada.share.click();
    await ada.page.getByText('Checking …').first().waitFor();
    await ada.host((host) => host.compile({ kind: 'ok' }));
    await ada.headline(LIVE);
  });

  it('that passes the editor fails with its reason; mended, Retry ends well', async () => {
    await using ada = await world.open('ada', await world.thread());
    await ada.edit('app.tsx', "import { gone } from './gone';\nexport default () => gone;\n");
    await ada.share.click();
    await ada.headline('An imported file was not found');
    await ada.sheet.getByRole('button', { name: /app\.tsx:1/ }).click();
    expect(await ada.host(({ jumps }) => jumps)).toMatchObject([{ file: 'app.tsx', line: 1 }]);
    await ada.page.getByRole('button', { name: 'The last share failed' }).click();
    await ada.edit('app.tsx', appSaying('two'));
    await ada.sheet.getByRole('button', { name: 'Retry' }).click();
    await ada.headline(LIVE);
    expect(await ada.host(({ ends }) => ends)).toEqual(['failed', 'published']);
  });

  it('that was not saved is not shared, and the sheet says why', async () => {
    const thread = await world.thread();
    await using ada = await world.open('ada', thread);
    const other = await world.as('ada');
    for (const base of [0, 1]) {
      const files = [{ path: 'permaframe.json', text: `${base}` }];
      await other.mutation(api.versions.save, { thread, base, files });
    }
    await ada.share.click();
    await ada.sheet.getByRole('alert').filter({ hasText: 'Version 2 was saved meanwhile.' }).waitFor();
  });
});

describe('a publish that is called off', () => {
  it('is cancelled for all windows, and Retry ends well', async () => {
    const thread = await world.thread();
    await using ada = await world.open('ada', thread);
    await using other = await world.open('ada', thread);
    await other.more.click();
    await ada.share.click();
    await ada.sheet.getByRole('button', { name: 'Cancel' }).click();
    await ada.headline('Cancelled');
    await other.headline('Cancelled');
    await ada.sheet.getByRole('button', { name: 'Retry' }).click();
    await ada.headline(LIVE);
    await other.headline(LIVE);
    const links = [ada, other].map(({ sheet }) => sheet.getByRole('link', { name: 'Open' }).getAttribute('href'));
    expect((await Promise.all(links))[0]).toBe((await Promise.all(links))[1]);
  });
});

describe('several people', () => {
  it('the second is refused, then invited, then looks, then shares; and both see the same', async () => {
    const thread = await world.thread();
    await using ada = await world.open('ada', thread);
    await using ben = await world.open('ben', thread);
    const reason = () => ben.page.getByRole('tooltip', { includeHidden: true }).textContent();
    await expect.poll(reason).toContain('Ask its owner to invite you');
    const owner = await world.as('ada');
    const who = { email: 'ben@example.com' };
    await owner.mutation(api.projects.addCollaborator, { project: PROJECT, who, role: 'viewer' });
    await expect.poll(reason).toContain('You may look, but not share');
    expect(await ben.share.getAttribute('aria-disabled')).toBe('true');
    await owner.mutation(api.projects.addCollaborator, { project: PROJECT, who, role: 'editor' });
    await expect.poll(() => ben.share.getAttribute('aria-disabled')).toBe('false');
    await ada.more.click();
    await ben.share.click();
    await ada.sheet.getByText(/Version 1 · Ben/).waitFor();
    await Promise.all([ada.headline(LIVE), ben.headline(LIVE)]);
    expect(ben.complaints).toEqual([]);
  });
});

describe('the versions that were shared', () => {
  it('latest is pinned, a version is taken down and restored, and links follow', async () => {
    await using ada = await world.open('ada', await world.thread());
    const first = await shared(ada);
    await ada.page.keyboard.press('Escape');
    await ada.edit('app.tsx', appSaying('two'));
    const second = await shared(ada);
    const latest = new URL('latest', first);
    const leadsTo = async () => (await fetch(latest, { redirect: 'manual' })).headers.get('location');
    await expect.poll(leadsTo, { timeout: EDGE_PATIENCE }).toContain(new URL(second).pathname);

    const one = await row(ada.page, 1);
    await one.getByRole('button', { name: 'Make it latest' }).click();
    await one.getByText('latest', { exact: true }).waitFor();
    await expect.poll(leadsTo, { timeout: EDGE_PATIENCE }).toContain(new URL(first).pathname);

    const two = await row(ada.page, 2);
    await two.getByRole('button', { name: 'Take down …' }).click();
    await ada.page.keyboard.press('Escape');
    expect(await ada.sheet.isVisible()).toBe(true);
    expect(await ada.page.evaluate(() => document.activeElement?.textContent)).toBe('Take down …');
    await two.getByRole('button', { name: 'Take down …' }).click();
    await two.getByRole('button', { name: 'Take down', exact: true }).click();
    await ada.headline('This version was taken down');
    await expect.poll(() => status(second), { timeout: EDGE_PATIENCE, interval: 500 }).toBe(410);
    expect(await status(first)).toBe(200);

    await ada.sheet.locator('.share-panel').getByRole('button', { name: 'Restore' }).click();
    await ada.headline(LIVE);
    await expect.poll(() => status(second), { timeout: EDGE_PATIENCE, interval: 500 }).toBe(200);
  }, 320_000);

  it('of an unlisted thread open by a link that was created, and by no other', async () => {
    await using ada = await world.open('ada', await world.thread());
    const url = await shared(ada);
    await ada.sheet.getByRole('radio', { name: /Unlisted/ }).click();
    await ada.sheet.locator('.share-panel').getByRole('button', { name: 'Create link' }).click();
    const signed = await ada.sheet.getByRole('textbox', { name: 'Expiring link of version 1' }).getAttribute('title');
    await expect.poll(() => status(url), { timeout: EDGE_PATIENCE, interval: 500 }).not.toBe(200);
    expect(await status(signed ?? '')).toBe(200);
    await ada.sheet.getByRole('radio', { name: /Public/ }).click();
    await expect.poll(() => status(url), { timeout: EDGE_PATIENCE, interval: 500 }).toBe(200);
  }, 180_000);
});

describe('a film', () => {
  const FILM = { title: 'A page', kind: 'storyboard', fps: 30, width: 640, height: 360 };
  const SCENES = [{ id: 'one', entry: 'app.tsx', durationInFrames: 60 }];

  it('is made into a video: asked for, seen by all, called off, tried again; a viewer only looks', async () => {
    const thread = await world.thread();
    await using ada = await world.open('ada', thread);
    await ada.edit('permaframe.json', JSON.stringify({ ...FILM, scenes: SCENES }));
    await shared(ada);
    const owner = await world.as('ada');
    const who = { email: 'ben@example.com' };
    await owner.mutation(api.projects.addCollaborator, { project: PROJECT, who, role: 'viewer' });
    await using ben = await world.open('ben', thread);
    await ben.more.click();
    await ben.headline(LIVE);
    expect(await ben.sheet.getByRole('region', { name: /^Video/ }).count()).toBe(0);

    const [mine, hers] = [ada, ben].map(({ sheet }) => sheet.getByRole('region', { name: 'Video of version 1' }));
    await mine?.getByRole('button', { name: 'Make a video' }).click();
    await mine?.getByText('640 × 360 · 30 fps · 2.0 s').waitFor();
    await mine?.getByRole('button', { name: 'Make video' }).click();
    await mine?.getByRole('progressbar').waitFor();
    await hers?.getByRole('progressbar').waitFor();
    expect(await hers?.getByRole('button').count()).toBe(0);
    await mine?.getByRole('button', { name: 'Cancel' }).click();
    for (const videos of [mine, hers]) await videos?.getByRole('heading', { name: 'Cancelled' }).waitFor();
    expect(await ada.host(({ videoEnds }) => videoEnds)).toEqual(['cancelled']);
    await mine?.getByRole('button', { name: 'Retry' }).click();
    await hers?.getByRole('progressbar').waitFor();
    expect(await mine?.getByRole('listitem').filter({ hasText: 'MP4' }).count()).toBe(1);
    await mine?.getByRole('button', { name: 'Cancel' }).click();
    await hers?.getByRole('heading', { name: 'Cancelled' }).waitFor();

    await ada.page.keyboard.press('Escape');
    await ada.edit('app.tsx', appSaying('two'));
    await shared(ada);
    await ada.sheet.getByText('The same film as a file').waitFor();
    await (await row(ada.page, 1)).getByRole('button', { name: 'Videos' }).click();
    await mine?.getByRole('heading', { name: 'Cancelled' }).waitFor();
    expect(await ada.page.evaluate(() => document.activeElement?.textContent)).toBe('Video of version 1');
    expect([...ada.complaints, ...ben.complaints]).toEqual([]);
  });

  it('that became an app has no word of videos', async () => {
    await using ada = await world.open('ada', await world.thread());
    await ada.edit('permaframe.json', JSON.stringify({ ...FILM, scenes: SCENES }));
    await shared(ada);
    await ada.sheet.getByRole('region', { name: 'Video of version 1' }).waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.edit('permaframe.json', JSON.stringify({ title: 'A page', kind: 'app', entry: 'app.tsx' }));
    await shared(ada);
    expect(await ada.sheet.getByRole('region', { name: /^Video/ }).count()).toBe(0);
  });
});

describe('too much at once', () => {
  it('is refused with the time after which it works again', async () => {
    const thread = await world.thread();
    await using ada = await world.open('ada', thread);
    const client = await world.as('ada');
    const change = () =>
      client.mutation(api.threads.setVisibility, { thread, visibility: 'public' }, { skipQueue: true });
    await Promise.allSettled(Array.from({ length: 100 }, change));
    await ada.more.click();
    await ada.sheet
      .getByRole('radio', { name: /Unlisted/ })
      .check({ force: true })
      .catch(() => {});
    const alert = ada.sheet.getByRole('alert');
    await alert.filter({ hasText: /Try again in \d+ second/ }).waitFor();
    await alert.getByRole('button', { name: 'Dismiss' }).click();
    expect(await alert.count()).toBe(0);
  });
});
