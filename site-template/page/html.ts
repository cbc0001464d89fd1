/** HTML from strings nobody vouches for: what is put into a template is escaped unless it is HTML already. */

const MARK = Symbol('html');

export interface Html {
  readonly [MARK]: true;
  readonly text: string;
}

export type HtmlValue = Html | string | number | false | null | undefined | readonly HtmlValue[];

/** Trusts a text that is HTML already. */
export function markup(text: string): Html {
  return { [MARK]: true, text };
}

/** A template whose values are escaped, for text and for quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return markup(strings.reduce((text, part, index) => text + toText(values[index - 1]) + part));
}

function toText(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return isHtml(value) ? value.text : value.map(toText).join('');
}

function isHtml(value: Html | readonly HtmlValue[]): value is Html {
  return MARK in value;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** JSON for a script element: nothing in it can end the element or open a comment. */
export function scriptJson(value: unknown): Html {
  return markup(JSON.stringify(value).replace(/</g, '\\u003c'));
}
