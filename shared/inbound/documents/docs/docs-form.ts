import { isJson, type Json, type Operation, type Parameter } from '../open-api-document.ts';
import { type Markup, markup } from './markup.ts';

/** The form that calls an operation. It needs the script of the page: its policy forbids submitting forms. */
export function writeForm(path: string, method: string, operation: Operation): Markup {
  const { operationId, parameters, requestBody, security } = operation;
  const [[type = '', body] = []] = Object.entries(requestBody?.content ?? {});
  return markup`
<details>
<summary>Try it<span class="hidden">: ${operation.summary}</span></summary>
<form data-method="${method.toUpperCase()}" data-path="${path.slice(1)}" data-key="${security?.length === 0 ? 'none' : 'sent'}" autocomplete="off">
${parameters.map((parameter) => writeField(operationId, parameter))}
${body && writeBodyField(operationId, type, body.schema)}
<button>Send</button>
<div class="reply" role="status"></div>
</form>
</details>`;
}

function writeField(operationId: string, { name, in: place, required, schema }: Parameter): Markup {
  const id = `${operationId}-${name}`;
  const attributes = markup`id="${id}" name="${name}" data-place="${place}"${required && markup` required`}`;
  return markup`<label for="${id}">${name}${required && ' (required)'}</label>
${writeControl(attributes, schema)}
`;
}

function writeControl(attributes: Markup, schema: Json): Markup {
  const choices = schema.type === 'boolean' ? [true, false] : schema.enum;
  if (Array.isArray(choices)) {
    const options = choices.map((choice) => markup`<option>${String(choice)}</option>`);
    return markup`<select ${attributes}><option></option>${options}</select>`;
  }
  const { type, minimum, maximum, default: defaultValue } = schema;
  const bound = (name: 'min' | 'max', limit: unknown) => limit !== undefined && markup` ${name}="${String(limit)}"`;
  if (type === 'integer') {
    const hint = defaultValue === undefined ? '' : String(defaultValue);
    return markup`<input type="number" ${attributes}${bound('min', minimum)}${bound('max', maximum)} placeholder="${hint}">`;
  }
  return markup`<input ${attributes} placeholder="${type === 'array' ? 'comma-separated' : ''}">`;
}

function writeBodyField(operationId: string, type: string, schema: Json): Markup {
  const id = `${operationId}-body`;
  const example = JSON.stringify(exampleOf(schema), undefined, 2);
  return markup`<label for="${id}">Body (${type})</label>
<textarea id="${id}" data-place="body" data-type="${type}" rows="8" spellcheck="false" required>${example}</textarea>
`;
}

/** A minimal value of a schema: its required members, or its first one. */
function exampleOf(schema: Json): unknown {
  const { properties, required, type, default: defaultValue } = schema;
  if (defaultValue !== undefined) return defaultValue;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (isJson(properties)) {
    const names = Array.isArray(required) && required.length > 0 ? required : Object.keys(properties).slice(0, 1);
    const members = Object.entries(properties).filter(([name]) => names.includes(name));
    return Object.fromEntries(members.map(([name, member]) => [name, isJson(member) ? exampleOf(member) : null]));
  }
  if (type === 'array') return [];
  if (type === 'integer' || type === 'number') return 0;
  if (type === 'boolean') return false;
  return type === 'object' ? {} : '';
}
