/** What lies behind a film's scenes, in a page and in a video. */

/** What the film's own style paints behind everything; white when it paints nothing. */
export function documentBackground(): string {
  const colours = [document.body, document.documentElement].map((element) => getComputedStyle(element).backgroundColor);
  return colours.find((colour) => !/^(transparent|rgba\(0, 0, 0, 0\))$/.test(colour)) ?? '#fff';
}
