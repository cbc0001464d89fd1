/** What Remotion's components and hooks ask for around them while a video is rendered. */
import { type ReactNode, useMemo } from 'react';
import { Internals, type TRenderAsset } from 'remotion';

const COMPOSITION = 'film';

/** What is heard in the frame that is shown, by the id that Remotion gives it. */
const heard = new Map<string, TRenderAsset>();

/**
 * What is heard in the frame that is shown.
 * @param videoFrame its number in the video
 * @param ratio frames of the video for one of the film
 */
export function heardNow(videoFrame: number, ratio: number): TRenderAsset[] {
  return [...heard.values()].map((asset) => inVideoFrames(asset, videoFrame, ratio));
}

/** Positions count in frames of the video for the renderer. */
function inVideoFrames(asset: TRenderAsset, frame: number, ratio: number): TRenderAsset {
  if (asset.type === 'artifact' || asset.type === 'inline-audio') return { ...asset, frame };
  const { mediaFrame, audioStartFrame } = asset;
  return { ...asset, frame, mediaFrame: mediaFrame * ratio, audioStartFrame: audioStartFrame * ratio };
}

const renderAssets = {
  registerRenderAsset: (asset: TRenderAsset): void => void heard.set(asset.id, asset),
  unregisterRenderAsset: (id: string): void => void heard.delete(id),
  renderAssets: [],
};

interface RenderContextsProps {
  /** Of the film. Not whole where the video has another frame rate. */
  frame: number;
  fps: number;
  width: number;
  height: number;
  durationInFrames: number;
  children: ReactNode;
}

export function RenderContexts({ frame, children, ...format }: RenderContextsProps): ReactNode {
  const { fps, width, height, durationInFrames } = format;
  const timeline = useMemo(() => timelineAt(frame), [frame]);
  const compositions = useMemo(
    () => compositionOf({ fps, width, height, durationInFrames }),
    [fps, width, height, durationInFrames],
  );
  return (
    <Internals.CanUseRemotionHooksProvider>
      <Internals.AbsoluteTimeContext.Provider value={timeline}>
        <Internals.PlaybackRateContext.Provider value={NORMAL_SPEED}>
          <Internals.TimelineContext.Provider value={timeline}>
            <Internals.CompositionManager.Provider value={compositions}>
              <Internals.PrefetchProvider>
                <Internals.DurationsContextProvider>
                  <Internals.RenderAssetManager.Provider value={renderAssets}>
                    {children}
                  </Internals.RenderAssetManager.Provider>
                </Internals.DurationsContextProvider>
              </Internals.PrefetchProvider>
            </Internals.CompositionManager.Provider>
          </Internals.TimelineContext.Provider>
        </Internals.PlaybackRateContext.Provider>
      </Internals.AbsoluteTimeContext.Provider>
    </Internals.CanUseRemotionHooksProvider>
  );
}

const NORMAL_SPEED = { playbackRate: 1, setPlaybackRate: () => {} };
const NO_TAGS = { current: [] };

function timelineAt(frame: number) {
  return {
    frame: { [COMPOSITION]: frame },
    isPlaying: () => false,
    isInsideFreeze: false,
    audioAndVideoTags: NO_TAGS,
  };
}

type Compositions = Parameters<typeof Internals.CompositionManager.Provider>[0]['value'];

function compositionOf(format: Omit<RenderContextsProps, 'frame' | 'children'>): Compositions {
  return {
    compositions: [
      {
        ...format,
        id: COMPOSITION,
        component: () => null,
        order: null,
        folderName: null,
        parentFolderName: null,
        schema: null,
        calculateMetadata: null,
        stack: null,
      },
    ] as unknown as Compositions['compositions'],
    folders: [],
    currentAssetMetadata: null,
    currentCompositionMetadata: {
      ...format,
      props: {},
      defaultCodec: null,
      defaultOutName: null,
      defaultPixelFormat: null,
      defaultProResProfile: null,
      defaultSampleRate: null,
      defaultVideoImageFormat: null,
    },
    canvasContent: { type: 'composition', compositionId: COMPOSITION },
  };
}
