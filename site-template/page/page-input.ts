/** Everything the share page is made of. Addresses are made from keys. */
import type { StaticFiles } from '../../action/contract/film.ts';
import type { Meta } from '../../action/contract/meta.ts';
import type { RuntimeManifest } from '../../action/contract/runtime.ts';

export interface PageInput {
  meta: Meta;
  runtime: RuntimeManifest;
  /** Origin of the edge, without a slash at the end. */
  publicUrl: string;
  /** For an app: static files. A film's index carries its own. */
  staticFiles: StaticFiles;
}
