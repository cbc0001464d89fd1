/** Decides what a request is answered with: request → intent → response. What it may touch is given to it. */
import { CACHE_IMMUTABLE, CACHE_PRIVATE, CACHE_SHORT } from '../../action/contract/content-types.ts';
import { metaKey } from '../../action/contract/keys.ts';
import { latestPath, pinnedPath } from '../../action/contract/links.ts';
import { verifyLink } from '../../action/contract/signing.ts';
import { type ThreadControl, videosOf } from '../../action/contract/thread-control.ts';
import { type Additions, thumbnailOf } from './additions.ts';
import { addCommonHeaders, MODULE_POLICY, NOTICE_POLICY } from './headers.ts';
import { type Intent, readIntent, type VersionFile } from './intent.ts';
import {
  formatNoticePage,
  formatNoticeText,
  ICON,
  LANDING,
  LINK_EXPIRED,
  LINK_INVALID,
  METHOD_NOT_ALLOWED,
  NOTHING_HERE,
  type Notice,
  OEMBED_FORMAT,
  ROBOTS,
  takenDown,
  UNAVAILABLE,
} from './notice.ts';
import { type Bucket, type DataCentreCache, type ObjectMemory, Objects } from './objects.ts';
import { formatOembed, readOembedRequest } from './oembed.ts';
import { CACHE_NOTHING, type Compress, redirect, sendObject, sendText } from './respond.ts';
import type { Settings } from './settings.ts';
import { admit, type ControlMemory, readThreadControl } from './thread-controls.ts';
import { readMeta, sendVersionFile } from './version-file.ts';
import { readVisit, type Visit } from './visit.ts';

export interface Capabilities {
  bucket: Bucket;
  cache: DataCentreCache;
  settings: Settings;
  objects: ObjectMemory;
  controls: ControlMemory;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Work that the answer does not wait for. */
  defer: (work: Promise<void>) => void;
  /** Puts additions into a page. */
  addToPage: (page: Response, additions: Additions) => Response;
  compress: Compress;
  /** What the client itself sent as Accept-Encoding, where Cloudflare replaced the header. */
  clientAcceptEncoding: string | undefined;
}

/** Everything that answering one request takes. */
interface Desk extends Omit<Capabilities, 'objects'> {
  objects: Objects;
  visit: Visit;
}

/** Answers a request. Never throws: what fails inside is logged, and answered with 503. */
export async function handle(request: Request, capabilities: Capabilities): Promise<Response> {
  const url = new URL(request.url);
  const { settings, clientAcceptEncoding, bucket, cache, now, defer } = capabilities;
  const visit = readVisit(request, url, clientAcceptEncoding, settings.publicOrigin);
  const objects = new Objects({ bucket, cache, memory: capabilities.objects, now, defer, origin: url.origin });
  const desk: Desk = { ...capabilities, objects, visit };
  let response: Response;
  try {
    response = await answer(readIntent(request.method, url), desk);
  } catch (error) {
    // No address in the log: that of a signed link opens it.
    console.error(error);
    response = sendNotice(visit, UNAVAILABLE);
  }
  addCommonHeaders(response.headers, visit.secure);
  return response;
}

async function answer(intent: Intent, desk: Desk): Promise<Response> {
  const { visit } = desk;
  switch (intent.kind) {
    case 'versionFile':
      return answerVersionFile(intent, desk);
    case 'sharedFile': {
      const delivery = { key: intent.key, cacheControl: CACHE_IMMUTABLE, keep: true, policy: MODULE_POLICY };
      return (await sendObject(desk.objects, delivery, visit)) ?? sendNotice(visit, NOTHING_HERE);
    }
    case 'latest':
      return answerLatest(intent.thread, intent.search, desk);
    case 'moved':
      return redirect(308, intent.location, intent.private ? CACHE_PRIVATE : CACHE_SHORT);
    case 'oembed':
      return answerOembed(intent.query, desk);
    case 'health':
      return answerHealth(desk);
    case 'landing':
      return sendNotice(visit, LANDING);
    case 'robots':
      return sendText(visit, { contentType: 'text/plain; charset=utf-8', cacheControl: CACHE_SHORT, body: ROBOTS });
    case 'icon':
      return sendText(visit, { contentType: 'image/svg+xml', cacheControl: CACHE_SHORT, body: ICON });
    case 'preflight':
      return answerPreflight();
    case 'methodNotAllowed':
      return sendNotice(visit, METHOD_NOT_ALLOWED);
    case 'nothing':
      return sendNotice(visit, NOTHING_HERE);
  }
}

