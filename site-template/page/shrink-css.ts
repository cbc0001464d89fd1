/** Takes the line breaks out of a style sheet. Compact otherwise: these styles are written so. */
export function shrinkCss(css: string): string {
  return css.replace(/\s*\n\s*/g, '');
}
