import { readdir, readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { findCalls } from './expression.ts';
import { isFunction } from './functions.ts';
import { actionsSchema } from './run-workflow.ts';

const directory = new URL('../../examples/', import.meta.url);
const record = z.record(z.string(), z.unknown());
const parameters = z.record(z.string(), z.looseObject({ type: z.string() }));
const triggerSchema = z.looseObject({
  type: z.string(),
  inputs: z.optional(record),
  splitOn: z.optional(z.string()),
});
const workflowSchema = z.object({
  type: z.literal('Microsoft.Logic/workflows'),
  properties: z.object({
    parameters: z.record(z.string(), z.object({ value: z.unknown() })),
    definition: z.object({
      $schema: z.literal(
        'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
      ),
      contentVersion: z.literal('1.0.0.0'),
      parameters,
      triggers: z.record(z.string(), triggerSchema),
      actions: record,
      outputs: record,
    }),
  }),
});
const templateSchema = z.object({ parameters, resources: z.array(z.looseObject({ type: z.string() })) });

/** An example: an Azure Resource Manager template with one workflow. */
export interface WorkflowFile {
  template: z.output<typeof templateSchema>;
  /** Parameter values that the template passes to the workflow. */
  passed: z.output<typeof workflowSchema>['properties']['parameters'];
  definition: z.output<typeof workflowSchema>['properties']['definition'];
}

/** Folders of `examples/` that contain a workflow. */
export async function listWorkflows(): Promise<string[]> {
  const files = await readdir(directory, { recursive: true });
  return files.filter((file) => file.endsWith('/workflow.json')).map((file) => file.replace('/workflow.json', ''));
}

export async function readWorkflow(name: string): Promise<WorkflowFile> {
  const template = templateSchema.parse(
    JSON.parse(await readFile(new URL(`${name}/workflow.json`, directory), 'utf8')),
  );
  const { properties } = workflowSchema.parse(
    template.resources.find(({ type }) => type === 'Microsoft.Logic/workflows'),
  );
  return { template, passed: properties.parameters, definition: properties.definition };
}

/** The roles that the README of an example assigns to its managed identity. */
export async function readRoles(name: string): Promise<string[]> {
  const text = await readFile(new URL(`${name}/README.md`, directory), 'utf8');
  return [...text.matchAll(/^ *assign_role "\$principal" ([\w.]+)$/gm)].flatMap(([, role]) => role ?? []);
}

/** Mistakes that Azure would reject, and places where a run would reveal the function key. */
export function findFaults(workflow: WorkflowFile): string[] {
  return [...findTemplateFaults(workflow), ...findReferenceFaults(workflow), ...findKeyFaults(workflow)];
}

function findTemplateFaults({ template, passed, definition }: WorkflowFile): string[] {
  const text = JSON.stringify(template.resources);
  const named = new Set(
    [...text.matchAll(/"\[[^"]*?\]"/g)]
      .flatMap(([each]) => [...each.matchAll(/parameters\('(\w+)'\)/g)])
      .map(([, name = '']) => name),
  );
  const own = Object.keys(template.parameters);
  const taken = Object.keys(definition.parameters);
  return [
    ...[...named].filter((name) => !own.includes(name)).map((name) => `Unknown template parameter: ${name}`),
    ...own.filter((name) => !named.has(name)).map((name) => `Unused template parameter: ${name}`),
    ...taken.filter((name) => passed[name] === undefined).map((name) => `${name} is not passed to the workflow`),
    ...Object.keys(passed)
      .filter((name) => !taken.includes(name))
      .map((name) => `Unknown workflow parameter: ${name}`),
  ];
}

/** Every action at every depth, with its siblings. */
function listActions(
  actions: Record<string, unknown>,
): { name: string; action: z.output<typeof actionsSchema>[string]; beside: string[] }[] {
  const parsed = Object.entries(actionsSchema.parse(actions));
  return parsed.flatMap(([name, action]) => [
    { name, action, beside: Object.keys(actions) },
    ...listActions(action.actions ?? {}),
    ...listActions(action.else?.actions ?? {}),
  ]);
}

function findReferenceFaults({ definition }: WorkflowFile): string[] {
  const actions = listActions(definition.actions);
  const names = actions.map(({ name }) => name);
  const variables = JSON.stringify(
    actions.filter(({ action }) => action.type === 'InitializeVariable').map(({ action }) => action.inputs),
  );
  const known: Record<string, (name: string) => boolean> = {
    body: (name) => names.includes(name),
    outputs: (name) => names.includes(name),
    items: (name) => actions.some((each) => each.name === name && each.action.type === 'Foreach'),
    variables: (name) => variables.includes(`"name":"${name}"`),
    parameters: (name) => definition.parameters[name] !== undefined,
  };
  const calls = findCalls(definition.triggers).concat(findCalls(definition.actions));
  return [
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `Duplicate action: ${name}`),
    ...actions.flatMap(({ name, action, beside }) =>
      Object.keys(action.runAfter ?? {})
        .filter((former) => !beside.includes(former))
        .map((former) => `${name} runs after ${former}, which is not a sibling`),
    ),
    ...calls.filter(({ name }) => !isFunction(name)).map(({ name }) => `Unknown function: ${name}`),
    ...calls
      .filter(({ name, arguments: [first] }) => known[name]?.(String(first)) === false)
      .map(({ name, arguments: [first] }) => `Unknown name in ${name}('${first}')`),
  ];
}

const callsApp = (inputs: string): boolean =>
  inputs.includes(`"uri":"@{parameters('appUrl')}/api/`) ||
  /"uri":"@outputs\('\w+'\)\['headers'\]\['Location'\]"/.test(inputs);

/** Logic Apps retry unanswered requests. */
const isRepeatable = (inputs: string): boolean =>
  inputs.includes('"method":"GET"') || inputs.includes('/api/hunting"') || inputs.includes('"Idempotency-Key":');

const keyHeader = '"x-functions-key":"@parameters(\'functionKey\')"';
const identity = '"authentication":{"type":"ManagedServiceIdentity","audience":"@parameters(\'audience\')"}';

function findKeyFaults({ template, definition }: WorkflowFile): string[] {
  const steps = [
    ...Object.entries(definition.triggers),
    ...listActions(definition.actions).map(({ name, action }) => [name, action] as const),
  ].filter(([, { type }]) => type === 'Http');
  return [
    ...(template.parameters.functionKey?.type === 'securestring'
      ? []
      : ['The template parameter functionKey is not a securestring']),
    ...(definition.parameters.functionKey?.type === 'SecureString'
      ? []
      : ['The workflow parameter functionKey is not a SecureString']),
    ...steps.flatMap(([name, step]) => {
      const inputs = JSON.stringify(step.inputs);
      return [
        ...(inputs.includes(keyHeader) ? [] : [`${name} sends no key`]),
        ...(inputs.split('functionKey').length === 2 ? [] : [`${name} uses the key outside the header`]),
        ...(inputs.includes(identity) ? [] : [`${name} does not use the managed identity`]),
        ...(isRepeatable(inputs) ? [] : [`${name} is not safe to retry`]),
        ...(callsApp(inputs) ? [] : [`${name} does not call the app`]),
        ...(JSON.stringify(step.runtimeConfiguration)?.includes('"secureData":{"properties":["inputs"]}')
          ? []
          : [`The inputs of ${name} are not secured`]),
      ];
    }),
  ];
}
