/** The code that shows a published page inside another one. */

/** Of the picture, in pixels. */
export interface EmbedSize {
  width: number;
  height: number;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The same as the share page itself hands out; a test holds the two together. */
export function embedSnippet(url: string, title: string, { width, height }: EmbedSize): string {
  const style = `border:0;width:100%;height:auto;aspect-ratio:${width}/${height}`;
  return `<iframe src="${escaped(url)}?embed=1" title="${escaped(title)}" width="${width}" height="${height}" style="${style}" allow="autoplay; fullscreen; clipboard-write" loading="lazy"></iframe>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
