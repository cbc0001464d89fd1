/** Reads what a preview frame says: it runs a project's code, which may say anything. */
import { z } from 'zod';
import type { FromFrame } from './protocol.ts';

const problem = z.object({
  message: z.string().max(1000),
  scene: z.string().max(200).nullable(),
  positions: z.array(z.object({ path: z.string().max(500), line: z.int(), column: z.int() })).max(100),
});

const frame = z.int().min(0);

const fromFrame: z.ZodType<FromFrame> = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['prepared', 'shown', 'sought', 'ended', 'pong']) }),
  z.object({ kind: z.enum(['failed', 'problem']), problem }),
  z.object({ kind: z.literal('frame'), frame }),
  z.object({ kind: z.literal('playing'), playing: z.boolean() }),
  z.object({ kind: z.literal('buffering'), waiting: z.boolean() }),
  z.object({ kind: z.literal('volume'), muted: z.boolean(), volume: z.number().min(0).max(1) }),
  z.object({ kind: z.literal('stuck'), file: z.string().max(500), line: z.int(), column: z.int() }),
]);

/** Null for what no frame of ours would say. */
export function hear(data: unknown): FromFrame | null {
  const parsed = fromFrame.safeParse(data);
  return parsed.success ? parsed.data : null;
}
