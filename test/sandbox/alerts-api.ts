import type { Principal } from './access.ts';
import type { StoredAlert } from './alert-store.ts';
import { readAlertComment, readAlertUpdate } from './alert-update.ts';
import { graphEnumerations, toGraphAlert } from './data/graph-alert.ts';
import { type CloudAnswer, type CloudRequest, json } from './exchange.ts';
import { correlation, graphError } from './graph-error.ts';
import { UpdateError } from './incident-update.ts';
import { nameOf } from './incidents-api.ts';
import { hostsOf } from './national-cloud.ts';
import { type FilterableType, FilterError, parseFilter } from './odata-filter.ts';
import type { SandboxState } from './state.ts';

const supportedOptions = ['$count', '$filter', '$skip', '$top', '$skiptoken'];
const maximumSkip = 500;
/** What a client that does not ask for them gets as `unknownFutureValue`. */
const laterSources = [
  'microsoftDefenderForCloud',
  'microsoftSentinel',
  'microsoftInsiderRiskManagement',
  'microsoftThreatIntelligence',
  'microsoftSecurityForAI',
];
const sources = [
  'unknown',
  'microsoftDefenderForEndpoint',
  'microsoftDefenderForIdentity',
  'microsoftDefenderForCloudApps',
  'microsoftDefenderForOffice365',
  'microsoft365Defender',
  'azureAdIdentityProtection',
  'microsoftAppGovernance',
  'dataLossPrevention',
  ...laterSources,
];
const enumeration = (name: keyof typeof graphEnumerations, ...members: string[]) =>
  ({ type: 'enum', members, read: graphEnumerations[name] }) as const;

const filterable: FilterableType<StoredAlert> = {
  name: 'microsoft.graph.security.alert',
  properties: {
    assignedTo: { type: 'text', read: ({ alert }) => alert.assignedTo },
    createdDateTime: { type: 'instant', read: ({ alert }) => Date.parse(alert.creationTime) },
    lastUpdateDateTime: { type: 'instant', read: ({ alert }) => Date.parse(alert.lastUpdatedTime) },
    classification: { type: 'text', read: graphEnumerations.classification },
    determination: { type: 'text', read: graphEnumerations.determination },
    severity: enumeration('severity', 'unknown', 'informational', 'low', 'medium', 'high'),
    serviceSource: enumeration('serviceSource', ...sources),
    status: enumeration('status', 'unknown', 'new', 'inProgress', 'resolved'),
  },
};

/** Newest first. `$top` is the size of a page, and every page but the last has a link, which is the only way to continue. */
export function listAlerts(request: CloudRequest, state: SandboxState, principal: Principal): CloudAnswer {
  const url = new URL(request.url);
  const badRequest = (message: string) => graphError(400, 'BadRequest', message, request, state);
  const unsupported = [...url.searchParams.keys()].find(
    (name) => name.startsWith('$') && !supportedOptions.includes(name),
  );
  if (unsupported !== undefined) return badRequest(`Query option '${unsupported}' is not allowed.`);
  const position = readPosition(url.searchParams);
  if (!position) return badRequest(`$top and $skip have to be whole numbers, and $skip at most ${maximumSkip}.`);

  const { filter, top, skip } = position;
  try {
    const seen = visibleTo(principal, state);
    const found = filter === null ? seen : seen.filter(parseFilter(filter, filterable));
    const size = Math.min(top ?? state.behavior.alertPageSize, state.behavior.alertPageSize);
    const page = found.slice(skip, skip + size);
    const next = skip + page.length < found.length ? { filter, top, skip: skip + page.length } : undefined;
    const body = {
      '@odata.context': contextOf(state),
      ...(url.searchParams.get('$count') === 'true' && { '@odata.count': found.length }),
      value: page.map((each) => toWire(each, request, state, principal)),
      ...(next && { '@odata.nextLink': `${url.origin}${url.pathname}?$skiptoken=${encode(next)}` }),
    };
    return json(200, body, correlation(request));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return badRequest(error.message);
  }
}

