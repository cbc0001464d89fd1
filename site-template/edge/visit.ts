/** What a request says about its client: parsed once, so that nothing deeper reads headers. */
import { acceptsBrotli, type Conditions } from './conditions.ts';

export interface Visit {
  method: 'GET' | 'HEAD';
  /** Whether a person reads the answer in a browser. */
  wantsHtml: boolean;
  takesBrotli: boolean;
  conditions: Conditions;
  /** The origin in every address that we make: the one that was set, else that of the request. */
  origin: string;
  /** Every origin under which this viewer may load files; the first is `origin`. */
  origins: readonly string[];
  /** Whether the request came over https. */
  secure: boolean;
}

/**
 * @param clientAcceptEncoding what the client itself sent, where Cloudflare replaced the header with its own
 * @param publicOrigin see settings.ts
 */
export function readVisit(
  request: Request,
  url: URL,
  clientAcceptEncoding: string | undefined,
  publicOrigin: string | null,
): Visit {
  const { headers } = request;
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  const origin = publicOrigin ?? url.origin;
  return {
    method,
    wantsHtml: headers.get('accept')?.includes('text/html') ?? false,
    takesBrotli: acceptsBrotli(clientAcceptEncoding ?? headers.get('accept-encoding') ?? ''),
    conditions: {
      ifNoneMatch: headers.get('if-none-match'),
      ifRange: headers.get('if-range'),
      // RFC 9110, 14.2: a range means something for GET only.
      range: method === 'GET' ? headers.get('range') : null,
    },
    origin,
    origins: origin === url.origin ? [origin] : [origin, url.origin],
    secure: url.protocol === 'https:',
  };
}
