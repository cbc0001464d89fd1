/** The page that scripts/bench/share-visible.ts looks at: Share alone, which notes when a frame showed each state. */
import { ConvexProvider, ConvexReactClient } from 'convex/react';
import { createRoot } from 'react-dom/client';
import { Share } from '../../site-template/editor/share/index.ts';
import '../../site-template/editor/share/share.css';

/** State → when a frame showed it first, in milliseconds since 1970. */
const seen: Record<string, number> = {};
const settings = new URLSearchParams(location.hash.slice(1));
Object.assign(window, { seen });

new MutationObserver(() => {
  const state = document.querySelector<HTMLElement>('.share-panel')?.dataset.state;
  if (state === undefined || state in seen) return;
  seen[state] = Number.NaN;
  requestAnimationFrame(() => {
    seen[state] = Date.now();
  });
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });

const client = new ConvexReactClient(settings.get('convex') ?? '');
client.setAuth(async () => settings.get('token'));
const root = document.getElementById('root');
const version = Number(settings.get('version'));
if (root) {
  createRoot(root).render(
    <ConvexProvider client={client}>
      <Share
        thread={settings.get('thread') ?? ''}
        compile={{ kind: 'ok' }}
        ensureSaved={async () => version}
        embedSize={{ width: 16, height: 9 }}
      />
    </ConvexProvider>,
  );
}
