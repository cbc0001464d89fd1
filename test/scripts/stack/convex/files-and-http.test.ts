import { describe, expect, it } from 'vitest';
import { api, setUpServer } from './fixture.ts';

const suite = setUpServer();

describe('files', () => {
  it('are uploaded and downloaded by address', async () => {
    const address = (await suite.http.mutation(api.messages.uploadUrl, {})) as string;
    const body = new Uint8Array(100_000).map((_, index) => index);
    const uploaded = await fetch(address, { method: 'POST', headers: { 'Content-Type': 'image/png' }, body });
    const { storageId: id } = (await uploaded.json()) as { storageId: string };
    const download = (await suite.http.query(api.messages.fileUrl, { id })) as string;
    const answer = await fetch(download);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(body);
    expect(await suite.http.query(api.messages.fileInfo, { id })).toMatchObject({
      size: 100_000,
      contentType: 'image/png',
    });
    await suite.http.mutation(api.messages.deleteFile, { id });
    expect((await fetch(download)).status).toBe(404);
    expect(await suite.http.query(api.messages.fileUrl, { id })).toBeNull();
  });

  it('of an action are read back by it, and by their address', async () => {
    const id = (await suite.http.action(api.nested.actions.keep, { text: 'kept' })) as string;
    expect(await suite.http.action(api.nested.actions.readBack, { id })).toBe('kept');
    expect(await (await fetch((await suite.http.query(api.messages.fileUrl, { id })) as string)).text()).toBe('kept');
  });

  it('are not found by an address that was made up', async () => {
    const address = (await suite.http.mutation(api.messages.uploadUrl, {})) as string;
    expect((await fetch(`${address}x`, { method: 'POST', body: 'a' })).status).toBe(401);
    const id = (await suite.http.action(api.nested.actions.keep, { text: 'kept' })) as string;
    expect((await fetch(`${suite.server.url}/api/storage/${id}`)).status).toBe(404);
    expect((await fetch(`${suite.server.url}/api/storage/${id}.guess`)).status).toBe(404);
  });
});

describe('HTTP actions', () => {
  it('see address, method, headers and body, and answer status, headers, cookies and body', async () => {
    const headers = { 'X-Test': 'ü'.normalize('NFC'), Authorization: 'Bearer somebody-else' };
    const answer = await fetch(`${suite.server.siteUrl}/echo?a=1`, {
      method: 'POST',
      headers,
      body: new Uint8Array(300_000),
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-answer')).toBe('yes');
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await answer.json()).toEqual({
      url: `${suite.server.siteUrl}/echo?a=1`,
      method: 'POST',
      header: 'ü',
      authorization: 'Bearer somebody-else',
      bytes: 300_000,
      subject: null,
    });
  });

  it('know who calls with a token of this app', async () => {
    const headers = { Authorization: `Bearer ${await suite.sign('ada')}` };
    const answer = await fetch(`${suite.server.siteUrl}/echo`, { method: 'POST', headers });
    expect(await answer.json()).toMatchObject({ subject: 'ada' });
  });

  it('that fail or do not exist answer 500 and 404', async () => {
    const broken = await fetch(`${suite.server.siteUrl}/broken`);
    expect(broken.status).toBe(500);
    expect(await broken.json()).toEqual({
      code: expect.stringMatching(/^\[Request ID: .*\] Server Error$/),
      trace: 'Uncaught Error: broken on purpose',
    });
    expect((await fetch(`${suite.server.siteUrl}/nowhere`)).status).toBe(404);
  });
});
