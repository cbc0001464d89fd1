/** Filling the screen; where the browser does not let us, at least the window. */

/** @returns a function that goes there and back */
export function enlivenFullScreen(host: HTMLElement, player: HTMLElement): () => void {
  const isEmbedded = 'over' in host.dataset;
  const show = (isFull: boolean): void => {
    player.toggleAttribute('data-full', isFull);
    host.toggleAttribute('data-over', isFull || isEmbedded);
  };
  document.addEventListener('fullscreenchange', () => show(document.fullscreenElement !== null));
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !document.fullscreenElement) show(false);
  });
  return () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else if ('full' in player.dataset) show(false);
    else if (host.requestFullscreen) host.requestFullscreen().catch(() => show(true));
    else show(true);
  };
}
