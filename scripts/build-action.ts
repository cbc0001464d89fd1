/**
 * Builds what the actions run on GitHub, where nothing of ours is installed: a bundle for each of them and for each child
 * process, esbuild's binary, and the licences of all of it. Neither the runtime nor the renderer is in it: see docs/deploy.md.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { build, version as esbuildVersion, type Metafile } from 'esbuild';
import { formatBytes } from '../action/contract/limits.ts';
import { ROOT_FOLDER, STATE_FOLDER } from './state.ts';

const CACHE_FOLDER = join(STATE_FOLDER, 'action');
/** Builds that nobody has made or asked for in this time are removed, in milliseconds. */
const KEPT_MILLISECONDS = 60 * 60 * 1000;
/** Everything that the bundle is made from, besides the packages that the lock file pins. */
const SOURCES = ['action', 'site-template/page'];
/** Code of packages whose licence does not let it be passed on, or that has no business on a runner. */
const UNWANTED = /^(@?remotion\b|react|preact|three|wrangler)/;
const LICENSE_FILE = /^(licen[cs]e|copying|notice)(\.(md|txt|mit|apache2?))?$/i;

export interface BuiltAction {
  /** Holds index.js and what lies beside it. */
  folder: string;
  /** File → bytes. */
  sizes: Record<string, number>;
}

/**
 * Builds into a folder of the state folder that is named by what it is made from, or finds it there.
 * Equal sources on equal platforms give equal bytes.
 */
export async function buildAction(): Promise<BuiltAction> {
  const folder = join(CACHE_FOLDER, cacheKey());
  if (!existsSync(folder)) await buildInto(folder);
  const now = new Date();
  await utimes(folder, now, now);
  await removeOld(now);
  const sizes: Record<string, number> = {};
  for (const name of readdirSync(folder).sort()) sizes[name] = (await stat(join(folder, name))).size;
  return { folder, sizes };
}

/** Each build is 15 MB, and every change of a source makes another. */
async function removeOld(now: Date): Promise<void> {
  for (const name of readdirSync(CACHE_FOLDER)) {
    const path = join(CACHE_FOLDER, name);
    const made = await stat(path).catch(() => null);
    if (made && made.mtimeMs < now.getTime() - KEPT_MILLISECONDS) await rm(path, { recursive: true, force: true });
  }
}

async function buildInto(folder: string): Promise<void> {
  await mkdir(CACHE_FOLDER, { recursive: true });
  const draft = await mkdtemp(join(CACHE_FOLDER, '.draft-'));
  try {
    const packages = new Set<string>();
    for (const [entry, name] of [
      ['action/main.ts', 'index.js'],
      ['action/adapters/esbuild-child.ts', 'compile-child.js'],
      ['action/render/main.ts', 'render.js'],
      ['action/adapters/remotion-child.ts', 'remotion-child.js'],
    ] as const) {
      for (const used of packagesIn(await bundle(entry, join(draft, name)))) packages.add(used);
    }
    const unwanted = [...packages].filter((path) => UNWANTED.test(nameOf(path)));
    if (unwanted.length > 0) throw new Error(`the action must not contain ${unwanted.map(nameOf).join(', ')}`);
    await copyFile(esbuildBinary(), join(draft, 'esbuild'));
    await chmod(join(draft, 'esbuild'), 0o755);
    await writeFile(join(draft, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`);
    await writeFile(join(draft, 'licenses.txt'), licenses([...packages, 'node_modules/esbuild']));
    // Who renders is nobody, and has to read it.
    await chmod(draft, 0o755);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  }
}

async function bundle(entry: string, outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    absWorkingDir: ROOT_FOLDER,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    charset: 'utf8',
    // Read by people who want to know what they run; still half of it is white space.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // What is still CommonJS asks for Node's own modules. By a name of its own: sources import the function, too.
    banner: {
      js: "import { createRequire as $requireOf } from 'node:module'; const require = $requireOf(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** Folders of the packages that a bundle has code of, relative to the root. */
function packagesIn({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const folders = inputs.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

function nameOf(folder: string): string {
  return folder.replace(/^.*node_modules\//, '');
}

function licenses(folders: readonly string[]): string {
  const texts = [...new Set(folders)].map((folder) => {
    const path = join(ROOT_FOLDER, folder);
    const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const file = readdirSync(path).find((candidate) => LICENSE_FILE.test(candidate));
    const text = file === undefined ? '' : `\n\n${readFileSync(join(path, file), 'utf8').trim()}`;
    return { title: `${name} ${version} (${license})`, text };
  });
  texts.sort((a, b) => (a.title < b.title ? -1 : 1));
  return `${texts.map(({ title, text }) => `${title}${text}`).join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** The binary of this platform, as esbuild's own package finds it. */
function esbuildBinary(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('esbuild'));
  const name = `@esbuild/${process.platform}-${process.arch}`;
  return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'esbuild');
}

function cacheKey(): string {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch} ${esbuildVersion}`);
  const files = SOURCES.flatMap((source) => {
    const names = readdirSync(join(ROOT_FOLDER, source), { recursive: true, encoding: 'utf8' });
    const own = names.filter((name) => /\.(tsx?|json)$/.test(name) && !/(^|\/)(dist|node_modules)\//.test(name));
    return own.map((name) => join(source, name));
  });
  for (const file of ['package-lock.json', 'scripts/build-action.ts', ...files.sort()]) {
    hash.update(`\n${file}\n`).update(readFileSync(join(ROOT_FOLDER, file)));
  }
  return hash.digest('hex').slice(0, 32);
}

/** `node scripts/build-action.ts [folder]`: builds, and copies it there. */
async function main([out = 'action/dist']: string[]): Promise<void> {
  const { folder, sizes } = await buildAction();
  const target = resolve(out);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const [name, bytes] of Object.entries(sizes)) {
    await copyFile(join(folder, name), join(target, name));
    process.stdout.write(`${formatBytes(bytes).padStart(10)}  ${join(relative('.', target) || '.', name)}\n`);
  }
}

if (import.meta.main) await main(process.argv.slice(2));
