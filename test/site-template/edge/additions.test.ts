/** What additions say. Where they end up in a page: suites/videos.ts, in workerd. */
import { describe, expect, it } from 'vitest';
import { MAX_ATTACHED_VIDEOS } from '../../../action/contract/thread-control.ts';
import type { AttachedVideo } from '../../../action/contract/video.ts';
import { additionsTo, thumbnailOf } from '../../../site-template/edge/additions.ts';
import { makeMeta } from '../../support/edge.ts';
import { appMeta } from '../page/pages.ts';

const PAGE = { thread: 'film', version: 3, origin: 'https://share.example.com', signed: false };
const MP4: AttachedVideo = { key: 'a'.repeat(64), format: 'mp4', width: 1920, height: 1080, bytes: 4_100_000 };
const WEBM: AttachedVideo = { ...MP4, key: 'b'.repeat(64), format: 'webm' };
const GIF: AttachedVideo = { ...MP4, key: 'c'.repeat(64), format: 'gif', width: 640, height: 360 };

describe('additionsTo', () => {
  it('adds nothing where there is no video', () => {
    expect(additionsTo(PAGE, [])).toBeNull();
  });

  it('names an address of its own for those who want https, only where it is', () => {
    const url = `https://share.example.com/p/film/3/video/${MP4.key}.mp4`;
    expect(additionsTo(PAGE, [MP4])?.head).toContain(`<meta property="og:video:secure_url" content="${url}">`);
    const local = additionsTo({ ...PAGE, origin: 'http://127.0.0.1:8787' }, [MP4]);
    expect(local?.head).toContain(`content="http://127.0.0.1:8787/p/film/3/video/${MP4.key}.mp4"`);
    expect(local?.head).not.toContain('secure_url');
  });

  it('tells previews of an MP4 first, of a WebM in want of it, of a GIF never', () => {
    const told = (...videos: AttachedVideo[]) =>
      /og:video" content="[^"]*\/(\w)\w+\.(\w+)"/.exec(additionsTo(PAGE, videos)?.head ?? '')?.slice(1);
    expect(told(GIF, WEBM, MP4)).toEqual(['a', 'mp4']);
    expect(told(GIF, WEBM)).toEqual(['b', 'webm']);
    expect(told(GIF)).toBeUndefined();
    expect(additionsTo(PAGE, [GIF])?.image).toContain(`/p/film/3/video/${GIF.key}.jpg`);
  });

  it('takes the poster of the newest video, and the newest of each format', () => {
    const older = { ...MP4, key: 'd'.repeat(64) };
    const added = additionsTo(PAGE, [WEBM, MP4, older]);
    expect(added?.poster).toBe(
      `<img src="3/video/${WEBM.key}.jpg" alt="" width="1920" height="1080" fetchpriority="high">`,
    );
    expect(added?.menu.match(/3\/video\/\w+\.\w+\?download/g)).toEqual([
      `3/video/${MP4.key}.mp4?download`,
      `3/video/${WEBM.key}.webm?download`,
    ]);
  });

  it('offers one download a format, however many videos there are', () => {
    const many = Array.from({ length: MAX_ATTACHED_VIDEOS }, (_, index) => ({
      ...[MP4, WEBM, GIF][index % 3],
      key: index.toString(16).repeat(64),
    })) as AttachedVideo[];
    expect(additionsTo(PAGE, many)?.menu.match(/<a /g)).toHaveLength(3);
  });

  it('tells previews nothing of what is behind a signed link, and writes no address with a host there', () => {
    const added = additionsTo({ ...PAGE, signed: true }, [MP4, WEBM]);
    expect(added?.image).toBe('');
    expect(JSON.stringify(added)).not.toMatch(/og:|https?:|"\//);
    expect(added?.head).toContain(`<link rel="alternate" type="video/mp4" href="3/video/${MP4.key}.mp4">`);
  });
});

describe('thumbnailOf', () => {
  it("is the project's own poster, else that of the newest video", () => {
    const thumbnail = (videos: AttachedVideo[], changes = {}) =>
      thumbnailOf(makeMeta('film', 3, changes), videos, PAGE.origin);
    expect(thumbnail([])).toBeNull();
    expect(thumbnail([GIF, MP4])).toEqual({
      url: `https://share.example.com/p/film/3/video/${GIF.key}.jpg`,
      width: 640,
      height: 360,
    });
    expect(thumbnail([GIF], { poster: `artifacts/film/3/assets/${'e'.repeat(64)}.png` })).toEqual({
      url: `https://share.example.com/p/film/3/assets/${'e'.repeat(64)}.png`,
      width: 1280,
      height: 720,
    });
  });

  it('is nothing for an app, whose poster may have any size', () => {
    expect(
      thumbnailOf(appMeta({ poster: `artifacts/launch/3/assets/${'d'.repeat(64)}.jpg` }), [], PAGE.origin),
    ).toBeNull();
  });
});
