import { describe, expect, test } from 'vitest';
import {
  MAX_ATTACHED_VIDEOS,
  newThreadControl,
  serializeThreadControl,
  standingOf,
  type ThreadControl,
  threadControlSchema,
  videosOf,
  withoutTombstone,
  withPublished,
  withTombstone,
  withVideo,
} from '../../../action/contract/thread-control.ts';
import { forSeeds } from './random.ts';

const control = (fields: Partial<ThreadControl> = {}): ThreadControl => ({ ...newThreadControl('launch'), ...fields });

describe('publishing', () => {
  test('the first version becomes the latest', () => {
    expect(withPublished(control(), 1)).toEqual(control({ latest: 1 }));
    expect(withPublished(control(), 7).latest).toBe(7);
  });

  test('the latest moves forward', () => {
    expect(withPublished(control({ latest: 3 }), 5).latest).toBe(5);
  });

  test('an older version that is published late leaves the latest where it is', () => {
    const before = control({ latest: 3 });
    expect(withPublished(before, 2)).toBe(before);
    expect(withPublished(before, 3)).toBe(before);
  });

  test('a version that was taken down does not become the latest', () => {
    const before = control({ latest: 3, tombstones: [4] });
    expect(withPublished(before, 4)).toBe(before);
    expect(withPublished(before, 5).latest).toBe(5);
  });
});

describe('taking down', () => {
  test('the latest falls back to the newest version that still stands', () => {
    const before = control({ latest: 5, tombstones: [3, 4] });
    expect(withTombstone(before, 5, [1, 2, 3, 4, 5])).toEqual(control({ latest: 2, tombstones: [3, 4, 5] }));
  });

  test('the order in which versions were published does not matter', () => {
    expect(withTombstone(control({ latest: 3 }), 3, [2, 3, 1]).latest).toBe(2);
  });

  test('the last version standing leaves no latest', () => {
    expect(withTombstone(control({ latest: 1 }), 1, [1]).latest).toBeNull();
    expect(withTombstone(control({ latest: 1 }), 1, []).latest).toBeNull();
    expect(withTombstone(control({ latest: 2, tombstones: [1] }), 2, [1, 2]).latest).toBeNull();
  });

  test('an older version leaves the latest where it is', () => {
    expect(withTombstone(control({ latest: 3 }), 2, [1, 2, 3])).toEqual(control({ latest: 3, tombstones: [2] }));
  });

  test('an older version leaves the latest where it is, even if a newer one was put back', () => {
    expect(withTombstone(control({ latest: 2 }), 1, [1, 2, 3]).latest).toBe(2);
  });

  test('tombstones are ascending by number, each once', () => {
    const before = control({ latest: 12, tombstones: [2, 10] });
    const after = withTombstone(withTombstone(before, 9, [12]), 9, [12]);
    expect(after.tombstones).toEqual([2, 9, 10]);
  });

  test('nothing that was given is changed', () => {
    const before = control({ latest: 5, tombstones: [4] });
    const copy = structuredClone(before);
    withTombstone(before, 5, [1]);
    withoutTombstone(before, 4);
    withPublished(before, 6);
    expect(before).toEqual(copy);
  });
});

describe('putting back', () => {
  test('the tombstone goes, the latest stays', () => {
    const before = control({ latest: 3, tombstones: [2, 4] });
    expect(withoutTombstone(before, 4)).toEqual(control({ latest: 3, tombstones: [2] }));
  });

  test('the only version left becomes the latest', () => {
    const before = control({ latest: null, tombstones: [1, 2] });
    expect(withoutTombstone(before, 1)).toEqual(control({ latest: 1, tombstones: [2] }));
  });

  test('a version that was never taken down does not become the latest', () => {
    const before = control({ latest: null, tombstones: [2] });
    expect(withoutTombstone(before, 1)).toBe(before);
    expect(withoutTombstone(control(), 1).latest).toBeNull();
  });
});

