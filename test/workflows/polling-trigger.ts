import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import { evaluate } from './expression.ts';
import { callFunction } from './functions.ts';
import { type Platform, requestSchema } from './run-workflow.ts';
import type { WorkflowFile } from './workflow-file.ts';

/**
 * A polling trigger as in Logic Apps: 200 starts a run for each element of `splitOn`; the next poll goes to `Location`.
 * @returns a function that polls once and returns the trigger bodies of the runs.
 */
export function createPollingTrigger(
  { definition }: WorkflowFile,
  parameters: Record<string, unknown>,
  { send }: Pick<Platform, 'send'>,
): () => Promise<unknown[]> {
  const [trigger] = Object.values(definition.triggers);
  assert.equal(trigger?.type, 'Http');
  const resolve = (value: unknown, triggerBody: unknown) => {
    const nothing = new Map<string, unknown>();
    const context = { parameters, triggerBody, outputs: nothing, variables: nothing, loops: nothing, runName: '' };
    return evaluate(value, (call) => callFunction(call, { ...context, item: undefined }));
  };
  const request = requestSchema.parse(resolve(trigger.inputs, null));

  return async () => {
    const { statusCode, headers, body } = await send(request);
    assert.ok(statusCode === 200 || statusCode === 202, `${statusCode} ${JSON.stringify(body)}`);
    request.uri = headers.location ?? request.uri;
    return statusCode === 200 ? z.array(z.unknown()).parse(resolve(trigger.splitOn, body)) : [];
  };
}
