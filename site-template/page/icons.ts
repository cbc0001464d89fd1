/** The signs on the buttons: 24 × 24, drawn for this page. */
import { type Html, markup } from './html.ts';

const paths = {
  play: '<path d="M8 5.2v13.6a.7.7 0 0 0 1.1.6l10-6.8a.7.7 0 0 0 0-1.2l-10-6.8a.7.7 0 0 0-1.1.6z"/>',
  pause: '<rect x="6.5" y="5" width="4" height="14" rx="1"/><rect x="13.5" y="5" width="4" height="14" rx="1"/>',
  replay: line('M5 12a7 7 0 1 0 2.4-5.3M7.2 3v4h4'),
  sound: `<path d="M4 9.5v5h3.2L12 18.4V5.6L7.2 9.5z"/>${line('M15 9.3a4 4 0 0 1 0 5.4M17.4 6.9a7.4 7.4 0 0 1 0 10.2')}`,
  silence: `<path d="M4 9.5v5h3.2L12 18.4V5.6L7.2 9.5z"/>${line('M15.5 9.7l4.6 4.6M20.1 9.7l-4.6 4.6')}`,
  share: line('M12 14.5V4M8.2 7.4 12 3.6l3.8 3.8M6 11.5v7a1.5 1.5 0 0 0 1.5 1.5h9a1.5 1.5 0 0 0 1.5-1.5v-7'),
  expand: line('M9 4.5H4.5V9M15 4.5h4.5V9M9 19.5H4.5V15M15 19.5h4.5V15'),
  shrink: line('M4 9h5V4M20 9h-5V4M4 15h5v5M20 15h-5v5'),
};

function line(path: string): string {
  return `<path class="line" d="${path}"/>`;
}

/** @param when the state of the player in which the sign shows; always when left out */
export function icon(name: keyof typeof paths, when?: string): Html {
  return markup(
    `<svg viewBox="0 0 24 24" aria-hidden="true"${when ? ` data-when="${when}"` : ''}>${paths[name]}</svg>`,
  );
}
