/** The two doors for GitHub: reports of runs, and its webhook. A root: reads the environment. */
import { httpRouter } from 'convex/server';
import { z } from 'zod';
import {
  MAX_REPORT_BYTES,
  REPORT_PATH,
  type ReportAnswer,
  renderReportSchema,
  reportSchema,
  WEBHOOK_PATH,
} from '../action/contract/reports.ts';
import { internal } from './_generated/api.js';
import { env, httpAction } from './_generated/server.js';
import { issuerKeys, verifyReportToken } from './model/reportToken.ts';
import { parseJsonBytes, readBounded } from './model/requestBody.ts';
import { reportPins, runUrl, webhookSettings } from './model/settings.ts';
import { isSignedByGitHub, MAX_WEBHOOK_BYTES, parseEndedRun } from './model/webhook.ts';

const anyReportSchema = z.union([reportSchema, renderReportSchema]);

/**
 * A report of a run. 200 with a ReportAnswer, whether anything changed or not; 401 without a valid token, 413 and 400
 * for a body that is no report, 503 while the issuer's keys cannot be had.
 */
const report = httpAction(async (ctx, request) => {
  const pins = reportPins(env);
  const token = /^Bearer ([\w.-]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token === undefined) return problem(401, 'a bearer token is needed');
  const body = await readBounded(request, MAX_REPORT_BYTES);
  if (body === null) return problem(413, `a report has at most ${MAX_REPORT_BYTES} bytes`);
  const verdict = await verifyReportToken(token, pins, issuerKeys(pins.issuer));
  switch (verdict.kind) {
    case 'invalid':
      return problem(401, 'the token is not valid');
    case 'unavailable':
      return problem(503, 'the keys of the issuer cannot be had at the moment');
    case 'foreign':
      return answer({ kind: 'refused', reason: 'unknown' });
    case 'run': {
      const parsed = anyReportSchema.safeParse(parseJsonBytes(body));
      if (!parsed.success) return problem(400, 'the body is not a report');
      const run = { ...verdict.run, url: runUrl(env, verdict.run) };
      // What makes videos says nothing about publishes, and the other way round.
      if (!(verdict.about in parsed.data)) return answer({ kind: 'refused', reason: 'unknown' });
      const { receive, receiveRender } = internal.reports;
      const receiver = verdict.about === 'publish' ? receive : receiveRender;
      return answer(await ctx.runMutation(receiver, { report: parsed.data, run }));
    }
  }
});

/** GitHub's webhook. 202 when a publish or a render is looked into, 204 when there is nothing to do. */
const webhook = httpAction(async (ctx, request) => {
  const { secret, repositoryId } = webhookSettings(env);
  const body = await readBounded(request, MAX_WEBHOOK_BYTES);
  if (body === null) return problem(413, `an event has at most ${MAX_WEBHOOK_BYTES} bytes`);
  const isGenuine = await isSignedByGitHub(body, request.headers.get('x-hub-signature-256'), secret);
  if (!isGenuine) return problem(401, 'the signature is not valid');
  const ended = parseEndedRun(request.headers.get('x-github-event'), parseJsonBytes(body), repositoryId);
  const outcome = ended && (await ctx.runMutation(internal.reports.runEnded, ended));
  return new Response(null, { status: outcome?.kind === 'asked' ? 202 : 204 });
});

function answer(body: ReportAnswer): Response {
  return Response.json(body);
}

function problem(status: number, message: string): Response {
  return Response.json({ error: message }, { status });
}

const http = httpRouter();
http.route({ path: REPORT_PATH, method: 'POST', handler: report });
http.route({ path: WEBHOOK_PATH, method: 'POST', handler: webhook });

export default http;
