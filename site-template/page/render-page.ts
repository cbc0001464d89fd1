/** page.html: the share page of one version. */
import { styleKey } from '../../action/contract/keys.ts';
import type { Meta } from '../../action/contract/meta.ts';
import type { PageInput, RenderPage } from '../../action/contract/page.ts';
import { addressOf, assetBaseOf } from './addresses.ts';
import { appStyle, renderAppBody } from './app-body.ts';
import { renderFilmBody } from './film-body.ts';
import { renderHead } from './head.ts';
import { type Html, html, markup, scriptJson } from './html.ts';
import { type ImportMap, importMapOf } from './import-map.ts';
import { PAGE_DATA_ID, type PageData } from './page-data.ts';

/** Equal inputs, equal text. Titles, names and addresses in it are nobody's to trust: all are escaped. */
export const renderPage: RenderPage = (input) => {
  const { meta, runtime } = input;
  const importMap = importMapOf(meta, runtime);
  const data = pageDataOf(input);
  const page = html`<!doctype html>
<html lang="en">
<head>
${renderHead(input, importMap, meta.kind === 'app' && markup(appStyle))}
${meta.kind === 'app' && renderEarlyLoads(data, importMap)}</head>
<body>
${meta.kind === 'app' ? renderAppBody(meta) : renderFilmBody(meta)}
<script type="application/json" id="${PAGE_DATA_ID}">${scriptJson(data)}</script>
</body>
</html>
`;
  return page.text;
};

/** An app runs at once: its style applies from the start, and its modules come in one go. */
function renderEarlyLoads(data: PageData, importMap: ImportMap): Html {
  const styles = data.styles.map((style) => html`<link rel="stylesheet" href="${style}" crossorigin>\n`);
  const modules = Object.entries(importMap.integrity).map(
    ([href, integrity]) => html`<link rel="modulepreload" href="${href}" integrity="${integrity}">\n`,
  );
  return html`${styles}${modules}<link rel="modulepreload" href="${data.entry}">\n`;
}

function pageDataOf({ meta, staticFiles }: PageInput): PageData {
  const common = { entry: addressOf(meta, meta.entry), assets: assetBaseOf(meta), styles: stylesOf(meta) };
  if (meta.kind === 'app') return { kind: 'app', ...common, staticFiles };
  const { fps, width, height, durationInFrames } = meta;
  const scenes = meta.scenes.map((scene) => ({
    title: scene.title,
    from: scene.from,
    durationInFrames: scene.durationInFrames,
  }));
  return { kind: 'film', ...common, fps, width, height, durationInFrames, scenes };
}

/** Style sheets of the libraries first, so that the snapshot's own has the last word. */
function stylesOf(meta: Meta): string[] {
  const own = styleKey(meta.thread, meta.version);
  const isRuntimeStyle = (key: string): boolean => key.startsWith('runtime/') && key.endsWith('.css');
  const keys = meta.files.map((file) => file.key);
  return [...keys.filter(isRuntimeStyle), ...keys.filter((key) => key === own)].map((key) => addressOf(meta, key));
}
