/** Copying the link and the embed code, and what to do where a page may not copy. */
import { escapeHtml } from './html.ts';
import type { Find } from './view.ts';

export function enlivenShareMenu(size: { width: number; height: number }, find: Find): void {
  const menu = find('menu');
  const field = find<HTMLInputElement>('text');
  const said = find('said');
  const address = location.origin + location.pathname;

  const say = (text: string): void => {
    said.textContent = text;
    said.dataset.on = '';
    setTimeout(() => delete said.dataset.on, 2500);
  };
  const offer = async (text: string, done: string): Promise<void> => {
    if (await copy(text, field)) {
      menu.hidePopover();
      say(done);
    } else say('Press Ctrl or ⌘ and C to copy');
  };
  find('copy-link').onclick = () => offer(address, 'Link copied');
  find('copy-embed').onclick = () => offer(embedCode(address, document.title, size), 'Embed code copied');

  menu.addEventListener('beforetoggle', () => {
    const button = find('share');
    // As it shuts. By itself a browser gives the focus back in a document, but not in a shadow root.
    if (menu.matches(':focus-within')) button.focus();
    const { right, top } = button.getBoundingClientRect();
    menu.style.right = `${Math.max(12, innerWidth - right)}px`;
    menu.style.bottom = `${innerHeight - top + 6}px`;
    field.hidden = true;
  });
}

/** HTML that shows the player, and nothing but it, on another page. */
export function embedCode(
  address: string,
  title: string,
  { width, height }: { width: number; height: number },
): string {
  const style = `border:0;width:100%;height:auto;aspect-ratio:${width}/${height}`;
  return `<iframe src="${escapeHtml(address)}?embed=1" title="${escapeHtml(title)}" width="${width}" height="${height}" style="${style}" allow="autoplay; fullscreen; clipboard-write" loading="lazy"></iframe>`;
}

/** The clipboard may be closed to a sandboxed or embedded page: the old way next, and then the text, selected. */
async function copy(text: string, field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    field.hidden = false;
    field.value = text;
    field.select();
    return document.execCommand('copy');
  }
}
