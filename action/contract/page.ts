/** What the share page is made of. */
import type { StaticFiles } from './film.ts';
import type { Meta } from './meta.ts';
import type { RuntimeManifest } from './runtime.ts';

/** Everything the share page is made of. Addresses are made by the page from keys. */
export interface PageInput {
  meta: Meta;
  runtime: RuntimeManifest;
  /** Origin of the edge, without a slash at the end: `https://share.example.com`. */
  publicUrl: string;
  /** For an app: static files. A film's index carries its own. */
  staticFiles: StaticFiles;
}

/** Makes page.html. Pure: equal inputs, equal text. */
export type RenderPage = (input: PageInput) => string;
