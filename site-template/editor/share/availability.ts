/** Whether Share may be pressed, and if not, why: in words that say what would help. */
import type { Place, ThreadView } from './control-plane.ts';
import type { Problem } from './problems.ts';
import { count, formatPlace } from './words.ts';

/** What the editor knows of the code as it stands. */
export type CompileState =
  | { kind: 'ok' }
  | { kind: 'failed'; count: number; first: Place & { message: string } }
  | { kind: 'compiling' };

/** What the person may do with the thread. */
export type Access = { kind: 'loading' } | { kind: 'refused'; problem: Problem } | { kind: 'open'; thread: ThreadView };

export type Availability =
  | { kind: 'ready' }
  /** `place`: where the code does not compile. */
  | { kind: 'blocked'; reason: string; place?: Place };

export function availabilityOf(access: Access, compile: CompileState): Availability {
  switch (access.kind) {
    case 'loading':
      return blocked('Loading …');
    case 'refused':
      return blocked(refusedReason(access.problem));
    case 'open':
      if (access.thread.role === 'viewer') {
        return blocked('You may look, but not share. The owner can make you an editor.');
      }
  }
  if (compile.kind !== 'failed') return { kind: 'ready' };
  const place = formatPlace(compile.first);
  const where = place === '' ? '' : compile.count === 1 ? ` in ${place}` : `, the first in ${place}`;
  return { ...blocked(`The code does not compile: ${count(compile.count, 'error')}${where}.`), place: compile.first };
}

/** Nobody is told whether a thread exists that they may not see. */
function refusedReason({ code, headline, advice }: Problem): string {
  if (code === 'NOT_FOUND') return 'You may not see this thread. Ask its owner to invite you.';
  if (code === 'NOT_ALLOWED') return 'Sign in to share.';
  return `${headline}. ${advice}`;
}

function blocked(reason: string): Extract<Availability, { kind: 'blocked' }> {
  return { kind: 'blocked', reason };
}

export function mayChange(access: Access): boolean {
  return access.kind === 'open' && access.thread.role !== 'viewer';
}
