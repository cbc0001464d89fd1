/** Loads modules for the page's script. */
/** Imports a module by its name in the import map, or by its address relative to the document. */
export function importModule<T>(name: string): Promise<T> {
  return import(name.startsWith('permaframe/') ? name : new URL(name, document.baseURI).href) as Promise<T>;
}

/** Tells whoever opens the console what went wrong in an author's code. */
export function logProblem(problem: { error: unknown }): void {
  console.error(problem.error);
}
