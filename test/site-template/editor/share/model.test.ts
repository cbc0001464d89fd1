import { readdirSync, readFileSync } from 'node:fs';
import { getFunctionName } from 'convex/server';
import { describe, expect, it } from 'vitest';
import { api } from '../../../../convex/_generated/api.js';
import { availabilityOf, type CompileState, mayChange } from '../../../../site-template/editor/share/availability.ts';
import { CONTROL_PLANE, type ShareFunctions } from '../../../../site-template/editor/share/control-plane.ts';
import { embedSnippet } from '../../../../site-template/editor/share/embed-snippet.ts';
import { problemOf } from '../../../../site-template/editor/share/problems.ts';
import { currentPublish, sharedVersions } from '../../../../site-template/editor/share/shared-versions.ts';
import {
  count,
  formatAbout,
  formatAgo,
  formatDuration,
  formatPlace,
} from '../../../../site-template/editor/share/words.ts';
import { embedCode } from '../../../../site-template/page/share-menu.ts';
import { ASKED, aPublish, aThread, PASSING } from './publishes.ts';

describe('the folder', () => {
  it('imports React and convex, and of the rest of the repository the contract, by one file', () => {
    const folder = new URL('../../../../site-template/editor/share/', import.meta.url);
    const imports = readdirSync(folder)
      .filter((name) => /\.tsx?$/.test(name))
      .flatMap((name) =>
        [...readFileSync(new URL(name, folder), 'utf8').matchAll(/ from '([^']+)'/g)]
          .map(([, source = '']) => source)
          .filter((source) => !source.startsWith('./'))
          .map((source) => (source.startsWith('.') ? `${name}: ${source}` : source)),
      );
    expect([...new Set(imports)].sort()).toEqual([
      'contract.ts: ../../../action/contract/errors.ts',
      'contract.ts: ../../../action/contract/limits.ts',
      'contract.ts: ../../../action/contract/states.ts',
      'contract.ts: ../../../action/contract/video-spec.ts',
      'convex/react',
      'convex/server',
      'react',
    ]);
  });
});

describe('the functions of the control plane', () => {
  it('are those of convex/, with the types that they have there', () => {
    const { publishes, renders, threads } = api;
    const real: ShareFunctions = {
      ...{ thread: threads.get, publishes: publishes.listByThread, publish: publishes.get },
      ...{ request: publishes.request, retry: publishes.retry, cancel: publishes.cancel },
      ...{ setLatest: threads.setLatest, takeDown: threads.takeDown, restore: threads.restore },
      ...{ setVisibility: threads.setVisibility, createLink: threads.createLink },
      ...{ film: renders.film, renders: renders.listByVersion, requestRender: renders.request },
      ...{ retryRender: renders.retry, cancelRender: renders.cancel },
    };
    const names = (functions: ShareFunctions) =>
      Object.fromEntries(Object.entries(functions).map(([name, each]) => [name, getFunctionName(each)]));
    expect(names(CONTROL_PLANE)).toEqual(names(real));
  });
});

describe('Share', () => {
  const access = { kind: 'open', thread: aThread() } as const;
  const ok: CompileState = { kind: 'ok' };
  const failed = (number: number): CompileState => ({
    kind: 'failed',
    count: number,
    first: { file: 'scenes/intro.tsx', line: 12, column: 9, message: 'm' },
  });

  it('may be pressed by owner and editor, and while the code is being compiled', () => {
    expect(availabilityOf(access, ok)).toEqual({ kind: 'ready' });
    expect(availabilityOf(access, { kind: 'compiling' })).toEqual({ kind: 'ready' });
    expect(availabilityOf({ kind: 'open', thread: aThread({ role: 'editor' }) }, ok)).toEqual({ kind: 'ready' });
    expect(mayChange(access)).toBe(true);
  });

  it('says how many errors there are and where the first is', () => {
    expect(availabilityOf(access, failed(1))).toEqual({
      kind: 'blocked',
      reason: 'The code does not compile: 1 error in scenes/intro.tsx:12:9.',
      place: { file: 'scenes/intro.tsx', line: 12, column: 9, message: 'm' },
    });
    expect(availabilityOf(access, failed(3))).toMatchObject({
      reason: expect.stringContaining('3 errors, the first in'),
    });
    const nowhere: CompileState = { kind: 'failed', count: 1, first: { message: 'm' } };
    expect(availabilityOf(access, nowhere)).toMatchObject({ reason: 'The code does not compile: 1 error.' });
  });

  it('is not for viewers, strangers and people who are signed out, and says what would help', () => {
    const viewer = { kind: 'open', thread: aThread({ role: 'viewer' }) } as const;
    expect(availabilityOf(viewer, ok)).toMatchObject({ reason: expect.stringContaining('make you an editor') });
    expect(mayChange(viewer)).toBe(false);
    const refused = (code: string) => ({ kind: 'refused', problem: problemOf({ code, message: 'm' }) }) as const;
    expect(availabilityOf(refused('NOT_FOUND'), ok)).toMatchObject({ reason: expect.stringContaining('invite you') });
    expect(availabilityOf(refused('NOT_ALLOWED'), ok)).toMatchObject({ reason: 'Sign in to share.' });
    expect(availabilityOf(refused('INTERNAL'), ok)).toMatchObject({ reason: expect.stringContaining('bug') });
    expect(availabilityOf({ kind: 'loading' }, ok)).toMatchObject({ kind: 'blocked' });
    expect(mayChange({ kind: 'loading' })).toBe(false);
  });
});

