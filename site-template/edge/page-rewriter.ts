/** Puts additions into a page, by Cloudflare's own HTML parser: only an element that is really there is touched. */
import type { Additions } from './additions.ts';

const HTML: ContentOptions = { html: true };

/** Where a page lacks the place for an addition, as one made by another version of ours may, it does without. */
export function addToPage(page: Response, additions: Additions): Response {
  let hasImage = false;
  return new HTMLRewriter()
    .on('meta[property="og:image"]', {
      element() {
        hasImage = true;
      },
    })
    .on('meta[name="twitter:card"]', {
      element(card) {
        if (!hasImage && additions.image !== '') card.setAttribute('content', 'summary_large_image');
        card.after(`\n${hasImage ? '' : additions.image}${additions.head}`.trimEnd(), HTML);
      },
    })
    .on('#cover > .card', {
      element(card) {
        card.replace(additions.poster, HTML);
      },
    })
    .on('#menu', {
      element(menu) {
        menu.prepend(additions.menu, HTML);
      },
    })
    .transform(page);
}
