/** Lets HTTP actions see the address that they were called at: convex-test calls them at one of its own. */
import type { ModuleMap } from './internals.ts';

type Handler = (ctx: unknown, request: Request) => Promise<Response>;
type HttpAction = Handler & { _handler?: Handler };

interface Router {
  lookup(path: string, method: string): readonly [HttpAction, ...unknown[]] | null;
}

/** The modules, with a `http` that passes requests on under `siteUrl`. */
export function withSiteUrl(modules: ModuleMap, siteUrl: string): ModuleMap {
  const entries = Object.entries(modules).map(([path, load]) => {
    if (!/^\/convex\/http\.[^.]+$/.test(path)) return [path, load];
    return [path, async () => ({ default: readdressed((await load()).default as Router, siteUrl) })];
  });
  return Object.fromEntries(entries);
}

function readdressed(router: Router, siteUrl: string): Router {
  return {
    lookup: (path, method) => {
      const found = router.lookup(path, method);
      if (found === null) return null;
      const [action, ...rest] = found;
      const handler = action._handler ?? action;
      const _handler: Handler = (ctx, request) => handler(ctx, requestAt(siteUrl, request));
      return [Object.assign(_handler, { _handler }), ...rest];
    },
  };
}

function requestAt(siteUrl: string, request: Request): Request {
  const { pathname, search } = new URL(request.url);
  const { method, headers, body } = request;
  return new Request(siteUrl + pathname + search, { method, headers, body, duplex: 'half' } as RequestInit);
}