test('whatever is done in whatever order, the latest stands and the control can be stored', () => {
  forSeeds(200, (random) => {
    let current = control();
    const published = new Set<number>();
    for (let step = 0; step < 30; step++) {
      const version = random.int(1, 8);
      const before = current;
      const act = published.size === 0 ? 'publish' : random.pick(['publish', 'takeDown', 'putBack'] as const);
      if (act === 'publish') {
        published.add(version);
        current = withPublished(current, version);
        if (!before.tombstones.includes(version)) expect(current.latest).toBeGreaterThanOrEqual(version);
      } else if (published.has(version)) {
        current =
          act === 'takeDown' ? withTombstone(current, version, [...published]) : withoutTombstone(current, version);
        expect(current.tombstones.includes(version)).toBe(act === 'takeDown');
      }
      const standing = [...published].filter((each) => !current.tombstones.includes(each));
      if (standing.length === 0) expect(current.latest).toBeNull();
      else expect(standing).toContain(current.latest);
      expect(threadControlSchema.parse(JSON.parse(serializeThreadControl(current)))).toEqual(current);
    }
  });
});

describe('what the edge may show', () => {
  test('a thread without a control is public: its first version may be faster than the control', () => {
    expect(standingOf(null, 1)).toBe('public');
  });

  test('a version stands as its thread does, unless it was taken down', () => {
    const unlisted = control({ latest: 3, visibility: 'unlisted', tombstones: [2] });
    expect(standingOf(unlisted, 3)).toBe('unlisted');
    expect(standingOf(unlisted, 2)).toBe('gone');
    expect(standingOf({ ...unlisted, visibility: 'public' }, 3)).toBe('public');
    expect(standingOf({ ...unlisted, visibility: 'public' }, 2)).toBe('gone');
  });
});

describe('what is stored', () => {
  test('is the same text for the same control, whatever the order of its fields', () => {
    const text =
      '{\n  "schema": 1,\n  "thread": "launch",\n  "latest": 3,\n  "visibility": "public",\n  "tombstones": [\n    2\n  ],\n  "videos": {}\n}\n';
    expect(serializeThreadControl(control({ latest: 3, tombstones: [2] }))).toBe(text);
    const reversed = Object.fromEntries(Object.entries(control({ latest: 3, tombstones: [2] })).reverse());
    expect(serializeThreadControl(reversed as ThreadControl)).toBe(text);
  });

  test.each([
    ['an unknown field', { extra: 1 }],
    ['an own __proto__', JSON.parse('{"__proto__": 1}')],
    ['another schema', { schema: 2 }],
    ['an unknown visibility', { visibility: 'secret' }],
    ['a thread that is no name', { thread: '../x' }],
    ['a latest that is no version', { latest: 0 }],
    ['a latest that is NaN', { latest: Number.NaN }],
    ['a tombstone that is no version', { tombstones: [1.5] }],
    ['no tombstones', { tombstones: undefined }],
  ])('never has %s', (_, fields) => {
    const hostile = Object.defineProperties(
      { ...control() },
      Object.getOwnPropertyDescriptors(fields),
    ) as unknown as ThreadControl;
    expect(threadControlSchema.safeParse(hostile).success).toBe(false);
    expect(() => serializeThreadControl(hostile)).toThrow();
  });
});

describe('videos of a version', () => {
  const video = { key: 'a'.repeat(64), format: 'mp4', width: 1280, height: 720, bytes: 1000 } as const;

  test('are kept by version, the newest first, each once', () => {
    const other = { ...video, key: 'b'.repeat(64), format: 'gif' } as const;
    const both = withVideo(withVideo(withVideo(control({}), 3, video), 3, other), 3, video);
    expect(videosOf(both, 3)).toEqual([video, other]);
    expect(videosOf(both, 2)).toEqual([]);
    expect(videosOf(null, 3)).toEqual([]);
  });

  test('are bounded: the oldest is offered no more', () => {
    const keys = Array.from(
      { length: MAX_ATTACHED_VIDEOS + 1 },
      (_, index) => String(index % 10).repeat(63) + (index % 16).toString(16),
    );
    const many = keys.reduce((before, key) => withVideo(before, 1, { ...video, key }), control({}));
    expect(videosOf(many, 1)).toHaveLength(MAX_ATTACHED_VIDEOS);
    expect(videosOf(many, 1)[0]?.key).toBe(keys.at(-1));
    expect(videosOf(many, 1).map(({ key }) => key)).not.toContain(keys[0]);
  });

  test('of a control that was written before there were any are none', () => {
    const { videos: _, ...older } = control({ latest: 1 });
    expect(threadControlSchema.parse(older).videos).toEqual({});
  });
});
