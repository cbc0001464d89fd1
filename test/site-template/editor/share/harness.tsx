/** A host for Share on a real control plane, as bare as it gets. `window.host` is how a test edits and compiles. */
import { ConvexProvider, ConvexReactClient, useMutation } from 'convex/react';
import { useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { api } from '../../../../convex/_generated/api.js';
import type { CompileState } from '../../../../site-template/editor/share/availability.ts';
import { type JumpTo, Share } from '../../../../site-template/editor/share/index.ts';
import '../../../../site-template/editor/share/share.css';

/** A state that could be seen, and since when, in milliseconds since 1970. */
export interface Seen {
  state: string;
  at: number;
}

export interface Host {
  edit(path: string, text: string): void;
  compile(state: CompileState): void;
  jumps: JumpTo[];
  /** States of publishes that ended while this window watched. */
  ends: string[];
  /** As `ends`, of videos. */
  videoEnds: string[];
  /** What the button showed, and what the sheet did. */
  button: Seen[];
  sheet: Seen[];
}

type Files = Readonly<Record<string, string>>;
const FILES: Files = {
  'permaframe.json': JSON.stringify({ title: 'A page', kind: 'app', entry: 'app.tsx' }),
  'app.tsx': 'export default function App() {\n  return <h1>one</h1>;\n}\n',
};

const settings = new URLSearchParams(location.search);
const thread = settings.get('thread') ?? '';
const host: Host = { edit: () => {}, compile: () => {}, jumps: [], ends: [], videoEnds: [], button: [], sheet: [] };
Object.assign(window, { host });

function Hosted() {
  const signIn = useMutation(api.users.signIn);
  const [isSignedIn, setSignedIn] = useState(false);
  useEffect(() => void signIn().then(() => setSignedIn(true)), [signIn]);
  return isSignedIn && <Editor />;
}

function Editor() {
  const [files, setFiles] = useState(FILES);
  const [compile, setCompile] = useState<CompileState>({ kind: 'ok' });
  const saved = useRef<{ version: number; files: Files } | null>(null);
  const save = useMutation(api.versions.save);
  host.edit = (path, text) => setFiles((before) => ({ ...before, [path]: text }));
  host.compile = setCompile;
  const ensureSaved = async (): Promise<number> => {
    if (saved.current?.files === files) return saved.current.version;
    const base = Number(settings.get('base') ?? saved.current?.version ?? 0);
    const list = Object.entries(files).map(([path, text]) => ({ path, text }));
    const { version } = await save({ thread, base: saved.current?.version ?? base, files: list });
    saved.current = { version, files };
    return version;
  };
  return (
    <main>
      <h1>{thread}</h1>
      <Share
        thread={thread}
        compile={compile}
        ensureSaved={ensureSaved}
        hasChanges={saved.current !== null && saved.current.files !== files}
        onJump={(place) => host.jumps.push(place)}
        onEnd={({ state }) => host.ends.push(state)}
        onVideoEnd={({ state }) => host.videoEnds.push(state)}
      />
    </main>
  );
}

/** Notes each new state once a frame has shown it. */
function note(selector: string, seen: Seen[]): void {
  const state = document.querySelector<HTMLElement>(selector)?.dataset.state;
  if (state === undefined || state === seen.at(-1)?.state) return;
  const entry = { state, at: Number.NaN };
  seen.push(entry);
  requestAnimationFrame(() => {
    entry.at = Date.now();
  });
}
new MutationObserver(() => {
  note('.share-split', host.button);
  note('.share-panel', host.sheet);
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });

const client = new ConvexReactClient(settings.get('convex') ?? '');
client.setAuth(async () => (await fetch(`token?person=${settings.get('person')}`)).text());
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <ConvexProvider client={client}>
      <Hosted />
    </ConvexProvider>,
  );
}