describe('the versions that were shared', () => {
  const line = (
    version: number,
    state: 'published' | 'failed' | 'queued' | 'cancelled',
    publish = `${version}${state}`,
  ) => aPublish({ ...PASSING[state], version, publish });

  it('are one line each, however often it took to publish them', () => {
    const publishes = [line(5, 'published'), line(5, 'failed'), line(4, 'cancelled'), line(4, 'failed')];
    const versions = sharedVersions(aThread(), publishes);
    expect(versions.map(({ version, mark, isLatest }) => [version, mark, isLatest])).toEqual([
      [5, 'link', true],
      [4, 'none', false],
    ]);
    expect(versions[1]?.publish?.state).toBe('cancelled');
  });

  it('on their way count more than those that failed, and less than a link', () => {
    expect(sharedVersions(aThread(), [line(5, 'failed'), line(5, 'queued')])[0]?.mark).toBe('active');
    expect(sharedVersions(aThread(), [line(5, 'queued'), line(5, 'published')])[0]?.mark).toBe('link');
  });

  it('that were taken down say so, whatever became of them before', () => {
    const thread = aThread({ tombstones: [3, 5], latest: 4 });
    const versions = sharedVersions(thread, [line(5, 'published'), line(4, 'published')]);
    expect(versions.map(({ version, mark }) => [version, mark])).toEqual([
      [5, 'takenDown'],
      [4, 'link'],
      [3, 'takenDown'],
    ]);
  });

  it('include latest when it is older than the history that was read', () => {
    expect(sharedVersions(aThread({ latest: 2 }), [line(5, 'failed')])[1]).toMatchObject({
      version: 2,
      mark: 'link',
      isLatest: true,
      url: null,
    });
  });
});

describe('the publish that is shown', () => {
  const newest = (...ids: string[]) => ids.map((publish) => aPublish({ publish }));

  it('is the newest, by whomever', () => {
    expect(currentPublish([], null)).toBeNull();
    expect(currentPublish(newest('b', 'a'), null)).toBe('b');
  });

  it('is the one that was asked for, until something newer begins', () => {
    const focus = { publish: 'a', newestThen: 'b' };
    expect(currentPublish(newest('b', 'a'), focus)).toBe('a');
    expect(currentPublish(newest('c', 'b', 'a'), focus)).toBe('c');
    expect(currentPublish([], { publish: 'a', newestThen: null })).toBe('a');
    expect(currentPublish(newest('c', 'b'), { publish: 'c', newestThen: 'b' })).toBe('c');
  });
});

describe('words', () => {
  it('of times', () => {
    expect([-5, 0, 949, 9949, 9950, 59_400, 59_500, 64_000].map(formatDuration)).toEqual([
      ...['0.0 s', '0.0 s', '0.9 s', '9.9 s', '10 s', '59 s', '1 min 00 s', '1 min 04 s'],
    ]);
    const MINUTE = 60_000;
    expect([-1, 59_999, 5 * MINUTE, 61 * MINUTE, 2000 * MINUTE].map((past) => formatAgo(ASKED, ASKED + past))).toEqual([
      ...['just now', 'just now', '5 min ago', '1 h ago', 'Nov 20, 2026'],
    ]);
  });

  it('of times that nobody knows to the second', () => {
    const SECOND = 1000;
    expect([-1, 9.9, 10, 11, 55, 56, 89, 90, 3599, 3600, 4800, 7200].map((each) => formatAbout(each * SECOND))).toEqual(
      [
        ...['a few seconds', 'a few seconds', 'about 10 s', 'about 15 s', 'about 55 s', 'about 1 min', 'about 1 min'],
        ...['about 2 min', 'about 1 h', 'about 1 h', 'about 1 h 20 min', 'about 2 h'],
      ],
    );
  });

  it('of places and numbers', () => {
    expect(formatPlace({})).toBe('');
    expect(formatPlace({ file: 'a' })).toBe('a');
    expect(formatPlace({ file: 'a', column: 3 })).toBe('a');
    expect(formatPlace({ file: 'a', line: 2, column: 3 })).toBe('a:2:3');
    expect([count(1, 'error'), count(2, 'error')]).toEqual(['1 error', '2 errors']);
  });
});

describe('the embed snippet', () => {
  it.each(['Launch film', `"A" & <b> 'c'`])('is the one that the share page itself hands out: %s', (title) => {
    const size = { width: 1080, height: 1920 };
    const url = 'https://share.example/p/film/5';
    expect(embedSnippet(url, title, size)).toBe(embedCode(url, title, size));
  });
});
