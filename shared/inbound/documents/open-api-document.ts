/** A JSON object of a document. */
export type Json = Record<string, unknown>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The subset of OpenAPI 3.1 that the app writes. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  security: Json[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; securitySchemes: Record<string, Json> };
}

export interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Record<string, { schema: Json }> };
  responses: Record<string, Response>;
  security?: Json[];
  /** Role that a caller's access token needs. A list: it depends on the input. */
  'x-required-role'?: string | readonly string[];
  /** Extensions for the workflow designer: https://learn.microsoft.com/connectors/custom-connectors/openapi-extensions */
  'x-ms-trigger'?: 'single' | 'batch';
  'x-ms-trigger-hint'?: string;
  'x-ms-trigger-metadata'?: Json;
  'x-ms-visibility'?: 'internal';
  /** Body of the notifications that the trigger receives. */
  'x-ms-notification-content'?: { description: string; schema: Json };
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: Json;
  style?: 'form';
  explode?: boolean;
}

export interface Response {
  description: string;
  headers?: Record<string, { description: string; schema: Json }>;
  content?: Record<string, { schema: Json }>;
}
