/** Compiles a project that changes: always its newest state, and nothing that is out of date already. */
import type { BuildOptions, BuildResult } from 'esbuild';
import type { Diagnostic } from '../../../action/contract/diagnostics.ts';
import { isPermaframeError, PermaframeError } from '../../../action/contract/errors.ts';
import type { RuntimeManifest } from '../../../action/contract/runtime.ts';
import { type CompileRuntime, compile, type Esbuild } from '../../../action/core/compile/compile.ts';
import { locate, type ModulePosition } from '../../../action/core/compile/locate.ts';
import { type ContextualEsbuild, createIncremental } from './incremental.ts';
import { withLoopGuards } from './loop-guards.ts';
import { type Check, Passes } from './passes.ts';
import { ProjectFiles, type ReadProject, toBuild } from './project.ts';
import type { Answer, Build, Request } from './protocol.ts';

export interface SessionTools {
  esbuild: ContextualEsbuild & Esbuild;
  /** Resolves with the libraries; called again after it has failed. */
  loadRuntime(): Promise<RuntimeManifest>;
  /** Reads a file of the runtime, by its key. */
  readRuntimeFile(key: string): Promise<string>;
  /** Reads what a file of the control plane holds. */
  fetchBytes(url: string): Promise<Uint8Array>;
  answer(answer: Answer): void;
  /** Lets what has arrived meanwhile be heard. */
  breathe(): Promise<void>;
  /** Leaves the machine to the page that draws what was compiled. */
  stepAside(): Promise<void>;
}

/** Projects that compiled, of which errors can still be located. */
const KEPT_PROJECTS = 4;

/** Between two looks at whether esbuild is still there, in milliseconds. */
const PULSE = 300;
/** A build of nothing. */
const NOTHING = { stdin: { contents: '' }, write: false, logLevel: 'silent' } as const;

/** A newer state of the files is there. */
class Superseded extends Error {}
/** esbuild has ended without an answer. */
class Crashed extends Error {}

export class CompilerSession {
  readonly #tools: SessionTools;
  readonly #files: ProjectFiles;
  readonly #incremental: Esbuild;
  /** By revision: what compiled lately. */
  readonly #compiled = new Map<number, ReadProject>();
  #lastCheck: Check | null = null;
  #runtime: Promise<CompileRuntime> | undefined;
  #latest = 0;
  #isRunning = false;

  constructor(tools: SessionTools) {
    this.#tools = tools;
    this.#files = new ProjectFiles(tools.fetchBytes);
    this.#incremental = createIncremental(tools.esbuild);
  }

  async handle(request: Exclude<Request, { kind: 'start' }>): Promise<void> {
    switch (request.kind) {
      case 'change':
        this.#files.change(request.put, request.remove);
        this.#latest = request.revision;
        return this.#run();
      case 'locate':
        return this.#locate(request.id, request.revision, request.positions);
      case 'guard':
        return this.#guard(request.id, request.revision);
    }
  }

  /** Fetches the libraries, unless that is done or under way. */
  async prepare(): Promise<CompileRuntime> {
    this.#runtime ??= this.#openRuntime();
    try {
      return await this.#runtime;
    } catch (error) {
      this.#runtime = undefined;
      throw error;
    }
  }

