import type { Principal } from './access.ts';
import { defenderError } from './defender-error.ts';
import { type CloudAnswer, jsonText } from './exchange.ts';
import type { Incident } from './incident.ts';
import type { IncidentStore } from './incident-store.ts';
import { readIncidentUpdate, UpdateError } from './incident-update.ts';
import { type FilterableType, FilterError, parseFilter } from './odata-filter.ts';
import type { SandboxState } from './state.ts';
import type { User } from './user.ts';

const maximumTop = 100;
const supportedOptions = ['$filter', '$top', '$skip'];
const filterable: FilterableType<Incident> = {
  name: 'Incident',
  properties: {
    createdTime: { type: 'instant', read: ({ createdTime }) => Date.parse(createdTime) },
    lastUpdateTime: { type: 'instant', read: ({ lastUpdateTime }) => Date.parse(lastUpdateTime) },
    status: { type: 'text', read: ({ status }) => status },
    assignedTo: { type: 'text', read: ({ assignedTo }) => assignedTo },
  },
};

export function listIncidents(url: URL, state: SandboxState, { claims, user }: Principal): CloudAnswer {
  const unsupported = [...url.searchParams.keys()].find(
    (name) => name.startsWith('$') && !supportedOptions.includes(name),
  );
  if (unsupported !== undefined) {
    return odataError(`The query specified in the URI is not valid. Query option '${unsupported}' is not allowed.`);
  }
  const top = readCount(url.searchParams.get('$top') ?? String(maximumTop));
  const skip = readCount(url.searchParams.get('$skip') ?? '0');
  if (top === undefined) return odataError('Invalid value for $top query option: it is not a non-negative integer.');
  if (skip === undefined) return odataError('Invalid value for $skip query option: it is not a non-negative integer.');
  if (top > maximumTop) {
    return odataError(
      `The query specified in the URI is not valid. The limit of '${maximumTop}' for Top query has been exceeded. The value from the incoming request is '${top}'.`,
    );
  }
  const store = state.securityOf(claims.tid).incidents;
  const pageSize = Math.min(top, state.behavior.incidentPageSize);
  try {
    const key = `${url.origin}${url.search} ${pageSize} ${state.behavior.nextLinks}`;
    const makeList = () => {
      const found = select(visibleTo(user, store), url.searchParams.get('$filter'));
      const page = found.slice(skip, skip + pageSize);
      const isLast = !state.behavior.nextLinks || skip + page.length >= found.length;
      return toList(store, page, isLast ? undefined : nextPage(url, top, skip, page.length));
    };
    return jsonText(200, user ? makeList() : store.remember(key, makeList));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return odataError(`The query specified in the URI is not valid. ${error.message}`);
  }
}

export function getIncident(id: string, state: SandboxState, { claims, user }: Principal): CloudAnswer {
  const store = state.securityOf(claims.tid).incidents;
  const incident = findIncident(store, id, user);
  if (incident === undefined) return notFound(id);
  return jsonText(200, toEntity(store, incident));
}

export function updateIncident(id: string, body: string, state: SandboxState, principal: Principal): CloudAnswer {
  const store = state.securityOf(principal.claims.tid).incidents;
  const incident = findIncident(store, id, principal.user);
  if (incident === undefined) return notFound(id);
  const author = nameOf(principal, state);
  try {
    const changes = readIncidentUpdate(body, incident, state.behavior.determinations, author, state.now());
    return jsonText(200, toEntity(store, store.update(incident.incidentId, changes)));
  } catch (error) {
    if (!(error instanceof UpdateError)) throw error;
    return defenderError(400, 'InvalidRequestBody', error.message);
  }
}

/** Who does something, as comments name them. */
export function nameOf({ claims, user }: Principal, { world }: SandboxState): string {
  if (user) return user.userPrincipalName;
  const application = world.applications.find(({ clientId }) => clientId === claims.appid);
  return application?.displayName ?? claims.oid;
}

function visibleTo(user: User | undefined, store: IncidentStore): readonly Incident[] {
  return user ? store.all().filter(user.seesIncident) : store.all();
}

function select(incidents: readonly Incident[], filter: string | null): readonly Incident[] {
  return filter === null ? incidents : incidents.filter(parseFilter(filter, filterable));
}

/** A page that is complete by the caller's own `$top` has no next one; without `$top` the list continues to its end. */
function nextPage(url: URL, top: number, skip: number, served: number): string | undefined {
  const next = new URL(url);
  next.searchParams.set('$skip', String(skip + served));
  if (!url.searchParams.has('$top')) return next.href;
  if (served >= top) return undefined;
  next.searchParams.set('$top', String(top - served));
  return next.href;
}

const metadata = 'https://api.security.microsoft.com/api/$metadata#Incidents';

function toList(store: IncidentStore, page: readonly Incident[], nextLink: string | undefined): Uint8Array {
  const next = nextLink === undefined ? '' : `,"@odata.nextLink":${JSON.stringify(nextLink)}`;
  const value = page.map((incident) => store.toJson(incident)).join(',');
  return Buffer.from(`{"@odata.context":"${metadata}","value":[${value}]${next}}`);
}

function toEntity(store: IncidentStore, incident: Incident): string {
  return `{"@odata.context":"${metadata}/$entity",${store.toJson(incident).slice(1)}`;
}

function findIncident(store: IncidentStore, id: string, user: User | undefined): Incident | undefined {
  const incident = /^\d+$/.test(id) ? store.get(Number(id)) : undefined;
  return incident && (user?.seesIncident(incident) ?? true) ? incident : undefined;
}

function notFound(id: string): CloudAnswer {
  return defenderError(404, 'NotFound', `Incident ${id} was not found.`);
}

function odataError(message: string): CloudAnswer {
  return defenderError(400, 'ODataError', message);
}

function readCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
