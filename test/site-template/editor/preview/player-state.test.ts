import { describe, expect, test } from 'vitest';
import type { Build } from '../../../../site-template/editor/compiler/protocol.ts';
import { hear } from '../../../../site-template/editor/preview/hear.ts';
import { describeError, describeStuck } from '../../../../site-template/editor/preview/player-state.ts';

const mark = (id: string, from: number) => ({
  id,
  title: `Scene ${id}`,
  from,
  durationInFrames: 30,
  entry: `scenes/${id}.tsx`,
});
const FILM = { revision: 4, film: { scenes: [mark('one', 0), mark('two', 20)] } } as Build;
const APP = { revision: 5, film: null } as Build;
const error = { message: 'TypeError: no', scene: null, positions: [] };

describe('what went wrong', () => {
  test('is said of the scene that the page names', () => {
    expect(describeError(FILM, { ...error, scene: 'two' })).toEqual({
      kind: 'error',
      revision: 4,
      message: 'TypeError: no',
      scene: 'Scene two',
      place: { file: 'scenes/two.tsx' },
    });
  });

  test('is said of the scene that its module belongs to, when nobody names one', () => {
    const positions = [
      { path: 'modules/x.js', line: 1, column: 1 },
      { path: 'scenes/one/y.js', line: 1, column: 1 },
    ];
    expect(describeError(FILM, { ...error, positions })).toMatchObject({
      scene: 'Scene one',
      place: { file: 'scenes/one.tsx' },
    });
  });

  test('has no scene in an app, or where a page lies', () => {
    expect(describeError(APP, { ...error, scene: 'two' })).toMatchObject({ scene: null, place: {} });
    expect(describeError(FILM, { ...error, scene: '__proto__' })).toMatchObject({ scene: null, place: {} });
  });

  test('is said of the scene at the frame where time stood still', () => {
    expect(describeStuck(FILM, 19)).toMatchObject({
      kind: 'stuck',
      scene: 'Scene one',
      place: { file: 'scenes/one.tsx' },
    });
    expect(describeStuck(FILM, 20)).toMatchObject({ scene: 'Scene two' });
    expect(describeStuck(APP, 0)).toMatchObject({ scene: null, place: {} });
  });
});

describe('a page, which may say anything,', () => {
  test('is heard when it speaks as ours do', () => {
    expect(hear({ kind: 'frame', frame: 3 })).toEqual({ kind: 'frame', frame: 3 });
    expect(hear({ kind: 'shown' })).toEqual({ kind: 'shown' });
  });

  test.each([
    null,
    'shown',
    { kind: 'frame', frame: '3' },
    { kind: 'frame', frame: Number.NaN },
    { kind: 'frame', frame: -1 },
    { kind: 'problem', problem: { message: {}, scene: null, positions: [] } },
    { kind: 'problem', problem: { message: 'x'.repeat(2000), scene: null, positions: [] } },
    { kind: 'navigate', url: 'javascript:alert(1)' },
  ])('is not heard otherwise: %j', (message) => {
    expect(hear(message)).toBeNull();
  });
});
