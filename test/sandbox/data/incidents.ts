import type { Incident, IncidentAlert, IncidentComment } from '../incident.ts';
import { createAlert } from './alert.ts';
import { type Detection, detections } from './detections.ts';
import type { Device, Estate } from './estate.ts';
import type { Random } from './random.ts';
import { toWireInstant } from './wire-instant.ts';

export interface IncidentSpan {
  readonly count: number;
  /** The last incident was created shortly before. */
  readonly until: number;
  readonly minimumBytes: number;
}

const hourMs = 60 * 60 * 1000;
const spanMs = 30 * 24 * hourMs;
const severities = ['Informational', 'Low', 'Medium', 'High'];

/** Incidents of the last 30 days, oldest first, with ids in the order of their creation. */
export function createIncidents(
  estate: Estate,
  { count, until, minimumBytes }: IncidentSpan,
  random: Random,
): Incident[] {
  const firstId = random.integer(20_000, 900_000);
  const step = spanMs / Math.max(count, 1);
  return Array.from({ length: count }, (_, index) => {
    const createdAt = Math.round(
      until - spanMs + index * step + random.integer(1, Math.max(1, Math.floor(step * 0.9))),
    );
    const incident = createIncident(estate, firstId + index, createdAt, until, random);
    while (JSON.stringify(incident).length < minimumBytes) {
      incident.alerts.push(createAlert(estate, random.pick(detections), random.pick(estate.devices), incident, random));
    }
    if (index > 0 && random.chance(0.03)) redirect(incident, firstId + random.integer(0, index - 1));
    return incident;
  });
}

function createIncident(
  estate: Estate,
  incidentId: number,
  createdAt: number,
  until: number,
  random: Random,
): Incident {
  const updatedAt = Math.min(createdAt + random.integer(1, 72) * hourMs * random.integer(0, 1) + 5 * 60_000, until);
  const age = (until - createdAt) / spanMs;
  const status = random.chance(age * 0.9) ? 'Resolved' : random.pickEarly(['Active', 'InProgress'] as const);
  const isFalseAlarm = random.chance(0.3);
  const wrote = (at: number) => toWireInstant(at, random.pick([7, 3, 0] as const));
  const incident: Incident = {
    incidentId,
    redirectIncidentId: null,
    incidentName: '',
    createdTime: wrote(createdAt),
    lastUpdateTime: wrote(updatedAt),
    assignedTo: status === 'Active' && random.chance(0.7) ? null : random.pick(estate.analysts),
    classification: status === 'Resolved' ? (isFalseAlarm ? 'FalsePositive' : 'TruePositive') : 'Unknown',
    determination: status === 'Resolved' ? determinationOf(isFalseAlarm, random) : 'NotAvailable',
    status,
    severity: 'UnSpecified',
    tags: random.chance(0.25) ? [random.pick(['VIP', 'Phishing campaign', 'Ransomware drill', 'auto'] as const)] : [],
    comments: random.chance(0.2) ? [createComment(estate, wrote(updatedAt), random)] : [],
    alerts: [],
  };
  const device = random.pick(estate.devices);
  const first = random.pickEarly(detections);
  const others = Array.from({ length: random.pickEarly([0, 1, 2, 3, 4] as const) }, () =>
    random.chance(0.6) ? first : random.pickEarly(detections),
  );
  const found = [first, ...others];
  incident.alerts = found.map((detection) => createAlert(estate, detection, device, incident, random));
  incident.severity = highestSeverity(incident.alerts);
  incident.incidentName = nameOf(found, device);
  return incident;
}

function determinationOf(isFalseAlarm: boolean, random: Random): string {
  return isFalseAlarm
    ? random.pick(['Clean', 'NoEnoughDataToValidate'] as const)
    : random.pick(['Malware', 'Phishing', 'CompromisedAccount', 'MultiStagedAttack'] as const);
}

function createComment(estate: Estate, createdTime: string, random: Random): IncidentComment {
  const comment = random.pick([
    'User confirmed the activity by phone.',
    'Reset the password and revoked the sessions.',
    'Device reimaged, nothing else found in the network.',
  ] as const);
  return { comment, createdBy: random.pick(estate.analysts), createdTime };
}

function highestSeverity(alerts: readonly IncidentAlert[]): string {
  const ranks = alerts.map(({ severity }) => severities.indexOf(severity));
  return severities[Math.max(...ranks)] ?? 'UnSpecified';
}

function nameOf(found: readonly Detection[], { deviceDnsName, owner }: Device): string {
  const categories = [...new Set(found.map(({ category }) => category))];
  const [first] = found;
  const isOnEndpoint = found.some(({ evidence }) => evidence === 'process');
  if (categories.length > 1) {
    const where = isOnEndpoint ? 'on one endpoint' : 'involving one user';
    return `Multi-stage incident involving ${categories.slice(0, 2).join(' & ')} ${where}`;
  }
  return `${first?.title} ${isOnEndpoint ? `on ${deviceDnsName}` : `involving ${owner.displayName}`}`;
}

/** A merged incident keeps its id and points to the one that has its alerts now. */
function redirect(incident: Incident, redirectIncidentId: number): void {
  Object.assign(incident, { status: 'Redirected', redirectIncidentId });
}
