/**
 * Names modules by their content. esbuild's outputs import each other under its own names; here each gets the
 * SHA-256 of its final text, which contains the names of what it imports: a name stands for all that it loads.
 */
import { compareText, sha256Hex } from '../../contract/hash.ts';

/** One output of esbuild. Paths are relative to its output folder. */
export interface OutputModule {
  path: string;
  text: string;
  /** Paths of the outputs that it imports, by import or import(). */
  imports: readonly string[];
}

export interface NamedModule {
  /** The output's path, with the last segment replaced by the name: `scenes/intro/{sha256}.js`. */
  path: string;
  text: string;
  sha256: string;
}

/**
 * @returns by the output's own path. Where modules import each other in a circle, no text can contain its own
 * hash: their names are hashes over the whole circle instead.
 */
export async function nameModules(outputs: readonly OutputModule[]): Promise<Map<string, NamedModule>> {
  const byPath = new Map(outputs.map((output) => [output.path, output]));
  const named = new Map<string, NamedModule>();
  const taken = new Set<string>();
  for (const circle of inDependencyOrder(byPath)) {
    const isCircle = circle.length > 1 || circle.some((output) => output.imports.includes(output.path));
    const inside = new Set(circle.map((output) => output.path));
    const known = circle.map((output) => ({ output, text: withNames(output, named, inside) }));
    if (!isCircle) {
      for (const { output, text } of known) named.set(output.path, await byContent(output, text));
      continue;
    }
    const whole = JSON.stringify(known.map(({ output, text }) => [output.path, text]));
    const names = new Map<string, NamedModule>();
    for (const { output } of known) names.set(output.path, await rename(output, `${output.path}\n${whole}`, ''));
    for (const { output, text } of known) {
      const renamed = withNames({ ...output, text }, names, new Set());
      named.set(output.path, { ...(names.get(output.path) as NamedModule), text: renamed });
    }
  }
  return named;

  /** Equal texts are modules of their own all the same: each has its own state. A comment tells them apart. */
  async function byContent(output: OutputModule, text: string, count = 1): Promise<NamedModule> {
    const own = count === 1 ? text : `${text}//${count}\n`;
    const module = await rename(output, own, own);
    if (taken.has(module.path)) return byContent(output, text, count + 1);
    taken.add(module.path);
    return module;
  }
}

async function rename(output: OutputModule, identity: string, text: string): Promise<NamedModule> {
  const sha256 = await sha256Hex(identity);
  return { path: `${folderOf(output.path)}${sha256}.js`, text, sha256 };
}

/** The text with esbuild's names replaced. Modules of `open` keep theirs for now. */
function withNames(output: OutputModule, named: ReadonlyMap<string, NamedModule>, open: ReadonlySet<string>): string {
  let text = output.text;
  for (const target of new Set(output.imports)) {
    const to = named.get(target);
    if (open.has(target) || !to) continue;
    const before = JSON.stringify(relative(output.path, target));
    if (!text.includes(before)) throw new Error(`${output.path} does not name ${target}, which it imports`);
    text = text.replaceAll(before, JSON.stringify(relative(output.path, to.path)));
  }
  return text;
}

/** Strongly connected components (Tarjan), what is imported before what imports it; members by path. */
function inDependencyOrder(outputs: ReadonlyMap<string, OutputModule>): OutputModule[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const components: OutputModule[][] = [];
  const visit = (path: string): void => {
    order.set(path, order.size);
    low.set(path, order.get(path) as number);
    stack.push(path);
    for (const target of outputs.get(path)?.imports ?? []) {
      if (!outputs.has(target)) continue;
      if (!order.has(target)) {
        visit(target);
        low.set(path, Math.min(low.get(path) as number, low.get(target) as number));
      } else if (stack.includes(target)) {
        low.set(path, Math.min(low.get(path) as number, order.get(target) as number));
      }
    }
    if (low.get(path) === order.get(path)) {
      const members = stack.splice(stack.indexOf(path)).sort(compareText);
      components.push(members.map((member) => outputs.get(member) as OutputModule));
    }
  };
  for (const path of [...outputs.keys()].sort(compareText)) if (!order.has(path)) visit(path);
  return components;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** How a module at `from` names one at `to`: always with a leading `./` or `../`. */
export function relative(from: string, to: string): string {
  const up = folderOf(from).split('/').slice(0, -1);
  const down = to.split('/');
  while (up.length > 0 && down.length > 1 && up[0] === down[0]) {
    up.shift();
    down.shift();
  }
  return `${up.length === 0 ? './' : '../'.repeat(up.length)}${down.join('/')}`;
}