  async #openRuntime(): Promise<CompileRuntime> {
    const manifest = await this.#tools.loadRuntime();
    this.#tools.answer({ kind: 'runtime', manifest });
    const texts = new Map<string, Promise<string>>();
    const readText = (key: string): Promise<string> => {
      const reading = texts.get(key) ?? this.#tools.readRuntimeFile(key);
      texts.set(key, reading);
      reading.catch(() => texts.delete(key));
      return reading;
    };
    return { manifest, readText };
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let done = 0; done !== this.#latest; ) {
        done = this.#latest;
        const answer = await this.#compile(done);
        if (answer) this.#tools.answer(answer);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Null for what was superseded. */
  async #compile(revision: number): Promise<Answer | null> {
    const begin = performance.now();
    try {
      const project = await this.#files.read();
      const runtime = await this.prepare();
      const early = await this.#compileEarly(revision, project, runtime);
      if (early) return { kind: 'checked', revision, milliseconds: performance.now() - begin };
      const build = await this.#compileWhole(revision, project, runtime);
      return { kind: 'compiled', build, milliseconds: performance.now() - begin };
    } catch (error) {
      if (error instanceof Superseded) return null;
      if (error instanceof Crashed) return { kind: 'crashed', revision };
      return { kind: 'failed', revision, diagnostics: toDiagnostics(error) };
    }
  }

  /** @returns whether what was answered early is what a publish makes; if not, all of it is to be compiled */
  async #compileEarly(revision: number, project: ReadProject, runtime: CompileRuntime): Promise<boolean> {
    if (!this.#lastCheck) return false;
    const passes = new Passes(this.#watched(revision), this.#lastCheck);
    try {
      const compiled = await compile(passes.esbuild, project, runtime);
      if (!passes.isEarly) return false;
      this.#keep(revision, project);
      this.#tools.answer({ kind: 'early', build: toBuild(revision, project, compiled) });
      await this.#tools.stepAside();
      const isConfirmed = await passes.confirm();
      this.#lastCheck = passes.check;
      return isConfirmed;
    } catch (error) {
      if (isPermaframeError(error)) return false;
      throw error;
    }
  }

  async #compileWhole(revision: number, project: ReadProject, runtime: CompileRuntime): Promise<Build> {
    const passes = new Passes(this.#watched(revision), null);
    const compiled = await compile(passes.esbuild, project, runtime);
    this.#lastCheck = passes.check;
    this.#keep(revision, project);
    return toBuild(revision, project, compiled);
  }

  /** Ends between two passes once a newer state is there. What is no mistake in the sources is the end of esbuild. */
  #watched(revision: number): Esbuild {
    const build = async (options: BuildOptions): Promise<BuildResult> => {
      await this.#tools.breathe();
      if (this.#latest !== revision) throw new Superseded();
      return orCrash(this.#tools.esbuild, () => this.#incremental.build(options));
    };
    return { build: build as Esbuild['build'] };
  }

  #keep(revision: number, project: ReadProject): void {
    this.#compiled.set(revision, project);
    const [oldest] = this.#compiled.keys();
    if (oldest !== undefined && this.#compiled.size > KEPT_PROJECTS) this.#compiled.delete(oldest);
  }

  async #locate(id: number, revision: number, positions: readonly ModulePosition[]): Promise<void> {
    const project = this.#compiled.get(revision);
    const place =
      project && (await locate(this.#tools.esbuild, project, await this.prepare(), positions).catch(() => null));
    this.#tools.answer({ kind: 'located', id, place: place ?? null });
  }

  async #guard(id: number, revision: number): Promise<void> {
    const project = this.#compiled.get(revision);
    try {
      if (!project) throw new Error('the project is not there any more');
      const guarded = { ...project, files: withLoopGuards(project.files) };
      const compiled = await compile(this.#tools.esbuild, guarded, await this.prepare());
      this.#tools.answer({ kind: 'guarded', id, build: toBuild(revision, project, compiled) });
    } catch {
      this.#tools.answer({ kind: 'guarded', id, build: null });
    }
  }
}

/**
 * What waits for a rebuild waits for ever once WebAssembly has ended, by a stack that overflowed or by its own will. A
 * build that is asked for then fails: so one is, now and then.
 */
async function orCrash<R>(esbuild: Esbuild, work: () => Promise<R>): Promise<R> {
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const ask = (): void => void esbuild.build(NOTHING).catch(reject);
  const pulse = setInterval(ask, PULSE);
  try {
    return await Promise.race([work(), gone]);
  } catch (error) {
    if (Array.isArray((error as { errors?: unknown }).errors)) throw error;
    throw new Crashed('esbuild ended without an answer', { cause: error });
  } finally {
    clearInterval(pulse);
  }
}

function toDiagnostics(error: unknown): Diagnostic[] {
  if (isPermaframeError(error)) {
    return error.diagnostics.length > 0 ? [...error.diagnostics] : [{ code: error.code, message: error.message }];
  }
  console.error(error);
  return [{ code: 'BUNDLE_FAILED', message: 'the compiler failed' }];
}

/** For what could not be fetched. */
export function unreachable(what: string, cause: unknown): PermaframeError {
  return new PermaframeError('PAGE_UNREACHABLE', `${what} cannot be loaded: is there a connection?`, { cause });
}
