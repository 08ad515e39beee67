/**
 * The script of the docs page: sends a form as a call to this app and shows the reply as text. Key and token are read from their fields at
 * each call and stored nowhere.
 */
export const script = `
'use strict';
const [key, token] = ['key', 'token'].map((id) => document.getElementById(id));

for (const form of document.forms) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(form);
  });
}

async function send(form) {
  const [reply, button] = [form.querySelector('.reply'), form.querySelector('button')];
  button.disabled = true;
  reply.replaceChildren(block('p', 'Waiting for the reply …'));
  try {
    const { url, ...request } = toRequest(form);
    const startedAt = performance.now();
    const response = await fetch(url, request);
    const text = await response.text();
    const took = Math.round(performance.now() - startedAt) + ' ms';
    const headers = [...response.headers].map(([name, value]) => name + ': ' + value).join('\\n');
    reply.replaceChildren(
      block('p', response.status + ' ' + response.statusText + ', ' + took),
      block('pre', headers, 'Headers'),
      block('pre', indent(text), 'Body'),
    );
  } catch (error) {
    reply.replaceChildren(block('p', 'No reply: ' + error.message));
  } finally {
    button.disabled = false;
  }
}

function toRequest({ dataset, elements }) {
  const headers = new Headers();
  const query = new URLSearchParams();
  let path = dataset.path;
  let body;
  if (dataset.key === 'sent') {
    if (key.value !== '') headers.set('x-functions-key', key.value.trim());
    if (token.value !== '') headers.set('authorization', 'Bearer ' + token.value.trim());
  }
  for (const { name, value, dataset: { place, type } } of elements) {
    if (place === undefined || value === '') continue;
    if (place === 'path') path = path.replace('{' + name + '}', () => encodeURIComponent(value));
    if (place === 'query') query.set(name, value);
    if (place === 'header') headers.set(name, value);
    if (place === 'body') {
      headers.set('content-type', type);
      body = value;
    }
  }
  const url = new URL(path, location.href);
  url.search = query;
  return { url, method: dataset.method, headers, body, credentials: 'omit', cache: 'no-store', redirect: 'error' };
}

function block(tag, text, label) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (label !== undefined) {
    element.tabIndex = 0;
    element.setAttribute('role', 'region');
    element.setAttribute('aria-label', label);
  }
  return element;
}

function indent(text) {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
`;
