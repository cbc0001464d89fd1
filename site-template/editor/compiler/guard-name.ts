/** The function that loop guards call, as a property of `globalThis`. A file of its own: frames need nothing else. */
export const GUARD = '__permaframeGuard';
