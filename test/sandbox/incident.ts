/** An incident as Defender XDR writes it. Instants are ISO 8601 in UTC with up to seven fractional digits. */
export interface Incident {
  readonly incidentId: number;
  redirectIncidentId: number | null;
  incidentName: string;
  readonly createdTime: string;
  lastUpdateTime: string;
  assignedTo: string | null;
  classification: string;
  determination: string;
  status: string;
  severity: string;
  tags: string[];
  comments: IncidentComment[];
  alerts: IncidentAlert[];
}

export interface IncidentComment {
  readonly comment: string;
  readonly createdBy: string;
  readonly createdTime: string;
}

export interface IncidentAlert {
  readonly alertId: string;
  readonly incidentId: number;
  readonly serviceSource: string;
  readonly creationTime: string;
  lastUpdatedTime: string;
  resolvedTime: string | null;
  readonly firstActivity: string;
  readonly lastActivity: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  status: string;
  readonly severity: string;
  readonly investigationId: number | null;
  readonly investigationState: string;
  classification: string | null;
  determination: string | null;
  readonly detectionSource: string;
  readonly detectorId: string;
  assignedTo: string | null;
  readonly actorName: string | null;
  readonly threatFamilyName: string | null;
  readonly mitreTechniques: readonly string[];
  readonly devices: readonly IncidentDevice[];
  readonly entities: readonly Readonly<Record<string, unknown>>[];
}

export interface IncidentDevice {
  readonly mdatpDeviceId: string;
  readonly deviceDnsName: string;
  readonly [property: string]: unknown;
}
