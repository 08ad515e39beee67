import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import type { Reply } from './call.ts';

const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.uuid(),
  upstream: z.optional(
    z.strictObject({
      service: z.string(),
      status: z.optional(z.int()),
      code: z.optional(z.string()),
      requestId: z.optional(z.string()),
    }),
  ),
  errors: z.optional(z.array(z.strictObject({ in: z.string(), name: z.string(), detail: z.string() }))),
  nextStep: z.optional(z.string()),
});
export type Problem = z.infer<typeof problem>;

/** Asserts that a reply is a problem (RFC 9457) with the members of the API and the same id in header and body, and returns it. */
export function problemOf(reply: Reply): Problem {
  assert.match(reply.headers.get('content-type') ?? '', /^application\/problem\+json\b/, reply.text);
  const parsed = problem.parse(reply.json);
  assert.equal(parsed.status, reply.status);
  assert.equal(parsed.requestId, reply.headers.get('x-ms-request-id'));
  return parsed;
}

/** Asserts that a reply is this problem, and gives it for a closer look. */
export function assertProblem(reply: Reply, status: number, code: string): Problem {
  const found = problemOf(reply);
  assert.deepEqual({ status: reply.status, code: found.code }, { status, code }, reply.text);
  return found;
}

export function assertStatus(reply: Reply, status: number): void {
  assert.equal(reply.status, status, reply.text);
}

const incident = z.looseObject({ incidentId: z.int(), status: z.string(), severity: z.string() });
const page = z.strictObject({ value: z.array(incident), nextLink: z.optional(z.url()) });
type IncidentPage = z.infer<typeof page>;

/** Asserts that a reply is a page of incidents, and returns it. */
export function pageOf(reply: Reply): IncidentPage {
  assertStatus(reply, 200);
  return page.parse(reply.json);
}

export const idsOf = ({ value }: IncidentPage): number[] => value.map(({ incidentId }) => incidentId);

const alert = z.looseObject({ id: z.string(), status: z.string(), severity: z.string(), serviceSource: z.string() });
const alertPage = z.strictObject({ value: z.array(alert), nextLink: z.optional(z.url()) });

/** Asserts that a reply is a page of alerts, and returns it. */
export function alertPageOf(reply: Reply): z.infer<typeof alertPage> {
  assertStatus(reply, 200);
  return alertPage.parse(reply.json);
}

const machinePage = z.strictObject({
  value: z.array(z.looseObject({ id: z.string(), computerDnsName: z.string() })),
  nextLink: z.optional(z.url()),
});

/** Asserts that a reply is a page of machines, and returns it. */
export function machinePageOf(reply: Reply): z.infer<typeof machinePage> {
  assertStatus(reply, 200);
  return machinePage.parse(reply.json);
}

const indicatorPage = z.strictObject({
  value: z.array(z.looseObject({ id: z.string(), indicatorValue: z.string() })),
  nextLink: z.optional(z.url()),
});

/** Asserts that a reply is a page of indicators, and returns it. */
export function indicatorPageOf(reply: Reply): z.infer<typeof indicatorPage> {
  assertStatus(reply, 200);
  return indicatorPage.parse(reply.json);
}

const machineAction = z.looseObject({ id: z.uuid(), type: z.string(), status: z.string() });

/** Asserts that a reply is a machine action, and returns it. */
export function machineActionOf(reply: Reply): z.infer<typeof machineAction> {
  assert.ok(reply.status === 200 || reply.status === 202, reply.text);
  return machineAction.parse(reply.json);
}

const hunt = z.strictObject({
  schema: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  results: z.array(z.record(z.string(), z.unknown())),
});

/** Asserts that a reply is a hunting result, and returns it. */
export function huntOf(reply: Reply): z.infer<typeof hunt> {
  assertStatus(reply, 200);
  return hunt.parse(reply.json);
}
