import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import { surface } from '../../../../functions/surface.ts';
import { createOpenApi } from '../../../../shared/inbound/documents/create-open-api.ts';
import { toSwagger } from '../../../../shared/inbound/documents/to-swagger.ts';
import { createApp } from '../../../../shared/inbound/register.ts';
import { toRegistrations } from '../../../../shared/inbound/registration.ts';
import { baseUrl, createTestApp } from '../http-call.ts';

export const app = createApp(toRegistrations(surface), createTestApp());
export const openApi = await createOpenApi(app, baseUrl);
export const swagger = toSwagger(openApi);

/** The member at a path of names. */
export const at = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce<unknown>((inner, name) => Object(inner)[name], value);

/** Every object of a document, however deep. */
export function* objectsOf(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield Object.fromEntries(Object.entries(value));
  for (const inner of Object.values(value)) yield* objectsOf(inner);
}

/** The parameters of an operation, by name. */
export const parametersOf = (document: unknown, path: string, method: string): Map<unknown, unknown> =>
  new Map(
    Object.values(Object(at(document, 'paths', path, method, 'parameters'))).map((each) => [at(each, 'name'), each]),
  );

export async function assertValid(document: object): Promise<void> {
  const { valid, errors } = await new Validator().validate(structuredClone({ ...document }));
  assert.ok(valid, JSON.stringify(errors));
}
