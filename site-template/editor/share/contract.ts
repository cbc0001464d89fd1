/** What the share parts take from the contract: the only imports that leave this folder. Pure, and without packages. */
export { ERRORS, type ErrorCode, isErrorCode, isPermaframeError } from '../../../action/contract/errors.ts';
export { formatBytes, MAX_GIF_FPS } from '../../../action/contract/limits.ts';
export { isPublishOver, isRenderOver, type PublishState, type RenderState } from '../../../action/contract/states.ts';
export {
  estimateRenderMilliseconds,
  type FilmFormat,
  ownFps,
  RENDER_JOB_START_MILLISECONDS,
  specifyVideo,
  VIDEO_FORMATS,
  VIDEO_FRAME_RATES,
  VIDEO_QUALITIES,
  VIDEO_RESOLUTIONS,
  type VideoFormat,
  type VideoFrameRate,
  type VideoQuality,
  type VideoRequest,
  type VideoResolution,
  type VideoSpec,
  videoSize,
} from '../../../action/contract/video-spec.ts';
