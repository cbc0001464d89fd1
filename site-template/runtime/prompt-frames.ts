/**
 * Animation frames that come at once. The renderer asks by animation frames whether a frame of the film stands, and Preact
 * waits for one before it runs effects: at 60 a second, that would be a third of the time that each frame takes.
 */

const waiting = new Map<number, FrameRequestCallback>();
let isPrompt = false;

/** Takes the place of the window's animation frames: outside of `promptly`, they come at the pace of the screen. */
export function installPromptFrames(): void {
  const request = window.requestAnimationFrame.bind(window);
  const cancel = window.cancelAnimationFrame.bind(window);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: handle }: MessageEvent<number>) => {
    const callback = waiting.get(handle);
    waiting.delete(handle);
    callback?.(performance.now());
  };
  // Negative, so that it is none of the browser's.
  let last = 0;
  window.requestAnimationFrame = (callback) => {
    if (!isPrompt) return request(callback);
    last -= 1;
    waiting.set(last, callback);
    port2.postMessage(last);
    return last;
  };
  window.cancelAnimationFrame = (handle) => {
    if (!waiting.delete(handle)) cancel(handle);
  };
}

/** Does work during which animation frames come at once. */
export async function promptly(work: () => Promise<void>): Promise<void> {
  isPrompt = true;
  try {
    await work();
  } finally {
    isPrompt = false;
  }
}
