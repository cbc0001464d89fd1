/** Sharing a thread: its live state, and all that a person may do about it. */
import { useMutation } from 'convex/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Availability, availabilityOf, type CompileState, mayChange } from './availability.ts';
import { isPublishOver } from './contract.ts';
import { CONTROL_PLANE, type PublishLine, type ShareFunctions, type Visibility } from './control-plane.ts';
import { type Problem, problemOfSave } from './problems.ts';
import { type Focus, type SharedVersion, sharedVersions } from './shared-versions.ts';
import { type Calls, useCalls } from './use-calls.ts';
import { type ThreadSharing, useThreadSharing } from './use-thread-sharing.ts';

export interface PublishOptions {
  thread: string;
  /** Of the code as it stands: while it does not compile, nothing is shared. */
  compile: CompileState;
  /**
   * Saves what is not saved yet, and says which version has it. Null when nothing was saved and the person knows why.
   * What it throws is shown.
   */
  ensureSaved(): Promise<number | null>;
  /** Called when the publish that is shown ends, whether the sheet is open or not. */
  onEnd?: ((publish: PublishLine) => void) | undefined;
  /** By default those of `convex/`. */
  functions?: ShareFunctions | undefined;
}

/** What is under way because the person asked for it. */
export type Busy =
  | Preparing
  | { kind: 'cancelling' | 'retrying' }
  | { kind: 'visibility'; visibility: Visibility }
  | { kind: 'latest' | 'takeDown' | 'restore' | 'link'; version: number };

/** Share was pressed, and there is no publish yet. */
export interface Preparing {
  kind: 'compiling' | 'saving' | 'requesting';
}

export function isPreparing(busy: Busy | null): busy is Preparing {
  return busy?.kind === 'compiling' || busy?.kind === 'saving' || busy?.kind === 'requesting';
}

export interface Sharing extends ThreadSharing {
  availability: Availability;
  /** Whether the person may change the thread at all, whatever the code is like. */
  mayChange: boolean;
  /** One line for each version that was shared, newest first. */
  versions: readonly SharedVersion[];
  /** Whether the last Share found its version published already: nothing has changed since. */
  wasThere: boolean;
  busy: Busy | null;
  /** Why the last call was refused. */
  refusal: Problem | null;
  dismiss(): void;
  /** Saves if need be, and asks for the version to be published. */
  share(): void;
  cancel(publish: string): void;
  /** The same version again, after it failed or was cancelled. */
  retry(publish: string): void;
  pinLatest(version: number): void;
  takeDown(version: number): void;
  restore(version: number): void;
  setVisibility(visibility: Visibility): void;
  /** A signed link that expires. Null when it was refused. */
  createLink(version: number, seconds: number): Promise<{ url: string; expires: number } | null>;
}

export function usePublish(options: PublishOptions): Sharing {
  const { thread, compile, functions = CONTROL_PLANE, onEnd } = options;
  const [asked, setAsked] = useState<(Focus & { wasThere: boolean }) | null>(null);
  const live = useThreadSharing(thread, asked, functions);
  const availability = useMemo(() => availabilityOf(live.access, compile), [live.access, compile]);
  const calls = useCalls<Busy>();
  const publishing = usePublishCalls(options, functions, live, calls, setAsked);
  const changing = useThreadCalls(thread, functions, calls);
  const share = useShareWhenCompiled(availability, compile, calls, publishing.save);
  useEnding(live.current, onEnd);
  const { access, publishes } = live;
  const versions = useMemo(
    () => (access.kind === 'open' ? sharedVersions(access.thread, publishes) : []),
    [access, publishes],
  );
  return {
    ...live,
    ...changing,
    share,
    availability,
    versions,
    mayChange: mayChange(access),
    wasThere: asked?.wasThere === true && asked.publish === live.current?.publish,
    busy: calls.busy,
    refusal: calls.refusal,
    dismiss: calls.dismiss,
    cancel: publishing.cancel,
    retry: publishing.retry,
  };
}

function usePublishCalls(
  { thread, ensureSaved }: PublishOptions,
  functions: ShareFunctions,
  { publishes }: ThreadSharing,
  { run, setBusy, refuse }: Calls<Busy>,
  setAsked: (asked: Focus & { wasThere: boolean }) => void,
) {
  const request = useMutation(functions.request);
  const retryAgain = useMutation(functions.retry);
  const callOff = useMutation(functions.cancel);
  const newestThen = publishes[0]?.publish ?? null;
  const show = ({ publish, isNew }: { publish: string; isNew: boolean }): void =>
    setAsked({ publish, newestThen, wasThere: !isNew });
  return {
    save: () =>
      run({ kind: 'saving' }, async () => {
        const version = await ensureSaved().catch((error: unknown) => {
          refuse(problemOfSave(error));
          return null;
        });
        if (version === null) return;
        setBusy({ kind: 'requesting' });
        show(await request({ thread, version }));
      }),
    retry: (publish: string) => void run({ kind: 'retrying' }, async () => show(await retryAgain({ publish }))),
    cancel: (publish: string) => void run({ kind: 'cancelling' }, () => callOff({ publish })),
  };
}

function useThreadCalls(thread: string, functions: ShareFunctions, { run }: Calls<Busy>) {
  const setLatest = useMutation(functions.setLatest);
  const takeDown = useMutation(functions.takeDown);
  const restore = useMutation(functions.restore);
  const setVisibility = useMutation(functions.setVisibility);
  const createLink = useMutation(functions.createLink);
  return {
    pinLatest: (version: number) => void run({ kind: 'latest', version }, () => setLatest({ thread, version })),
    takeDown: (version: number) => void run({ kind: 'takeDown', version }, () => takeDown({ thread, version })),
    restore: (version: number) => void run({ kind: 'restore', version }, () => restore({ thread, version })),
    setVisibility: (visibility: Visibility) =>
      void run({ kind: 'visibility', visibility }, () => setVisibility({ thread, visibility })),
    createLink: (version: number, seconds: number) =>
      run({ kind: 'link', version }, () => createLink({ thread, version, seconds })),
  };
}

/** Share, pressed while the code is still being compiled, waits for what comes of it. */
function useShareWhenCompiled(
  availability: Availability,
  compile: CompileState,
  { busy, setBusy }: Calls<Busy>,
  save: () => unknown,
): () => void {
  const isWaiting = busy?.kind === 'compiling';
  useEffect(() => {
    if (!isWaiting || compile.kind === 'compiling') return;
    setBusy(null);
    if (availability.kind === 'ready') save();
  }, [isWaiting, compile, availability, setBusy, save]);
  return () => {
    if (busy || availability.kind !== 'ready') return;
    if (compile.kind === 'compiling') setBusy({ kind: 'compiling' });
    else save();
  };
}

function useEnding(current: PublishLine | ThreadSharing['current'], onEnd: PublishOptions['onEnd']): void {
  const seen = useRef<{ publish: string; isOver: boolean } | null>(null);
  useEffect(() => {
    if (!current) return;
    const before = seen.current;
    const isOver = isPublishOver(current.state);
    seen.current = { publish: current.publish, isOver };
    if (isOver && before?.publish === current.publish && !before.isOver) onEnd?.(current);
  }, [current, onEnd]);
}
