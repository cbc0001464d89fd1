import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getFunctionName } from 'convex/server';
import { build } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RATE_LIMITS, takeToken } from '../../convex/model/rateLimits.ts';
import * as references from '../../convex/model/references.ts';
import { linkKey, publicUrl, reportPins, runUrl, webhookSettings } from '../../convex/model/settings.ts';
import { generateConvexFiles, modulePaths } from '../../scripts/convex-codegen.ts';
import { ROOT_FOLDER } from '../../scripts/state.ts';
import { codeOf, ENVIRONMENT, modules } from './deployment.ts';

describe('the generated files', () => {
  it('are up to date: otherwise run `node scripts/convex-codegen.ts`', async () => {
    const folder = join(ROOT_FOLDER, 'convex/_generated');
    const committed = Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
    expect(committed).toEqual(await generateConvexFiles());
  });

  it('name the modules that there are', () => {
    expect(modulePaths()).toEqual(expect.arrayContaining(['http.ts', 'crons.ts', 'publishes.ts', 'model/access.ts']));
    expect(modulePaths()).not.toEqual(expect.arrayContaining(['schema.ts']));
  });
});

describe('the modules', () => {
  const folder = join(ROOT_FOLDER, 'convex');
  const isForNode = (path: string) => /^'use node';$/m.test(readFileSync(join(folder, path), 'utf8'));

  // With the options of Convex's bundler. Its own runtime has Web APIs only: an import of `node:` fails here.
  it.each([
    { runtime: 'Convex’s own runtime', platform: 'browser' as const },
    { runtime: 'Node', platform: 'node' as const },
  ])('bundle for $runtime', async ({ platform }) => {
    const entryPoints = [...modulePaths(), 'auth.config.ts'].filter(
      (path) => isForNode(path) === (platform === 'node'),
    );
    expect(entryPoints).toContain(platform === 'node' ? 'node/dispatch.ts' : 'http.ts');
    const { errors } = await build({
      entryPoints: entryPoints.map((path) => join(folder, path)),
      bundle: true,
      platform,
      format: 'esm',
      target: 'esnext',
      conditions: ['convex', 'module'],
      splitting: true,
      write: false,
      outdir: 'out',
      logLevel: 'silent',
    });
    expect(errors).toEqual([]);
  });
});

describe('functions that are called by name', () => {
  it('exist, are internal, and take what they are given', async () => {
    for (const [name, reference] of Object.entries(references)) {
      const [file = '', fn = ''] = getFunctionName(reference).split(':');
      const module = (await modules[`../../convex/${file}.ts`]?.()) as Record<string, Registered> | undefined;
      const found = module?.[fn];
      expect(found?.isInternal, name).toBe(true);
      const given = { 'node/control': ['thread'], 'node/renders': ['render'] }[file] ?? ['publish'];
      if (file.startsWith('node/'))
        expect(Object.keys(JSON.parse(found?.exportArgs() ?? '{}').value), name).toEqual(given);
    }
  });
});

interface Registered {
  isInternal?: boolean;
  exportArgs(): string;
}

describe('takeToken', () => {
  const limit = { burst: 3, refillMilliseconds: 1000 };

  it('lets a burst through, then one at a time', () => {
    let bucket = null;
    for (let count = 0; count < limit.burst; count++) {
      const taken = takeToken(bucket, limit, 0);
      if (taken.kind !== 'taken') throw new Error('empty too early');
      bucket = taken.bucket;
    }
    expect(takeToken(bucket, limit, 0)).toEqual({ kind: 'empty', retryAt: 1000 });
    expect(takeToken(bucket, limit, 999)).toEqual({ kind: 'empty', retryAt: 1000 });
    expect(takeToken(bucket, limit, 1000)).toMatchObject({ kind: 'taken', fullAt: 4000 });
  });

  it('never lets more through than the burst and what was refilled', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(RATE_LIMITS), limit), steps, (rule, waits) => {
        let bucket = null;
        let now = 1_700_000_000_000;
        const start = now;
        let through = 0;
        for (const wait of waits) {
          now += wait;
          const taken = takeToken(bucket, rule, now);
          if (taken.kind === 'empty') {
            // Trying again when it says so helps.
            expect(takeToken(bucket, rule, taken.retryAt).kind).toBe('taken');
            continue;
          }
          bucket = taken.bucket;
          through++;
        }
        expect(through).toBeLessThanOrEqual(rule.burst + (now - start) / rule.refillMilliseconds + 1e-6);
      }),
    );
  });

  it('gains nothing by a clock that goes back', () => {
    const bucket = { tokens: 0, at: 5000 };
    expect(takeToken(bucket, limit, 1000).kind).toBe('empty');
  });
});

describe('settings', () => {
  it('are read, with GitHub’s own addresses where none is given', () => {
    const run = { id: '5', attempt: 2 };
    expect(reportPins(ENVIRONMENT)).toMatchObject({
      issuer: 'https://token.actions.githubusercontent.com',
      audience: 'https://control.example.com',
      ref: 'refs/heads/main',
      // The workflow that makes videos stands beside the one that publishes: nothing more to set.
      workflowRefs: {
        publish: 'acme/films/.github/workflows/publish.yml@refs/heads/main',
        render: 'acme/films/.github/workflows/render.yml@refs/heads/main',
      },
    });
    expect(runUrl(ENVIRONMENT, run)).toBe('https://github.com/acme/films/actions/runs/5/attempts/2');
    const own = { ...ENVIRONMENT, PERMAFRAME_GITHUB_URL: 'http://127.0.0.1:99' };
    expect(runUrl(own, run)).toBe('http://127.0.0.1:99/acme/films/actions/runs/5/attempts/2');
    expect(linkKey(ENVIRONMENT).id).toBe('k1');
  });

  it.each([
    ['PERMAFRAME_WORKFLOW_REF', reportPins, 'acme/films/.github/workflows/publish.yml'],
    ['PERMAFRAME_WORKFLOW_REF', reportPins, 'acme/films/.github/workflows/publish.yml@main'],
    ['PERMAFRAME_REPOSITORY_ID', reportPins, 'acme'],
    ['PERMAFRAME_REPOSITORY_OWNER_ID', reportPins, ''],
    ['CONVEX_SITE_URL', reportPins, 'nowhere'],
    ['PERMAFRAME_PUBLIC_URL', publicUrl, 'https://share.example.com/path'],
    ['PERMAFRAME_PUBLIC_URL', publicUrl, 'javascript:alert(1)'],
    ['PERMAFRAME_GITHUB_WEBHOOK_SECRET', webhookSettings, 'hunter2'],
    ['PERMAFRAME_LINK_KEY', linkKey, '{"id":"k1","secret":"hunter2"}'],
    ['PERMAFRAME_LINK_KEY', linkKey, 'hunter2'],
  ])('%s that is wrong or missing is named, and its value is not', async (name, readIt, value) => {
    for (const env of [
      { ...ENVIRONMENT, [name]: value },
      { ...ENVIRONMENT, [name]: undefined },
    ]) {
      const call = Promise.resolve().then(() => readIt(env));
      expect(await codeOf(call)).toBe('CONFIG_INVALID');
      await call.catch(({ data }) => {
        expect(data.message).toContain(name);
        if (value !== '') expect(data.message).not.toContain(value);
      });
    }
  });
});
