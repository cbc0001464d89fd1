/** What a session has to say, as toasts. */
import { toast } from 'sonner';
import { readRefusal } from '../ui/refusal.ts';
import { formatAgo } from '../ui/time.ts';
import type { News } from './thread-session.ts';

export function tellNews(news: News): void {
  switch (news.kind) {
    case 'draftIsBack':
      toast(`Your unsaved changes are back (${formatAgo(news.savedAt, Date.now())}).`, {
        id: 'draft',
        action: { label: 'Discard', onClick: news.discard },
      });
      return;
    case 'followed':
      toast(`Version ${news.version} by ${news.author ?? 'somebody'} is here.`, { id: 'version' });
      return;
    case 'saved':
      toast.success(`Saved as version ${news.version}.`, { id: 'version' });
      return;
    case 'draftFailed':
      toast.warning('This browser does not keep drafts now. Save often: what is not saved is lost with this window.', {
        id: 'draft',
        duration: Number.POSITIVE_INFINITY,
      });
      return;
    case 'saveFailed': {
      const { message, advice } = readRefusal(news.error);
      toast.error(`Not saved: ${message}`, { id: 'version', ...(advice !== null && { description: advice }) });
    }
  }
}
