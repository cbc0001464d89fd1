/** The editor's side of the compiler: sends what has changed, and begins anew when the compiler's worker is lost. */
import type { Diagnostic, Place } from '../../../action/contract/diagnostics.ts';
import { MAX_BUNDLE_MILLISECONDS } from '../../../action/contract/limits.ts';
import type { RuntimeManifest } from '../../../action/contract/runtime.ts';
import type { Files, WorkspaceFile } from '../workspace.ts';
import type { Answer, Build, FileContent, ModulePosition, Request } from './protocol.ts';

export interface CompilerEvents {
  runtime(manifest: RuntimeManifest): void;
  /** There is something to see. What becomes of these files is said next. */
  seen(build: Build): void;
  compiled(build: Build, milliseconds: number): void;
  failed(revision: number, diagnostics: readonly Diagnostic[]): void;
}

/** As much of a `Worker` as is used. */
export interface CompilerWorker {
  postMessage(request: Request): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Answer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export interface CompilerSettings {
  publicUrl: string;
  runtimeKey: string;
  startWorker(): CompilerWorker;
  /** Fetches and compiles esbuild's WebAssembly. Called again after it has failed. */
  loadWasm(): Promise<WebAssembly.Module>;
  events: CompilerEvents;
}

/** How often one state of the files may end the compiler, before they are what is wrong. */
const MAX_CRASHES = 2;

type Asked = { resolve(answer: Answer | null): void };

export class CompilerClient {
  readonly #settings: CompilerSettings;
  #wasm: Promise<WebAssembly.Module> | undefined;
  #worker: CompilerWorker | undefined;
  /** What the worker knows of the files. */
  #sent: Files = new Map();
  #wanted: { revision: number; files: Files } | undefined;
  /** What may be seen before it has been checked. */
  #early: Build | undefined;
  #crashes = 0;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;
  #isDisposed = false;

  constructor(settings: CompilerSettings) {
    this.#settings = settings;
  }

  /** Begins to load the compiler. Files may be given at once: they wait. */
  async start(): Promise<void> {
    try {
      this.#wasm ??= this.#settings.loadWasm();
      const wasm = await this.#wasm;
      if (this.#isDisposed || this.#worker) return;
      this.#openWorker(wasm);
      this.#send();
    } catch (error) {
      console.error(error);
      this.#wasm = undefined;
      const message = 'the compiler cannot be loaded: is there a connection?';
      this.#fail({ code: 'PAGE_UNREACHABLE', message });
    }
  }

  /** Compiles these files. What was asked for before and is not done is given up. */
  update(revision: number, files: Files): void {
    if (files !== this.#wanted?.files) this.#crashes = 0;
    this.#wanted = { revision, files };
    if (this.#worker) this.#send();
    else void this.start();
  }

  /** Tries once more what has failed for want of a connection. */
  retry(): void {
    if (this.#wanted) this.update(this.#wanted.revision, this.#wanted.files);
  }

  async locate(revision: number, positions: ModulePosition[]): Promise<Place | null> {
    const answer = await this.#ask((id) => ({ kind: 'locate', id, revision, positions }));
    return answer?.kind === 'located' ? answer.place : null;
  }

  async guard(revision: number): Promise<Build | null> {
    const answer = await this.#ask((id) => ({ kind: 'guard', id, revision }));
    return answer?.kind === 'guarded' ? answer.build : null;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#closeWorker();
  }

  #openWorker(wasm: WebAssembly.Module): void {
    const { publicUrl, runtimeKey, startWorker } = this.#settings;
    const worker = startWorker();
    this.#worker = worker;
    this.#sent = new Map();
    worker.onmessage = ({ data }) => this.#hear(data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.#onCrash();
    };
    worker.postMessage({ kind: 'start', wasm, publicUrl, runtimeKey });
  }

  #closeWorker(): void {
    clearTimeout(this.#deadline);
    if (this.#worker) {
      this.#worker.onmessage = null;
      this.#worker.onerror = null;
      this.#worker.terminate();
    }
    this.#worker = undefined;
    for (const { resolve } of this.#asked.values()) resolve(null);
    this.#asked.clear();
  }

  #send(): void {
    if (!this.#worker || !this.#wanted) return;
    const { revision, files } = this.#wanted;
    this.#worker.postMessage({ kind: 'change', revision, ...changesBetween(this.#sent, files) });
    this.#sent = files;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#onTimeout(), MAX_BUNDLE_MILLISECONDS);
  }

  #hear(answer: Answer): void {
    const { events } = this.#settings;
    switch (answer.kind) {
      case 'runtime':
        events.runtime(answer.manifest);
        break;
      case 'located':
      case 'guarded':
        this.#asked.get(answer.id)?.resolve(answer);
        this.#asked.delete(answer.id);
        return;
      case 'crashed':
        this.#onCrash();
        break;
      case 'early':
        if (answer.build.revision !== this.#wanted?.revision) return;
        this.#early = answer.build;
        events.seen(answer.build);
        break;
      case 'checked':
        if (answer.revision !== this.#wanted?.revision || this.#early?.revision !== answer.revision) return;
        this.#finish(this.#early, answer.milliseconds);
        break;
      case 'compiled':
        if (answer.build.revision !== this.#wanted?.revision) return;
        events.seen(answer.build);
        this.#finish(answer.build, answer.milliseconds);
        break;
      case 'failed':
        if (answer.revision !== this.#wanted?.revision) return;
        clearTimeout(this.#deadline);
        events.failed(answer.revision, answer.diagnostics);
        break;
    }
  }

  #finish(build: Build, milliseconds: number): void {
    clearTimeout(this.#deadline);
    this.#early = undefined;
    this.#settings.events.compiled(build, milliseconds);
  }

  /** A fresh worker tries again: only a source that brings the compiler down twice is to blame. */
  #onCrash(): void {
    this.#crashes++;
    this.#closeWorker();
    if (this.#crashes < MAX_CRASHES) void this.start();
    else {
      const message = 'the compiler gave up on this source: it is nested too deeply';
      this.#fail({ code: 'BUNDLE_TOO_DEEP', message });
    }
  }

  #onTimeout(): void {
    this.#closeWorker();
    const message = `compiling took more than ${MAX_BUNDLE_MILLISECONDS / 1000} seconds, which is the limit`;
    this.#fail({ code: 'BUNDLE_TIMEOUT', message });
  }

  /** The next change opens a worker again. */
  #fail(diagnostic: Diagnostic): void {
    const revision = this.#wanted?.revision;
    if (revision !== undefined) this.#settings.events.failed(revision, [diagnostic]);
  }

  #ask(request: (id: number) => Request): Promise<Answer | null> {
    const worker = this.#worker;
    if (!worker) return Promise.resolve(null);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#asked.set(id, { resolve });
      worker.postMessage(request(id));
    });
  }
}

/** What turns one state of the files into another. */
export function changesBetween(
  before: Files,
  after: Files,
): Pick<Extract<Request, { kind: 'change' }>, 'put' | 'remove'> {
  const changed = [...after].filter(([path, file]) => before.get(path) !== file);
  const put = changed.map(([path, file]): [string, FileContent] => [path, toContent(file)]);
  return { put, remove: [...before.keys()].filter((path) => !after.has(path)) };
}

function toContent(file: WorkspaceFile): FileContent {
  if (file.kind === 'text') return { kind: 'text', text: file.text };
  const { sha256, bytes, content } = file;
  return { kind: 'binary', sha256, bytes, source: content.kind === 'blob' ? content.blob : content.url };
}
