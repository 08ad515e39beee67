import type { StoredAlert } from '../alert-store.ts';
import { createEvidence } from './graph-evidence.ts';

/** Names of Graph for members that Defender XDR calls differently. */
const sources: Readonly<Record<string, string>> = {
  OfficeATP: 'microsoftDefenderForOffice365',
  AzureADIdentityProtection: 'azureAdIdentityProtection',
  MicrosoftCloudAppSecurity: 'microsoftDefenderForCloudApps',
};
const detectionSources: Readonly<Record<string, string>> = {
  WindowsDefenderAtp: 'microsoftDefenderForEndpoint',
  WindowsDefenderAv: 'antivirus',
  OfficeATP: 'microsoftDefenderForOffice365',
  AzureADIdentityProtection: 'azureAdIdentityProtection',
  MCAS: 'cloudAppSecurity',
  CustomerTI: 'customTi',
};
const productNames: Readonly<Record<string, string>> = {
  microsoftDefenderForEndpoint: 'Microsoft Defender for Endpoint',
  microsoftDefenderForOffice365: 'Microsoft Defender for Office 365',
  microsoftDefenderForCloudApps: 'Microsoft Defender for Cloud Apps',
  azureAdIdentityProtection: 'AAD Identity Protection',
};

/** The members of an alert that Graph's filters know, as it writes them. */
export const graphEnumerations = {
  status: ({ alert }: StoredAlert) => toCamelCase(alert.status),
  severity: ({ alert }: StoredAlert) => (alert.severity === 'UnSpecified' ? 'unknown' : toCamelCase(alert.severity)),
  classification: ({ alert }: StoredAlert) => toCamelCase(alert.classification ?? 'unknown'),
  determination: ({ alert }: StoredAlert) => toCamelCase(alert.determination ?? 'unknown'),
  serviceSource: ({ alert }: StoredAlert) => sources[alert.serviceSource] ?? toCamelCase(alert.serviceSource),
};

/** An alert of an incident as Graph shows it, with its own names and its evidence. */
export function toGraphAlert(stored: StoredAlert, tenantId: string): Readonly<Record<string, unknown>> {
  const { alert, incident, comments } = stored;
  const serviceSource = graphEnumerations.serviceSource(stored);
  const portal = 'https://security.microsoft.com';
  return {
    id: alert.alertId,
    providerAlertId: alert.alertId.slice(2),
    incidentId: String(incident.incidentId),
    status: graphEnumerations.status(stored),
    severity: graphEnumerations.severity(stored),
    classification: graphEnumerations.classification(stored),
    determination: graphEnumerations.determination(stored),
    serviceSource,
    detectionSource: detectionSources[alert.detectionSource] ?? 'unknown',
    productName: productNames[serviceSource] ?? null,
    detectorId: alert.detectorId,
    alertPolicyId: null,
    tenantId,
    title: alert.title,
    description: alert.description,
    recommendedActions: '',
    category: alert.category,
    assignedTo: alert.assignedTo,
    alertWebUrl: `${portal}/alerts/${alert.alertId}?tid=${tenantId}`,
    incidentWebUrl: `${portal}/incidents/${incident.incidentId}?tid=${tenantId}`,
    actorDisplayName: alert.actorName,
    threatDisplayName: null,
    threatFamilyName: alert.threatFamilyName,
    mitreTechniques: alert.mitreTechniques,
    createdDateTime: alert.creationTime,
    lastUpdateDateTime: alert.lastUpdatedTime,
    resolvedDateTime: alert.resolvedTime,
    firstActivityDateTime: alert.firstActivity,
    lastActivityDateTime: alert.lastActivity,
    comments,
    evidence: createEvidence(alert),
    systemTags: [],
    additionalData: null,
    customDetails: {},
  };
}

function toCamelCase(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
