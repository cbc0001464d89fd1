/** How pictures and sound are encoded, by format and quality; each figure with its reason. */
import type { ChunkExtension } from '../../contract/keys.ts';
import type { VideoFormat, VideoQuality } from '../../contract/video.ts';

export interface Encoding {
  /** A codec of `@remotion/renderer`, for the chunks. */
  codec: 'h264-ts' | 'vp9' | 'h264-mkv';
  extension: Exclude<ChunkExtension, 'wav'>;
  /** Constant rate factor of the chunks' codec: lower is better. */
  crf: number;
  pixelFormat: 'yuv420p' | 'yuv444p';
  /** Of the pictures that the browser hands over, from 0 to 100. */
  jpegQuality: number;
  /** Of the finished video's sound; null where the format has none. */
  audioBitrate: string | null;
}

/**
 * H.264: 18 is taken for visually lossless, 23 is x264's own default, 28 still reads well at half the size. VP9 counts to
 * 63: 31 is its authors' advice for 1080p, with about the same distances around it. A GIF's chunks are an intermediate
 * that nobody sees, near lossless and with whole colours, because 256 colours are chosen from them.
 */
const CRF: Readonly<Record<VideoFormat, Readonly<Record<VideoQuality, number>>>> = {
  mp4: { low: 28, medium: 23, high: 18 },
  webm: { low: 40, medium: 31, high: 24 },
  gif: { low: 10, medium: 10, high: 10 },
};

/** Below the encoder's own loss, so that it adds none that could be seen. */
const JPEG_QUALITY: Readonly<Record<VideoQuality, number>> = { low: 80, medium: 85, high: 95 };

/** AAC is transparent for most music at 192 kbit/s and stereo; Opus earlier. */
const AUDIO_BITRATE: Readonly<Record<VideoQuality, string>> = { low: '128k', medium: '192k', high: '256k' };

export function encodingOf(format: VideoFormat, quality: VideoQuality): Encoding {
  const common = {
    crf: CRF[format][quality],
    jpegQuality: JPEG_QUALITY[quality],
    audioBitrate: AUDIO_BITRATE[quality],
  };
  switch (format) {
    case 'mp4':
      // A transport stream, because pieces of one join by being put one after the other.
      return { ...common, codec: 'h264-ts', extension: 'ts', pixelFormat: 'yuv420p' };
    case 'webm':
      return { ...common, codec: 'vp9', extension: 'webm', pixelFormat: 'yuv420p' };
    case 'gif':
      return { ...common, codec: 'h264-mkv', extension: 'mkv', pixelFormat: 'yuv444p', audioBitrate: null };
  }
}

/** Of the chunks' sound, which is PCM, 16 bits, two channels. */
export const SAMPLE_RATE = 48_000;
