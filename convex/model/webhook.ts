/** GitHub's webhook: whether it is GitHub's, and what it says. */
import { z } from 'zod';
import { fromHex } from '../../action/contract/hash.ts';

/** A `workflow_run` event is some 40 kB; a larger body is refused unread, in bytes. */
export const MAX_WEBHOOK_BYTES = 1_000_000;

/**
 * Compares in constant time, which is what `verify` does.
 * @param header X-Hub-Signature-256
 */
export async function isSignedByGitHub(body: Uint8Array, header: string | null, secret: string): Promise<boolean> {
  const hex = /^sha256=([0-9a-f]{64})$/.exec(header ?? '')?.[1];
  if (hex === undefined) return false;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['verify']);
  return crypto.subtle.verify('HMAC', key, fromHex(hex), body as Uint8Array<ArrayBuffer>);
}

/** The few fields that are read of many. */
const completedRunSchema = z.object({
  action: z.literal('completed'),
  repository: z.object({ id: z.int().min(1) }),
  workflow_run: z.object({
    id: z.int().min(1),
    run_attempt: z.int().min(1),
    /** What `run-name` came to. */
    display_title: z.string().max(1000),
  }),
});

export interface EndedRun {
  id: string;
  attempt: number;
  title: string;
}

/** The run that ended; null when the event is about something else. */
export function parseEndedRun(event: string | null, body: unknown, repositoryId: string): EndedRun | null {
  if (event !== 'workflow_run') return null;
  const parsed = completedRunSchema.safeParse(body);
  if (!parsed.success || String(parsed.data.repository.id) !== repositoryId) return null;
  const { id, run_attempt: attempt, display_title: title } = parsed.data.workflow_run;
  return { id: String(id), attempt, title };
}
