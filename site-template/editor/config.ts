/** `/config.json`: where this editor's control plane, sign-in and edge are. */
import { createContext, use } from 'react';
import { z } from 'zod';

const configSchema = z.strictObject({
  /** Of the control plane. */
  convexUrl: z.url(),
  /** The authorization endpoint of the OpenID Connect issuer. */
  signInUrl: z.url(),
  /** The client id, which tokens have as their audience. */
  audience: z.string().min(1),
  /** Origin of share links and of the runtime's modules. */
  publicUrl: z.url().transform((url) => url.replace(/\/$/, '')),
  /** Key of the runtime's manifest. */
  runtime: z.string().regex(/^runtime\/manifest-[0-9a-f]{64}\.json$/),
});

export type Config = z.infer<typeof configSchema>;

/** @throws Error in words for whoever set the editor up */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch('config.json', { cache: 'no-cache' });
  if (!answer.ok) throw new Error(`config.json was answered with ${answer.status}`);
  return configSchema.parse(await answer.json());
}

export const ConfigContext = createContext<Config | null>(null);

export function useConfig(): Config {
  const config = use(ConfigContext);
  if (config === null) throw new Error('the configuration is not loaded');
  return config;
}