async function answerVersionFile(file: VersionFile, desk: Desk): Promise<Response> {
  const { visit, objects } = desk;
  const signed = file.token !== null;
  if (signed) {
    // First of all, before anything is read: no store, no memory and no cache stands before this door.
    const refusal = await judgeToken(file, desk);
    if (refusal) return sendNotice(visit, refusal);
  }
  const [control, mark] = await Promise.all([
    readThreadControl(desk, file.thread, 'recent'),
    objects.describe(metaKey(file.thread, file.version)),
  ]);
  const admission = admit(control, file.version, signed);
  if (admission === 'gone') return sendNotice(visit, takenDown(signed ? null : latestOf(control)));
  // No meta.json, no artifact: what an interrupted publish left behind is nobody's to see.
  if (admission === 'hidden' || mark === null) return sendNotice(visit, NOTHING_HERE);
  return (await sendVersionFile(file, videosOf(control, file.version), desk)) ?? sendNotice(visit, NOTHING_HERE);
}

/** Null when the token opens that version. */
async function judgeToken(file: VersionFile, { settings, visit, now }: Desk): Promise<Notice | null> {
  if (settings.problems.length > 0) return UNAVAILABLE;
  const scope = { host: new URL(visit.origin).host, thread: file.thread, version: file.version };
  const verdict = await verifyLink(settings.linkKeys, file.token ?? '', scope, Math.floor(now() / 1000));
  if (verdict === 'valid') return null;
  return verdict === 'expired' ? LINK_EXPIRED : LINK_INVALID;
}

function latestOf(control: ThreadControl | null): string | null {
  return control?.latest ? latestPath(control.thread) : null;
}

async function answerLatest(thread: string, search: string, desk: Desk): Promise<Response> {
  // Asked of the store each time: whoever has just shared a version opens this next.
  const control = await readThreadControl(desk, thread, 'now');
  if (!control?.latest || control.visibility === 'unlisted') return sendNotice(desk.visit, NOTHING_HERE);
  return redirect(302, `${pinnedPath(thread, control.latest)}${search}`, CACHE_SHORT);
}

async function answerOembed(query: URLSearchParams, desk: Desk): Promise<Response> {
  const { visit, objects } = desk;
  const asked = readOembedRequest(query, visit.origins);
  if (asked.kind === 'formatUnsupported') return sendNotice(visit, OEMBED_FORMAT);
  if (asked.kind === 'notOurs') return sendNotice(visit, NOTHING_HERE);
  const control = await readThreadControl(desk, asked.thread, asked.version === 'latest' ? 'now' : 'recent');
  const version = asked.version === 'latest' ? control?.latest : asked.version;
  if (!version || admit(control, version, false) !== 'open') return sendNotice(visit, NOTHING_HERE);
  const meta = await readMeta(objects, asked.thread, version, true);
  if (!meta) return sendNotice(visit, NOTHING_HERE);
  const thumbnail = thumbnailOf(meta, videosOf(control, version), visit.origin);
  return sendText(visit, {
    contentType: 'application/json; charset=utf-8',
    cacheControl: CACHE_SHORT,
    body: formatOembed(meta, visit.origin, asked, thumbnail),
  });
}

/** Whether the store answers and the settings are usable. */
async function answerHealth({ bucket, settings, visit }: Desk): Promise<Response> {
  const problems = [...settings.problems];
  try {
    await bucket.head('health');
  } catch (error) {
    console.error(error);
    problems.push('the bucket does not answer');
  }
  return sendText(visit, {
    status: problems.length === 0 ? 200 : 503,
    contentType: 'application/json; charset=utf-8',
    cacheControl: CACHE_NOTHING,
    body: `${JSON.stringify({ ok: problems.length === 0, problems })}\n`,
  });
}

function answerPreflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      Allow: 'GET, HEAD, OPTIONS',
      'Access-Control-Allow-Methods': 'GET, HEAD',
      'Access-Control-Allow-Headers': 'Range, If-Range, If-None-Match',
      // Browsers cap it (Chromium at two hours).
      'Access-Control-Max-Age': '86400',
      'Cache-Control': CACHE_NOTHING,
    },
  });
}

function sendNotice(visit: Visit, notice: Notice): Response {
  const response = sendText(visit, {
    status: notice.status,
    contentType: visit.wantsHtml ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
    cacheControl: notice.status === 200 ? CACHE_SHORT : CACHE_NOTHING,
    policy: NOTICE_POLICY,
    body: visit.wantsHtml ? formatNoticePage(notice) : formatNoticeText(notice),
  });
  for (const [name, value] of Object.entries(notice.headers ?? {})) response.headers.set(name, value);
  if (notice.status === 200) response.headers.set('Vary', 'Accept');
  return response;
}
