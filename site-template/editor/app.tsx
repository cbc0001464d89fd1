/** The editor: signed out, the list of projects, or one thread. */
import { ConvexProviderWithAuth, type ConvexReactClient, useConvexAuth, useMutation } from 'convex/react';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { Toaster } from 'sonner';
import { api } from '../../convex/_generated/api.js';
import { useConfig } from './config.ts';
import { ProjectsPage } from './projects/projects-page.tsx';
import { useRoute } from './route.ts';
import { forgetSession, type Presence, SessionContext, signIn, useSession } from './session/session.ts';
import { SignInPage } from './session/sign-in-page.tsx';
import { ConnectionBanner } from './shell/connection-banner.tsx';
import { FailureBoundary } from './shell/failure.tsx';
import { Loading } from './shell/loading.tsx';
import { useTheme } from './shell/theme.ts';

const ThreadPage = lazy(() => import('./shell/thread-page.tsx').then((module) => ({ default: module.ThreadPage })));

export function App({ client, start }: { client: ConvexReactClient; start: Presence }) {
  const config = useConfig();
  const [presence, setPresence] = useState(start);
  const { dark } = useTheme();
  const signOut = useCallback(
    (problem?: string) => {
      forgetSession();
      client.clearAuth();
      setPresence({ kind: 'signedOut', problem: problem ?? null });
    },
    [client],
  );
  const session = presence.kind === 'signedIn' ? presence.session : null;
  const signedIn = useMemo(() => session && { session, signOut }, [session, signOut]);
  return (
    <>
      {signedIn ? (
        <SessionContext value={signedIn}>
          <ConvexProviderWithAuth client={client} useAuth={useTokenAuth}>
            <ConnectionBanner />
            <SignedInOnly>
              <Page />
            </SignedInOnly>
          </ConvexProviderWithAuth>
        </SessionContext>
      ) : (
        <SignInPage problem={presence.kind === 'signedOut' ? presence.problem : null} onSignIn={() => signIn(config)} />
      )}
      <Toaster theme={dark ? 'dark' : 'light'} position="bottom-center" closeButton toastOptions={{ duration: 6000 }} />
    </>
  );
}

/** Convex asks for a fresh token now and then: ours is the one that there is, until it expires. */
function useTokenAuth() {
  const { session } = useSession();
  const fetchAccessToken = useCallback(async () => (session.expires > Date.now() ? session.token : null), [session]);
  return useMemo(() => ({ isLoading: false, isAuthenticated: true, fetchAccessToken }), [fetchAccessToken]);
}

/** Waits until the control plane has accepted the token, and tells it who is there. */
function SignedInOnly({ children }: { children: ReactNode }) {
  const { isLoading, isAuthenticated } = useConvexAuth();
  const { signOut } = useSession();
  const remember = useMutation(api.users.signIn);
  const [isKnown, setKnown] = useState(false);
  useEffect(() => {
    if (isLoading) return;
    if (!isAuthenticated) signOut('Your sign-in is not accepted any more. Nothing is lost: please sign in again.');
    // Without it the person can still work: each change remembers them, too.
    else
      void remember({})
        .catch(() => {})
        .finally(() => setKnown(true));
  }, [isLoading, isAuthenticated, remember, signOut]);
  return isAuthenticated && isKnown ? children : <Loading what="Signing in" />;
}

function Page() {
  const route = useRoute();
  return (
    <FailureBoundary key={route.kind === 'thread' ? route.thread : 'projects'}>
      {route.kind === 'thread' ? (
        <Suspense fallback={<Loading what="Opening the thread" />}>
          <ThreadPage key={route.thread} name={route.thread} />
        </Suspense>
      ) : (
        <ProjectsPage />
      )}
    </FailureBoundary>
  );
}
