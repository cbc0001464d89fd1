/** The few pages that the edge has of its own: what is not there, what is no more, what does not open. Pure. */
import { ERRORS, type ErrorCode } from '../../action/contract/errors.ts';
import { escapeHtml } from './escape.ts';
import { NOTICE_STYLE } from './notice-style.ts';

export interface Notice {
  status: number;
  /** What stands in the frame, large. */
  sign: string;
  title: string;
  /** One or two sentences, to a person who followed a link. */
  text: string;
  /** For those who read no HTML: a code of the error table, with its advice. */
  code?: ErrorCode;
  /** Somewhere to go instead. */
  way?: { href: string; label: string };
  /** Headers that belong to the status. */
  headers?: Record<string, string>;
}

export const NOTHING_HERE: Notice = {
  status: 404,
  sign: '404',
  title: 'There is nothing here',
  text: 'The address may be mistyped, or it was never published. Check the link, or ask whoever sent it.',
  code: 'ARTIFACT_MISSING',
};

/** @param latest where the newest version that still stands is found, if there is one */
export function takenDown(latest: string | null): Notice {
  const notice: Notice = {
    status: 410,
    sign: '410',
    title: 'This version was taken down',
    text: 'Its owner removed it. The link is right, but there is nothing behind it any more.',
    code: 'ARTIFACT_GONE',
  };
  return latest === null ? notice : { ...notice, way: { href: latest, label: 'See the latest version' } };
}

export const LINK_EXPIRED: Notice = {
  status: 403,
  sign: '403',
  title: 'This link has expired',
  text: 'It was meant to work for a limited time. Ask whoever sent it for a new one.',
  code: 'LINK_EXPIRED',
};

export const LINK_INVALID: Notice = {
  status: 403,
  sign: '403',
  title: 'This link is not valid',
  text: 'It may have been cut off or changed on its way to you. Ask whoever sent it for a new one.',
  code: 'LINK_INVALID',
};

export const METHOD_NOT_ALLOWED: Notice = {
  status: 405,
  sign: '405',
  title: 'This is only for reading',
  text: 'The edge answers GET and HEAD.',
  headers: { Allow: 'GET, HEAD, OPTIONS' },
};

export const OEMBED_FORMAT: Notice = {
  status: 501,
  sign: '501',
  title: 'Only JSON is spoken here',
  text: 'Ask for format=json.',
};

export const UNAVAILABLE: Notice = {
  status: 503,
  sign: '503',
  title: 'This cannot be shown right now',
  text: 'Something on our side does not answer. Nothing is lost: try again in a minute.',
  code: 'STORE_UNAVAILABLE',
  headers: { 'Retry-After': '30' },
};

export const LANDING: Notice = {
  status: 200,
  sign: '',
  title: 'Permaframe',
  text: 'Films and demos made in code, behind links that never change. Open a link to see one.',
};

/** One line. */
export function formatNoticeText(notice: Notice): string {
  const text = notice.code ? `${notice.code}: ${ERRORS[notice.code].advice}` : `${notice.title}. ${notice.text}`;
  return `${text}\n`;
}

/** A whole document that loads nothing. */
export function formatNoticePage(notice: Notice): string {
  const way = notice.way ? `<p><a href="${escapeHtml(notice.way.href)}">${escapeHtml(notice.way.label)}</a></p>` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${notice.status === 200 ? '' : '<meta name="robots" content="noindex">\n'}<title>${escapeHtml(notice.title)}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>${NOTICE_STYLE}</style>
</head>
<body>
<main>
<div class="frame" aria-hidden="true">${notice.sign === '' ? PLAY_MARK : `<span>${escapeHtml(notice.sign)}</span>`}</div>
<h1>${escapeHtml(notice.title)}</h1>
<p>${escapeHtml(notice.text)}</p>
${way}
</main>
</body>
</html>
`;
}

const PLAY_MARK =
  '<svg viewBox="0 0 24 24" width="88" height="88"><path d="M8 5.5v13l10.5-6.5z" fill="currentColor"/></svg>';

/** A frame with a play mark, legible on light and dark tabs. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<style>path,rect{stroke:#4f46e5}.p{fill:#4f46e5}@media(prefers-color-scheme:dark){path,rect{stroke:#a5b4fc}.p{fill:#a5b4fc}}</style>
<rect x="3" y="6" width="26" height="20" rx="4" fill="none" stroke-width="2.5"/>
<path class="p" d="M13.5 11.5v9l7-4.5z" stroke-width="1.5" stroke-linejoin="round"/>
</svg>
`;

/** Pages behind signed links are kept out of search engines by a header: a rule here would name what is secret. */
export const ROBOTS = 'User-agent: *\nAllow: /\n';
