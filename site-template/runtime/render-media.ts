/** Finds out, before a video is rendered, whether its fonts and its sounds can be loaded. */

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
