/** The edge over objects in memory, with a clock that tests move. */
import { brotliCompressSync } from 'node:zlib';
import { vi } from 'vitest';
import { threadControlKey } from '../../../action/contract/keys.ts';
import {
  newThreadControl,
  serializeThreadControl,
  type ThreadControl,
} from '../../../action/contract/thread-control.ts';
import type { Additions } from '../../../site-template/edge/additions.ts';
import { handle } from '../../../site-template/edge/handler.ts';
import { type Bucket, newObjectMemory } from '../../../site-template/edge/objects.ts';
import { parseSettings, type SettingVariables } from '../../../site-template/edge/settings.ts';
import { newControlMemory } from '../../../site-template/edge/thread-controls.ts';

export function openEdge(objects: Record<string, string>, variables: SettingVariables = {}) {
  const reads: string[] = [];
  const bucket: Bucket = {
    async head(key) {
      reads.push(`head ${key}`);
      const content = objects[key];
      return content === undefined ? null : { size: content.length, httpEtag: '"tag"' };
    },
    async get(key, options) {
      reads.push(`get ${key}`);
      const content = objects[key];
      if (content === undefined) return null;
      const { offset, length } = options?.range ?? { offset: 0, length: content.length };
      const part = new Response(content.slice(offset, offset + length));
      return Object.assign(part, { size: content.length, httpEtag: '"tag"' });
    },
  } as Bucket;
  const clock = { now: Date.UTC(2026, 10, 17) };
  const cache = {
    match: vi.fn(async (): Promise<Response | undefined> => undefined),
    put: vi.fn(async () => undefined),
  };
  /** How often something was made that memory could have held. */
  const made = { pages: 0, compressed: [] as string[] };
  const deferred: Promise<void>[] = [];
  const capabilities = {
    bucket,
    cache,
    settings: parseSettings(variables),
    objects: newObjectMemory(),
    controls: newControlMemory(),
    now: () => clock.now,
    defer: (work: Promise<void>) => void deferred.push(work),
    // The real one needs Cloudflare's parser: the suite of videos is about it.
    addToPage: (page: Response, additions: Additions) => {
      made.pages++;
      return appendTo(page, additions.head);
    },
    compress: (content: Uint8Array, effort: 'best' | 'quick') => {
      made.compressed.push(effort);
      return new Uint8Array(brotliCompressSync(content));
    },
    clientAcceptEncoding: undefined,
  };
  const visit = (path: string, init?: RequestInit) =>
    handle(new Request(new URL(path, 'http://127.0.0.1:8787'), init), capabilities);
  return { visit, bucket, clock, cache, reads, objects, made, settled: () => Promise.all(deferred) };
}

export function artifact(control?: Partial<ThreadControl>): Record<string, string> {
  const objects = { 'artifacts/film/1/page.html': 'the page', 'artifacts/film/1/meta.json': '{}' };
  return control ? { ...objects, ...controlled(control) } : objects;
}

export function controlled(control: Partial<ThreadControl>): Record<string, string> {
  return { [threadControlKey('film')]: serializeThreadControl({ ...newThreadControl('film'), ...control }) };
}

function appendTo(page: Response, text: string): Response {
  const append = new TransformStream<Uint8Array, Uint8Array>({
    flush: (controller) => controller.enqueue(new TextEncoder().encode(text)),
  });
  return new Response(page.body?.pipeThrough(append));
}
