/** The two state machines. States move forward only; terminal states absorb. */

export const PUBLISH_STATES = [
  'queued',
  'dispatched',
  'bundling',
  'uploading',
  'published',
  'failed',
  'cancelled',
] as const;
export type PublishState = (typeof PUBLISH_STATES)[number];

export const RENDER_STATES = ['queued', 'rendering', 'combining', 'uploading', 'ready', 'failed', 'cancelled'] as const;
export type RenderState = (typeof RENDER_STATES)[number];

/**
 * Where each state may lead. A state may be skipped (a lost report, a republish that finds everything in
 * place), but never revisited.
 */
export const PUBLISH_TRANSITIONS: Readonly<Record<PublishState, readonly PublishState[]>> = {
  queued: ['dispatched', 'bundling', 'uploading', 'published', 'failed', 'cancelled'],
  dispatched: ['bundling', 'uploading', 'published', 'failed', 'cancelled'],
  bundling: ['uploading', 'published', 'failed', 'cancelled'],
  uploading: ['published', 'failed', 'cancelled'],
  published: [],
  failed: [],
  cancelled: [],
};

export const RENDER_TRANSITIONS: Readonly<Record<RenderState, readonly RenderState[]>> = {
  queued: ['rendering', 'combining', 'uploading', 'ready', 'failed', 'cancelled'],
  rendering: ['combining', 'uploading', 'ready', 'failed', 'cancelled'],
  combining: ['uploading', 'ready', 'failed', 'cancelled'],
  uploading: ['ready', 'failed', 'cancelled'],
  ready: [],
  failed: [],
  cancelled: [],
};

export function canPublishMove(from: PublishState, to: PublishState): boolean {
  return PUBLISH_TRANSITIONS[from].includes(to);
}

export function canRenderMove(from: RenderState, to: RenderState): boolean {
  return RENDER_TRANSITIONS[from].includes(to);
}

export function isPublishOver(state: PublishState): boolean {
  return PUBLISH_TRANSITIONS[state].length === 0;
}

export function isRenderOver(state: RenderState): boolean {
  return RENDER_TRANSITIONS[state].length === 0;
}
