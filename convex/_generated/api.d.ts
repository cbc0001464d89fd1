/* eslint-disable */
/**
 * Generated `api` utility.
 *
 * THIS CODE IS AUTOMATICALLY GENERATED.
 *
 * To regenerate, run `npx convex dev`.
 * @module
 */

import type {
  ApiFromModules,
  FilterApi,
  FunctionReference,
} from "convex/server";
import type * as cancelling from "../cancelling.js";
import type * as cleanup from "../cleanup.js";
import type * as controls from "../controls.js";
import type * as crons from "../crons.js";
import type * as dispatching from "../dispatching.js";
import type * as files from "../files.js";
import type * as http from "../http.js";
import type * as inspecting from "../inspecting.js";
import type * as model_access from "../model/access.js";
import type * as model_collaborators from "../model/collaborators.js";
import type * as model_controls from "../model/controls.js";
import type * as model_films from "../model/films.js";
import type * as model_inputs from "../model/inputs.js";
import type * as model_jobMachine from "../model/jobMachine.js";
import type * as model_jobs from "../model/jobs.js";
import type * as model_outbox from "../model/outbox.js";
import type * as model_publishMachine from "../model/publishMachine.js";
import type * as model_publishViews from "../model/publishViews.js";
import type * as model_published from "../model/published.js";
import type * as model_publishes from "../model/publishes.js";
import type * as model_rateLimits from "../model/rateLimits.js";
import type * as model_references from "../model/references.js";
import type * as model_refusal from "../model/refusal.js";
import type * as model_renderMachine from "../model/renderMachine.js";
import type * as model_renderRequests from "../model/renderRequests.js";
import type * as model_renderViews from "../model/renderViews.js";
import type * as model_renders from "../model/renders.js";
import type * as model_reportToken from "../model/reportToken.js";
import type * as model_requestBody from "../model/requestBody.js";
import type * as model_settings from "../model/settings.js";
import type * as model_snapshotRules from "../model/snapshotRules.js";
import type * as model_snapshots from "../model/snapshots.js";
import type * as model_storage from "../model/storage.js";
import type * as model_validators from "../model/validators.js";
import type * as model_webhook from "../model/webhook.js";
import type * as node_cancel from "../node/cancel.js";
import type * as node_control from "../node/control.js";
import type * as node_dispatch from "../node/dispatch.js";
import type * as node_dispatchFailure from "../node/dispatchFailure.js";
import type * as node_inspect from "../node/inspect.js";
import type * as node_renders from "../node/renders.js";
import type * as node_runs from "../node/runs.js";
import type * as node_settings from "../node/settings.js";
import type * as node_status from "../node/status.js";
import type * as projects from "../projects.js";
import type * as publishes from "../publishes.js";
import type * as rendering from "../rendering.js";
import type * as renders from "../renders.js";
import type * as reports from "../reports.js";
import type * as statuses from "../statuses.js";
import type * as sweep from "../sweep.js";
import type * as threads from "../threads.js";
import type * as users from "../users.js";
import type * as versions from "../versions.js";

/**
 * A utility for referencing Convex functions in your app's API.
 *
 * Usage:
 * ```js
 * const myFunctionReference = api.myModule.myFunction;
 * ```
 */
declare const fullApi: ApiFromModules<{
  cancelling: typeof cancelling;
  cleanup: typeof cleanup;
  controls: typeof controls;
  crons: typeof crons;
  dispatching: typeof dispatching;
  files: typeof files;
  http: typeof http;
  inspecting: typeof inspecting;
  "model/access": typeof model_access;
  "model/collaborators": typeof model_collaborators;
  "model/controls": typeof model_controls;
  "model/films": typeof model_films;
  "model/inputs": typeof model_inputs;
  "model/jobMachine": typeof model_jobMachine;
  "model/jobs": typeof model_jobs;
  "model/outbox": typeof model_outbox;
  "model/publishMachine": typeof model_publishMachine;
  "model/publishViews": typeof model_publishViews;
  "model/published": typeof model_published;
  "model/publishes": typeof model_publishes;
  "model/rateLimits": typeof model_rateLimits;
  "model/references": typeof model_references;
  "model/refusal": typeof model_refusal;
  "model/renderMachine": typeof model_renderMachine;
  "model/renderRequests": typeof model_renderRequests;
  "model/renderViews": typeof model_renderViews;
  "model/renders": typeof model_renders;
  "model/reportToken": typeof model_reportToken;
  "model/requestBody": typeof model_requestBody;
  "model/settings": typeof model_settings;
  "model/snapshotRules": typeof model_snapshotRules;
  "model/snapshots": typeof model_snapshots;
  "model/storage": typeof model_storage;
  "model/validators": typeof model_validators;
  "model/webhook": typeof model_webhook;
  "node/cancel": typeof node_cancel;
  "node/control": typeof node_control;
  "node/dispatch": typeof node_dispatch;
  "node/dispatchFailure": typeof node_dispatchFailure;
  "node/inspect": typeof node_inspect;
  "node/renders": typeof node_renders;
  "node/runs": typeof node_runs;
  "node/settings": typeof node_settings;
  "node/status": typeof node_status;
  projects: typeof projects;
  publishes: typeof publishes;
  rendering: typeof rendering;
  renders: typeof renders;
  reports: typeof reports;
  statuses: typeof statuses;
  sweep: typeof sweep;
  threads: typeof threads;
  users: typeof users;
  versions: typeof versions;
}>;
export declare const api: FilterApi<
  typeof fullApi,
  FunctionReference<any, "public">
>;
export declare const internal: FilterApi<
  typeof fullApi,
  FunctionReference<any, "internal">
>;
