/** Which language a file is in, by its name. */
import { css } from '@codemirror/lang-css';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import type { Extension } from '@codemirror/state';
import { extensionOf } from '../../../action/contract/content-types.ts';

export function languageOf(path: string): Extension {
  switch (extensionOf(path)) {
    case 'tsx':
      return javascript({ typescript: true, jsx: true });
    case 'ts':
    case 'mts':
      return javascript({ typescript: true });
    case 'js':
    case 'jsx':
    case 'mjs':
      return javascript({ jsx: true });
    case 'css':
      return css();
    case 'json':
      return json();
    default:
      return [];
  }
}
