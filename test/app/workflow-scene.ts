import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import type { HttpReply, HttpRequest, Platform } from '../workflows/run-workflow.ts';
import type { InProcessTestApp } from './harness.ts';

/** Object id of the managed identity of the workflows. */
export const workflowIdentity = '33333333-aaaa-4bbb-8ccc-000000000001';
export const audience = 'api://app';

const mailSchema = z.object({ body: z.object({ To: z.string(), Subject: z.string(), Body: z.string() }) });

/** Collects the mails of a workflow. */
export function createMailbox() {
  const mails: z.output<typeof mailSchema>['body'][] = [];
  const connect = (_action: string, inputs: unknown) => void mails.push(mailSchema.parse(inputs).body);
  return { mails, connect };
}

/** The surroundings of a workflow whose managed identity has these roles. */
export function createWorkflowScene({ cloud, host }: InProcessTestApp, roles: readonly string[]) {
  async function send({ method, uri, headers, authentication, body }: HttpRequest): Promise<HttpReply> {
    assert.equal(authentication?.audience, audience);
    const authorization = `Bearer ${await cloud.signInApp({ objectId: workflowIdentity, roles })}`;
    const reply = await host.fetch(
      new Request(uri, {
        method,
        headers: { ...headers, authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const text = await reply.text();
    return {
      statusCode: reply.status,
      headers: Object.fromEntries(reply.headers),
      body: text === '' ? null : JSON.parse(text),
    };
  }

  const createPlatform = (changes: Partial<Platform> = {}): Platform => ({
    send,
    connect: (action) => assert.fail(`${action} is not expected`),
    wait: host.drainQueues,
    ...changes,
  });
  return { send, createPlatform };
}
