/** The session of the thread that is shown, told what the control plane says of it. */
import { useConvex } from 'convex/react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useConfig } from '../config.ts';
import { useSession } from '../session/session.ts';
import type { OpenThread } from '../workspace.ts';
import { type DraftStore, openDraftStore } from './draft-store.ts';
import { tellNews } from './news.ts';
import { type SessionState, ThreadSession } from './thread-session.ts';

const LOADING: SessionState = { workspace: null, failure: null, isElsewhere: false, newer: null, isSaving: false };

/** Opened once: the drafts of all threads are in it. Null when the browser keeps nothing. */
let draftStore: Promise<DraftStore | null> | null = null;

/** @param thread as the control plane has it now */
export function useThreadSession(thread: OpenThread & { newest: number }): {
  session: ThreadSession | null;
  state: SessionState;
} {
  const client = useConvex();
  const { convexUrl } = useConfig();
  const { person } = useSession().session;
  const [session, setSession] = useState<ThreadSession | null>(null);
  const latest = useRef(thread);
  latest.current = thread;
  const { thread: name, newest, project, title, role } = thread;
  // Somebody who may only look has no draft: the session begins anew when that changes.
  const mayEdit = role !== 'viewer';
  useEffect(() => {
    let opened: ThreadSession | null = null;
    let isGone = false;
    draftStore ??= openDraftStore().catch(() => null);
    void draftStore.then((store) => {
      if (isGone) return;
      const { thread, project, title, newest } = latest.current;
      const open = { thread, project, title, role: mayEdit ? latest.current.role : 'viewer' } as const;
      const draftKey = `${convexUrl}|${person}|${name}`;
      opened = new ThreadSession({ client, store, thread: open, newest, draftKey, onNews: tellNews });
      if (store === null) tellNews({ kind: 'draftFailed' });
      setSession(opened);
    });
    return () => {
      isGone = true;
      opened?.[Symbol.dispose]();
      setSession(null);
    };
  }, [client, convexUrl, person, name, mayEdit]);
  useEffect(() => {
    session?.setThread({ thread: name, project, title, role });
    session?.setNewest(newest);
  }, [session, name, project, title, role, newest]);
  const state = useSyncExternalStore(session?.subscribe ?? noop, session?.getState ?? loading);
  return { session, state };
}

const noop = () => () => {};
const loading = () => LOADING;
