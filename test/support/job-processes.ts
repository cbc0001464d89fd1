/** The processes of a local runner's jobs, and of the sandboxes that they start: found below the folder that jobs work in. */
import { readdir, readFile } from 'node:fs/promises';

export interface JobProcess {
  pid: number;
  line: string;
  user: number;
  /** Of the action, what it does; else empty. */
  mode: string;
}

export interface JobWatch {
  /** Of jobs, and of all that runs as a user of one of their sandboxes. */
  processes(): Promise<JobProcess[]>;
  /** Whether a browser of a job draws pictures. */
  isDrawing(): Promise<boolean>;
  /** The action that renders, and how many chunks it has complete. Null where there is none. */
  completeChunks(): Promise<{ pid: number; chunks: number } | null>;
}

const read = (path: string) => readFile(path, 'utf8').catch(() => '');

/** @param folder what TMPDIR was when the runner was started */
export function watchJobs(folder: string): JobWatch {
  /** Users that sandboxes had: each is nobody else. */
  const users = new Set<number>();
  const processes = async (): Promise<JobProcess[]> => {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const all = await Promise.all(pids.map(readProcess));
    const found = all.filter(({ line }) => line.includes(`${folder}/permaframe-job-`));
    for (const { user } of found) if (user > 1_000_000_000) users.add(user);
    return all.filter((each) => found.includes(each) || users.has(each.user));
  };
  return {
    processes,
    async isDrawing() {
      return (await processes()).some(({ line, user }) => users.has(user) && line.includes('--type=renderer'));
    },
    async completeChunks() {
      const job = (await processes()).find(({ mode }) => mode === 'render');
      const [, root] = / (\/\S*\/permaframe-job-[^/]+)\//.exec(job?.line ?? '') ?? [];
      if (!job || root === undefined) return null;
      const names = await readdir(`${root}/work/studio/studio/chunks`).catch(() => []);
      return { pid: job.pid, chunks: names.filter((name) => /^[0-9a-f]{64}\.ts$/.test(name)).length };
    },
  };
}

async function readProcess(pid: string): Promise<JobProcess> {
  const line = (await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ');
  const user = Number(/^Uid:\s+(\d+)/m.exec(await read(`/proc/${pid}/status`))?.[1] ?? 0);
  const mode = /\0INPUT_MODE=(\w+)/.exec(await read(`/proc/${pid}/environ`))?.[1] ?? '';
  return { pid: Number(pid), line, user, mode };
}
