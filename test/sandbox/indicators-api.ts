import { isIP } from 'node:net';
import type { Principal } from './access.ts';
import { defenderError } from './defender-error.ts';
import { type CloudAnswer, type CloudRequest, json, parseJsonObject } from './exchange.ts';
import { type Indicator, indicatorCap } from './indicator-store.ts';
import type { FilterableType } from './odata-filter.ts';
import { answerList, contextOf } from './odata-list.ts';
import type { SandboxState } from './state.ts';

const text = (member: string) => ({ type: 'text', read: (indicator: Indicator) => String(indicator[member]) }) as const;
const filterable: FilterableType<Indicator> = {
  name: 'Indicator',
  properties: {
    indicatorValue: text('indicatorValue'),
    indicatorType: text('indicatorType'),
    action: text('action'),
    severity: text('severity'),
    title: text('title'),
    application: text('application'),
    createdBy: text('createdBy'),
  },
};

const types = ['FileSha1', 'FileSha256', 'FileMd5', 'CertificateThumbprint', 'IpAddress', 'DomainName', 'Url'];
const actions = ['Alert', 'Warn', 'Block', 'Audit', 'BlockAndRemediate', 'AlertAndBlock', 'Allowed'];
const required = ['indicatorValue', 'indicatorType', 'action', 'title', 'description'];
const optional = [
  'application',
  'expirationTime',
  'severity',
  'recommendedActions',
  'rbacGroupNames',
  'educateUrl',
  'generateAlert',
  'externalId',
  'category',
  'mitreTechniques',
  'bypassDurationHours',
  'lookBackPeriod',
  'historicalDetection',
  'notificationId',
  'notificationBody',
];

export function listIndicators(request: CloudRequest, state: SandboxState, principal: Principal): CloudAnswer {
  const entities = storeOf(state, principal)
    .all()
    .filter((indicator) => isVisible(indicator, principal));
  return answerList({ url: new URL(request.url), entities, filterable, context: 'Indicators' });
}

export function submitIndicator(request: CloudRequest, state: SandboxState, principal: Principal): CloudAnswer {
  const body = parseJsonObject(request.body);
  if (!body) return defenderError(400, 'InvalidRequestBody', 'The request body is not valid.');
  const absent = required.find((name) => typeof body[name] !== 'string' || body[name] === '');
  if (absent !== undefined)
    return defenderError(400, 'MissingRequiredParameter', `The parameter ${absent} is missing.`);
  const unknown = Object.keys(body).find((name) => ![...required, ...optional].includes(name));
  if (unknown !== undefined) return defenderError(400, 'InvalidRequestBody', `The member ${unknown} is not known.`);

  const [indicatorValue, indicatorType, action] = [body.indicatorValue, body.indicatorType, body.action].map(String);
  if (!indicatorValue || !indicatorType || !types.includes(indicatorType)) return invalid('indicatorType');
  if (!action || !actions.includes(action)) return invalid('action');
  if (action === 'Audit' && body.generateAlert !== true) return invalid('generateAlert');
  if (indicatorType === 'IpAddress' && !isIP(indicatorValue)) {
    return defenderError(400, 'InvalidIpAddress', 'The IP address is not valid.');
  }
  const stored = storeOf(state, principal).upsert({
    severity: 'Informational',
    generateAlert: false,
    ...body,
    ...{ indicatorValue, indicatorType, action, createdBy: authorOf(principal) },
  });
  if (!stored) return defenderError(400, 'BadRequest', `The limit of ${indicatorCap} active indicators is reached.`);
  return json(200, { '@odata.context': contextOf(new URL(request.url), 'Indicators/$entity'), ...stored });
}

export function deleteIndicator(_: CloudRequest, state: SandboxState, principal: Principal, id: string): CloudAnswer {
  const store = storeOf(state, principal);
  const stored = store.get(id);
  if (!stored || !isVisible(stored, principal)) {
    return defenderError(404, 'ResourceNotFound', `Indicator ${id} was not found.`);
  }
  store.remove(id);
  return { status: 204, headers: {}, body: '' };
}

const storeOf = (state: SandboxState, { claims }: Principal) => state.securityOf(claims.tid).indicators;
const authorOf = ({ claims, user }: Principal): string => user?.objectId ?? claims.appid ?? claims.oid;

/** With `Ti.ReadWrite` alone, an application sees its own indicators only. */
function isVisible({ createdBy }: Indicator, principal: Principal): boolean {
  const { claims } = principal;
  const seesAll = claims.scp === undefined && claims.roles?.includes('Ti.ReadWrite.All') === true;
  return seesAll || createdBy === authorOf(principal);
}

function invalid(parameter: string): CloudAnswer {
  return defenderError(400, 'InvalidInput', `The value of ${parameter} is not valid.`);
}