export function getAlert(request: CloudRequest, state: SandboxState, principal: Principal, id: string): CloudAnswer {
  return withAlert(request, state, principal, id, (stored) => stored);
}

export function updateAlert(request: CloudRequest, state: SandboxState, principal: Principal, id: string): CloudAnswer {
  return withAlert(request, state, principal, id, (stored) =>
    alertsOf(principal, state).update(stored, readAlertUpdate(request.body, state.behavior.determinations)),
  );
}

/** Answers all comments of the alert. */
export function addAlertComment(
  request: CloudRequest,
  state: SandboxState,
  principal: Principal,
  id: string,
): CloudAnswer {
  const add = (stored: StoredAlert) =>
    alertsOf(principal, state).comment(stored, readAlertComment(request.body), nameOf(principal, state));
  return withAlert(request, state, principal, id, add, ({ comments }) => ({ value: comments }));
}

function withAlert(
  request: CloudRequest,
  state: SandboxState,
  principal: Principal,
  id: string,
  act: (stored: StoredAlert) => StoredAlert,
  toBody: (stored: StoredAlert) => object = (stored) => toWire(stored, request, state, principal),
): CloudAnswer {
  const stored = visibleTo(principal, state).find(({ alert }) => alert.alertId === id);
  if (!stored) return graphError(404, 'NotFound', `Alert ${id} was not found.`, request, state);
  try {
    const body = toBody(act(stored));
    return json(200, { '@odata.context': `${contextOf(state)}/$entity`, ...body }, correlation(request));
  } catch (error) {
    if (!(error instanceof UpdateError)) throw error;
    return graphError(400, 'BadRequest', error.message, request, state);
  }
}

const alertsOf = ({ claims }: Principal, state: SandboxState) => state.securityOf(claims.tid).alerts;

/** Users see the alerts of the incidents that they see. */
function visibleTo(principal: Principal, state: SandboxState): readonly StoredAlert[] {
  const all = alertsOf(principal, state).all();
  const { user } = principal;
  return user ? all.filter(({ incident }) => user.seesIncident(incident)) : all;
}

function toWire(stored: StoredAlert, { headers }: CloudRequest, { behavior }: SandboxState, { claims }: Principal) {
  const alert = toGraphAlert(stored, claims.tid);
  const showsAll = headers.prefer?.includes('include-unknown-enum-members') === true;
  const enumerations = Object.keys(graphEnumerations).map((name): [string, string] => {
    const value = String(alert[name]);
    const shown = !showsAll && laterSources.includes(value) ? 'unknownFutureValue' : value;
    return [
      name,
      behavior.alertEnumerations === 'camelCase' ? shown : shown.slice(0, 1).toUpperCase() + shown.slice(1),
    ];
  });
  return { ...alert, ...Object.fromEntries(enumerations) };
}

interface Position {
  readonly filter: string | null;
  readonly top: number | undefined;
  readonly skip: number;
}

/** Where a list is to begin: by its options or, further on, by a token that holds them all. */
function readPosition(options: URLSearchParams): Position | undefined {
  const token = options.get('$skiptoken');
  if (token !== null) return JSON.parse(Buffer.from(token, 'base64url').toString());
  const [top, skip] = [options.get('$top'), options.get('$skip') ?? '0'];
  if (!/^\d{1,6}$/.test(top ?? '1') || !/^\d{1,3}$/.test(skip) || Number(skip) > maximumSkip) return undefined;
  return { filter: options.get('$filter'), top: top === null ? undefined : Number(top), skip: Number(skip) };
}

const encode = (position: Position) => Buffer.from(JSON.stringify(position)).toString('base64url');

function contextOf({ world }: SandboxState): string {
  return `https://${hostsOf[world.nationalCloud].graph}/v1.0/$metadata#security/alerts_v2`;
}
