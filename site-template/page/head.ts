/** The head of the page: what browsers, search engines and previews of links read. */
import type { Meta } from '../../action/contract/meta.ts';
import type { PageInput } from '../../action/contract/page.ts';
import { addressOf, canonicalUrl, oembedUrl, publicFileUrl } from './addresses.ts';
import { type Html, html, scriptJson } from './html.ts';
import { type ImportMap, integrityOf } from './import-map.ts';
import { type Palette, paletteOf } from './palette.ts';

export function renderHead(input: PageInput, importMap: ImportMap, style: Html | false): Html {
  const { meta, publicUrl, runtime } = input;
  const url = canonicalUrl(publicUrl, meta);
  const script = runtime.files.find((file) => file.key === runtime.page.key);
  return html`<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
<title>${meta.title}</title>
${meta.description && html`<meta name="description" content="${meta.description}">\n`}<link rel="canonical" href="${url}">
<link rel="alternate" type="application/json+oembed" href="${oembedUrl(publicUrl, meta)}" title="${meta.title}">
<link rel="icon" href="${iconUrl(paletteOf(meta.snapshot))}">
<meta name="theme-color" content="#f6f6f4" media="(prefers-color-scheme:light)">
<meta name="theme-color" content="#131315" media="(prefers-color-scheme:dark)">
${renderOpenGraph(meta, publicUrl, url)}
<script type="importmap">${scriptJson(importMap)}</script>
${style && html`<style>${style}</style>\n`}<script type="module" src="${addressOf(meta, runtime.page.key)}"${
    script && html` integrity="${integrityOf(script.sha256)}"`
  } crossorigin></script>`;
}

function renderOpenGraph(meta: Meta, publicUrl: string, url: string): Html {
  const poster = meta.poster && publicFileUrl(publicUrl, meta, meta.poster);
  const size: [string, number][] =
    poster && meta.kind === 'storyboard'
      ? [
          ['og:image:width', meta.width],
          ['og:image:height', meta.height],
        ]
      : [];
  const properties: [string, string | number | undefined][] = [
    ['og:title', meta.title],
    ['og:description', meta.description],
    ['og:url', url],
    ['og:type', meta.kind === 'storyboard' ? 'video.other' : 'website'],
    ['og:site_name', 'Permaframe'],
    ['og:image', poster],
    ...size,
  ];
  const lines = properties.filter(([, value]) => value !== undefined);
  return html`${lines.map(([name, value]) => html`<meta property="${name}" content="${value}">\n`)}<meta name="twitter:card" content="${poster ? 'summary_large_image' : 'summary'}">`;
}

/** A disc with a play sign, as a data URI. */
function iconUrl({ hue }: Palette): string {
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='8' fill='oklch(.55 .15 ${hue})'/><path d='M6 4.5v7L11.5 8z' fill='#fff'/></svg>`;
  return `data:image/svg+xml,${svg.replace(/[#%<>]/g, encodeURIComponent)}`;
}
