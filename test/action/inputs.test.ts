import { describe, expect, it } from 'vitest';
import { parseInputs, parsePublish, parseRunContext, secretsOf } from '../../action/inputs.ts';

const SHA = 'a'.repeat(40);
const RUNTIME = `runtime/manifest-${'b'.repeat(64)}.json`;
const GIVEN = {
  thread: 'film',
  project: 'films',
  version: '3',
  commit: SHA,
  'repository-folder': 'snapshot',
  publish: 'k57',
  callback: 'https://site.test/permaframe/report',
  'public-url': 'https://share.test/',
  runtime: RUNTIME,
  's3-endpoint': 'https://account.r2.test/',
  's3-bucket': 'pages',
  's3-access-key-id': 'theKeyId',
  's3-secret-access-key': 'theSecretKey',
  'github-token': 'ghs_token',
};

const environment = (own: Partial<Record<keyof typeof GIVEN, string>> = {}) =>
  Object.fromEntries(
    Object.entries({ ...GIVEN, ...own }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  );

const messageOf = (own: Partial<Record<keyof typeof GIVEN, string>>) => {
  try {
    parseInputs(environment(own));
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the inputs were taken');
};

describe('the inputs', () => {
  it('become one complete value', () => {
    expect(parseInputs(environment())).toEqual({
      thread: 'film',
      project: 'films',
      version: 3,
      commit: SHA,
      repositoryFolder: 'snapshot',
      publish: { id: 'k57', callback: 'https://site.test/permaframe/report' },
      publicUrl: 'https://share.test',
      runtime: RUNTIME,
      store: {
        endpoint: 'https://account.r2.test',
        bucket: 'pages',
        accessKeyId: 'theKeyId',
        secretAccessKey: 'theSecretKey',
        region: 'auto',
      },
      githubToken: 'ghs_token',
    });
  });

  it('may leave out what a republish finds by itself', () => {
    const own = { project: '', commit: '', publish: '', callback: '', 'github-token': '', 'repository-folder': '' };
    const nothing = { project: null, commit: null, publish: null, githubToken: null, repositoryFolder: '.' };
    expect(parseInputs(environment(own))).toMatchObject({ ...nothing, version: 3 });
  });

  it.each([
    [{ thread: '' }, 'thread is missing'],
    [{ thread: 'A film' }, 'thread must be 1 to 63 characters'],
    [{ thread: '../films' }, 'thread must be 1 to 63 characters'],
    [{ project: 'a/b' }, 'project must be 1 to 63 characters'],
    [{ version: '0' }, 'version must be a whole number from 1'],
    [{ version: '1e3' }, 'version must be a whole number from 1'],
    [{ version: '3\n4' }, 'version must be a whole number from 1'],
    [{ commit: 'main' }, 'commit must be a full commit id'],
    [{ commit: '--upload-pack=x' }, 'commit must be a full commit id'],
    [{ version: '', commit: '' }, 'version is missing, and so is commit'],
    [{ 'repository-folder': '/etc' }, 'repository-folder must be a folder inside the workspace'],
    [{ 'repository-folder': 'a/../../b' }, 'repository-folder must be a folder inside the workspace'],
    [{ publish: 'a b' }, 'publish must be 1 to 64 characters'],
    [{ callback: '' }, 'callback and publish go together'],
    [{ publish: '' }, 'callback and publish go together'],
    [{ callback: 'https://user@site.test/' }, 'callback must be an http or https address'],
    [{ callback: 'file:///etc/passwd' }, 'callback must be an http or https address'],
    [{ 'public-url': '' }, 'public-url is missing'],
    [{ 'public-url': 'https://share.test/films' }, 'public-url must be an http(s) address without a path'],
    [{ 'public-url': 'share.test' }, 'public-url must be an http(s) address without a path'],
    [{ runtime: '' }, 'runtime is missing'],
    [{ runtime: 'threads/film.json' }, 'runtime must be runtime/manifest-{sha256}.json'],
    [{ 's3-endpoint': '' }, 's3-endpoint must be set'],
    [{ 's3-bucket': 'a' }, 's3-bucket must be 3 to 63 characters'],
    [{ 's3-secret-access-key': '' }, 's3-secret-access-key must be set'],
  ])('%j: the message names the input', (own, message) => {
    expect(messageOf(own)).toContain(message);
  });

  it('names every input that is wrong, and quotes none', () => {
    const message = messageOf({ thread: 'EVIL', 'public-url': 'EVIL', commit: 'EVIL' });
    expect(message).toMatch(/thread .*; commit .*; public-url /);
    expect(message).not.toContain('EVIL');
    expect(messageOf({ 's3-access-key-id': 'EVIL EVIL' })).not.toContain('EVIL');
  });
});

describe('what is known when other inputs are wrong', () => {
  it('is who asked, if both parts of it are right', () => {
    expect(parsePublish(environment({ thread: '' }))).toEqual({ id: 'k57', callback: GIVEN.callback });
    expect(parsePublish(environment({ callback: '' }))).toBeNull();
    expect(parsePublish(environment({ publish: 'a b' }))).toBeNull();
  });

  it('is what must be masked', () => {
    expect(secretsOf(environment({ thread: '' }))).toEqual(['theKeyId', 'theSecretKey', 'ghs_token']);
    expect(secretsOf({})).toEqual([]);
  });
});

describe('the run', () => {
  const github = {
    GITHUB_REPOSITORY: 'owner/pages',
    GITHUB_API_URL: 'https://api.github.test/',
    GITHUB_SERVER_URL: 'https://github.test',
    GITHUB_RUN_ID: '42',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_WORKSPACE: '/work',
  };

  it('is read from the variables that GitHub sets', () => {
    expect(parseRunContext(github)).toEqual({
      repository: 'owner/pages',
      apiUrl: 'https://api.github.test',
      runUrl: 'https://github.test/owner/pages/actions/runs/42/attempts/2',
      workspace: '/work',
    });
  });

  it.each(Object.keys(github))('is refused without %s, by name', (name) => {
    expect(() => parseRunContext({ ...github, [name]: undefined })).toThrow(`${name} must be set`);
  });
});
