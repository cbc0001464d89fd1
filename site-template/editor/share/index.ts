/** What another editor takes: Share whole, or its parts. The styles are in share.css. */
export type { Access, Availability, CompileState } from './availability.ts';
export { availabilityOf } from './availability.ts';
export * from './control-plane.ts';
export { type EmbedSize, embedSnippet } from './embed-snippet.ts';
export { type Problem, problemOf, problemOfCall } from './problems.ts';
export { Share, type ShareProps } from './share.tsx';
export { ShareButton, type ShareButtonProps } from './share-button.tsx';
export { type JumpTo, ShareSheet, type ShareSheetProps } from './share-sheet.tsx';
export { type SharedVersion, sharedVersions, type VersionMark } from './shared-versions.ts';
export { type ShareStatus, STEPS, statusOf } from './status-model.ts';
export type { Step } from './steps.ts';
export { type PublishOptions, type Sharing, usePublish } from './use-publish.ts';
export { type Rendering, type RenderOptions, type Renders, useRenders } from './use-renders.ts';
export { VideoSection, type VideoSectionProps } from './video-section.tsx';
export { VIDEO_STEPS, type VideoStatus, videoStatusOf } from './video-status.ts';
