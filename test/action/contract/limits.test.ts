import { describe, expect, test } from 'vitest';
import * as limits from '../../../action/contract/limits.ts';

const { formatBytes, formatExcess } = limits;

describe('bytes as a person reads them', () => {
  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [2, '2 bytes'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [1049, '1 kB'],
    [1051, '1.1 kB'],
    [64_000, '64 kB'],
    [256_000, '256 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1 MB'],
    [999_999, '1 MB'],
    [1_000_000, '1 MB'],
    [1_250_001, '1.3 MB'],
    [25_000_000, '25 MB'],
    [1_000_000_000, '1000 MB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('an excess is told beside its limit', () => {
    expect(formatExcess(2_400_000, 256_000)).toBe('2.4 MB; the limit is 256 kB');
  });

  test('an excess too small to show when rounded is told in bytes', () => {
    expect(formatExcess(256_001, 256_000)).toBe('256001 bytes; the limit is 256000 bytes');
    expect(formatExcess(25_049_999, 25_000_000)).toBe('25049999 bytes; the limit is 25000000 bytes');
    expect(formatExcess(25_050_001, 25_000_000)).toBe('25.1 MB; the limit is 25 MB');
  });
});

test('the limits are the ones that were agreed', () => {
  expect(limits).toMatchObject({
    MAX_SOURCE_FILE_BYTES: 256e3,
    MAX_SNAPSHOT_SOURCE_BYTES: 5e6,
    MAX_ASSET_BYTES: 25e6,
    MAX_ARTIFACT_BYTES: 100e6,
    MAX_BUNDLE_MILLISECONDS: 30e3,
    MAX_BUNDLE_MEMORY_BYTES: 1e9,
    MAX_PUBLISH_MILLISECONDS: 60e3,
    MAX_LONG_SIDE_PIXELS: 3840,
    MAX_SHORT_SIDE_PIXELS: 2160,
    MAX_FPS: 60,
    MAX_GIF_FPS: 50,
    MAX_FILM_SECONDS: 600,
    WARN_JAVASCRIPT_BYTES: 500e3,
  });
});
