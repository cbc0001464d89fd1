/** The headers that keep pages of strangers harmless, each with its reason. */

/**
 * For pages, whose code is a stranger's. The sandbox gives each page an opaque origin of its own: it shares no
 * storage, no cookie and no window with other pages of the same host. `'self'` is doubtful in an opaque origin, so
 * origins are spelled out. Nothing is loaded from, or sent to, any other host.
 */
export function pagePolicy(origins: readonly string[]): string {
  const us = origins.join(' ');
  return [
    'sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads allow-forms allow-modals ' +
      'allow-pointer-lock allow-presentation',
    `default-src ${us} data: blob:`,
    `script-src ${us} 'unsafe-inline' 'wasm-unsafe-eval' blob:`,
    `style-src ${us} 'unsafe-inline'`,
    "object-src 'none'",
    "frame-src 'none'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    'frame-ancestors *',
  ].join('; ');
}

/** For every other object: an SVG (or anything a browser takes for a document) that is opened by itself does nothing. */
export const INERT_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors *";

/** For videos: inert, but a browser that opens one makes a document around it, which loads it once more. */
export function mediaPolicy(origins: readonly string[]): string {
  return `${INERT_POLICY}; media-src ${origins.join(' ')}`;
}

/** For modules: no document, so a word is enough. Every viewer of every page loads some. */
export const MODULE_POLICY = "default-src 'none'";

/** For pages of our own making, which have no script. They show inside embeds too. */
export const NOTICE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *";

/** A film needs full screen and sound; nothing here needs a camera, a device or a wallet. Short: every page carries it. */
const PERMISSIONS_POLICY = [
  'fullscreen=*',
  'autoplay=*',
  ...['camera', 'display-capture', 'geolocation', 'hid', 'microphone', 'midi', 'payment', 'serial', 'usb'].map(
    (feature) => `${feature}=()`,
  ),
].join(', ');

/** Puts on an answer what every answer of the edge carries. */
export function addCommonHeaders(headers: Headers, secure: boolean): void {
  // Modules, fonts and fetches of an opaque origin are cross-origin. There are no cookies that could be abused.
  headers.set('Access-Control-Allow-Origin', '*');
  // Whoever reads a file in parts has to see which one it got. Length is safe-listed.
  if (headers.has('Content-Range')) headers.set('Access-Control-Expose-Headers', 'Content-Range');
  headers.set('Cross-Origin-Resource-Policy', 'cross-origin');
  headers.set('X-Content-Type-Options', 'nosniff');
  // Not even the origin: the address of a signed link opens it, so no page learns from whom its reader came.
  headers.set('Referrer-Policy', 'no-referrer');
  // Other hosts below ours may not be ready for https: no includeSubDomains.
  if (secure) headers.set('Strict-Transport-Security', 'max-age=31536000');
}

/** Only what runs scripts could use a feature: other answers are spared the bytes. */
export function addPageHeaders(headers: Headers): void {
  headers.set('Permissions-Policy', PERMISSIONS_POLICY);
}
