/** Fetches esbuild's WebAssembly and compiles it while it arrives: 14 MB, but a browser keeps them. */

/** @throws when it cannot be fetched */
export async function loadWasm(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}`);
  // Some hosts of static files do not know the type, which streaming insists on.
  const isTyped = response.headers.get('content-type') === 'application/wasm';
  return isTyped ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
