/** Finds out whether the fonts, pictures and sounds of a video can be loaded. */

/** Begins the messages of what cannot be loaded: the renderer hands on nothing but text. */
const MISSING = 'asset missing:';
/** As long as the browser may take to read the head of a file that lies on the same machine, in milliseconds. */
const PATIENCE = 20_000;

/** @throws Error naming the family of a font whose file is not one */
export async function loadFonts(): Promise<void> {
  await Promise.all(
    [...document.fonts].map((font) =>
      font.load().catch((cause: unknown) => {
        throw new Error(`${MISSING} the font ${font.family} (${font.weight}) cannot be loaded`, { cause });
      }),
    ),
  );
}

/**
 * Waits until the pictures of the document can be drawn. Remotion's own element waits by itself; a plain one does not.
 * @throws Error naming the address of one that cannot, and that stays where it is seen
 */
export async function loadPictures(): Promise<void> {
  // One that is lazy may never be asked for.
  const loading = [...document.images].filter(
    (image) => image.loading !== 'lazy' && image.currentSrc && !isDrawn(image),
  );
  await Promise.all(loading.map((image) => image.decode().catch(() => undefined)));
  if (loading.length > 0) await nextTask();
  // A scene may have put another one in its place.
  const broken = loading.find((image) => image.isConnected && image.complete && image.currentSrc && !isDrawn(image));
  if (broken?.checkVisibility()) throw new Error(`${MISSING} ${broken.currentSrc} cannot be shown`);
}

function isDrawn(image: HTMLImageElement): boolean {
  return image.complete && image.naturalWidth > 0;
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** A film that is played by an element has long found its frame by then, and said so; in milliseconds. */
const NUDGE_MILLISECONDS = 500;

/**
 * Chromium at times does not tell that the frame is there that an element was sought to, and Remotion would wait for that
 * until it gives up, on its own pages, too. Sought to where it is, the element tells it once more.
 */
export function nudgeVideos(): void {
  setInterval(() => {
    if (window.remotion_delayRenderHandles.length === 0) return;
    for (const video of document.querySelectorAll('video')) {
      if (!video.seeking && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) video.currentTime += 0;
    }
  }, NUDGE_MILLISECONDS);
}

/**
 * Reads the beginning of each sound or film that scenes play.
 * @throws Error naming an address that cannot be fetched or is not what its name says
 */
export async function checkMedia(addresses: readonly string[]): Promise<void> {
  await Promise.all(addresses.map(checkOne));
}

async function checkOne(address: string): Promise<void> {
  const media = document.createElement('video');
  media.preload = 'metadata';
  media.muted = true;
  const outcome = new Promise<boolean>((resolve) => {
    media.onloadedmetadata = () => resolve(true);
    media.onerror = () => resolve(false);
    setTimeout(() => resolve(false), PATIENCE);
  });
  media.src = address;
  if (!(await outcome)) throw new Error(`${MISSING} ${address} cannot be played`);
  media.removeAttribute('src');
  media.load();
}
