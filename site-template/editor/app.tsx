/** The editor: signed out, the list of projects, or one thread. */
import { ConvexProviderWithAuth, type ConvexReactClient, useConvexAuth, useMutation } from 'convex/react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { Toaster } from 'sonner';
import { api } from '../../convex/_generated/api.js';
import { useConfig } from './config.ts';
import { ProjectsPage } from './projects/projects-page.tsx';
import { parseRoute, useRoute } from './route.ts';
import { forgetSession, type Presence, SessionContext, signIn, useSession } from './session/session.ts';
import { SignInPage } from './session/sign-in-page.tsx';
import { ConnectionBanner } from './shell/connection-banner.tsx';
import { FailureBoundary } from './shell/failure.tsx';
import { Loading } from './shell/loading.tsx';
import { useTheme } from './shell/theme.ts';

const loadThreadPage = () => import('./shell/thread-page.tsx').then((module) => ({ default: module.ThreadPage }));
const ThreadPage = lazy(loadThreadPage);
// While the person is being signed in.
if (parseRoute(location.hash).kind === 'thread') void loadThreadPage();

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
            <SignedInOnly />
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

/**
 * Waits until the control plane has accepted the token. Tells it who is there, which makes invitations theirs: what was
 * refused before is asked again.
 */
function SignedInOnly() {
  const { isLoading, isAuthenticated } = useConvexAuth();
  const { signOut } = useSession();
  const remember = useMutation(api.users.signIn);
  const [isKnown, setKnown] = useState(false);
  useEffect(() => {
    if (isLoading) return;
    if (isAuthenticated)
      void remember({}).then(
        () => setKnown(true),
        () => {},
      );
    else signOut('Your sign-in is not accepted any more. Nothing is lost: please sign in again.');
  }, [isLoading, isAuthenticated, remember, signOut]);
  return isAuthenticated ? <Page attempt={isKnown ? 'known' : 'new'} /> : <Loading what="Signing in" />;
}

function Page({ attempt }: { attempt: string }) {
  const route = useRoute();
  return (
    <FailureBoundary key={route.kind === 'thread' ? route.thread : 'projects'} attempt={attempt}>
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
