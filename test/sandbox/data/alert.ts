import type { Incident, IncidentAlert, IncidentDevice } from '../incident.ts';
import type { Detection } from './detections.ts';
import { createEntities } from './entities.ts';
import type { Device, Estate } from './estate.ts';
import type { Random } from './random.ts';
import { toWireInstant } from './wire-instant.ts';

const minuteMs = 60_000;
const providerPrefix: Readonly<Record<string, string>> = {
  MicrosoftDefenderForEndpoint: 'da',
  OfficeATP: 'fa',
  AzureADIdentityProtection: 'ad',
  MicrosoftCloudAppSecurity: 'ca',
};

/** An alert of an incident, with the evidence on the device or about its owner. */
export function createAlert(
  estate: Estate,
  detection: Detection,
  device: Device,
  incident: Pick<Incident, 'incidentId' | 'createdTime' | 'lastUpdateTime' | 'status' | 'assignedTo'>,
  random: Random,
): IncidentAlert {
  const createdAt = Date.parse(incident.createdTime) - random.integer(0, 3) * minuteMs;
  const happenedAt = createdAt - random.integer(2, 30) * minuteMs;
  const isResolved = incident.status === 'Resolved';
  return {
    alertId: `${providerPrefix[detection.serviceSource] ?? 'da'}${random.hex(8)}-${random.hex(4)}-${random.hex(12)}_1`,
    incidentId: incident.incidentId,
    serviceSource: detection.serviceSource,
    creationTime: toWireInstant(createdAt, 7),
    lastUpdatedTime: incident.lastUpdateTime,
    resolvedTime: isResolved ? incident.lastUpdateTime : null,
    firstActivity: toWireInstant(happenedAt, 7),
    lastActivity: toWireInstant(happenedAt + random.integer(0, 60) * 1000, 7),
    title: detection.title,
    description: detection.description,
    category: detection.category,
    status: isResolved ? 'Resolved' : incident.status === 'InProgress' ? 'InProgress' : 'New',
    severity: detection.severity,
    investigationId: random.chance(0.4) ? random.integer(1000, 99_999) : null,
    investigationState: random.pick([
      'UnsupportedAlertType',
      'Queued',
      'Running',
      'Benign',
      'PendingApproval',
    ] as const),
    classification: null,
    determination: null,
    detectionSource: detection.detectionSource,
    detectorId: random.guid(),
    assignedTo: incident.assignedTo,
    actorName: null,
    threatFamilyName: detection.threatFamilyName ?? null,
    mitreTechniques: detection.mitreTechniques,
    devices: detection.evidence === 'process' ? [toIncidentDevice(device, createdAt)] : [],
    entities: createEntities(estate, detection, device, happenedAt, random),
  };
}

function toIncidentDevice(device: Device, seenAt: number): IncidentDevice {
  return {
    mdatpDeviceId: device.mdatpDeviceId,
    aadDeviceId: device.aadDeviceId,
    deviceDnsName: device.deviceDnsName,
    osPlatform: device.osPlatform,
    version: device.version,
    osProcessor: 'x64',
    osBuild: device.osBuild,
    healthStatus: 'Active',
    riskScore: 'Medium',
    rbacGroupName: device.rbacGroupName,
    rbacGroupId: device.rbacGroupId,
    firstSeen: toWireInstant(seenAt - 90 * 24 * 60 * minuteMs, 3),
    tags: [],
    defenderAvStatus: 'Updated',
    onboardingStatus: 'Onboarded',
    vmMetadata: null,
  };
}
