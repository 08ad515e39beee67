import type { Incident } from '../incident.ts';
import type { Column, ColumnType, Row, Table } from '../kql/table.ts';
import { createAlertRows } from './alert-rows.ts';
import { createDeviceRows } from './device-rows.ts';
import type { Estate } from './estate.ts';
import type { Random } from './random.ts';
import { createUserRows } from './user-rows.ts';

/** Columns are strings unless their type is given. */
const schemas: Readonly<Record<string, string>> = {
  AlertInfo: 'Timestamp:datetime AlertId Title Category Severity ServiceSource DetectionSource AttackTechniques',
  DeviceInfo:
    'Timestamp:datetime DeviceId DeviceName OSPlatform OSVersion OSBuild:long PublicIP MachineGroup OnboardingStatus IsAzureADJoined:bool LoggedOnUsers:dynamic ReportId:long',
  DeviceProcessEvents:
    'Timestamp:datetime DeviceId DeviceName ActionType FileName FolderPath SHA1 SHA256 ProcessId:long ProcessCommandLine AccountDomain AccountName AccountUpn AccountSid InitiatingProcessFileName InitiatingProcessId:long InitiatingProcessCommandLine ReportId:long',
  DeviceNetworkEvents:
    'Timestamp:datetime DeviceId DeviceName ActionType RemoteIP RemotePort:long RemoteUrl LocalIP LocalPort:long Protocol InitiatingProcessFileName InitiatingProcessCommandLine InitiatingProcessAccountName ReportId:long',
  EmailEvents:
    'Timestamp:datetime NetworkMessageId InternetMessageId SenderFromAddress SenderIPv4 RecipientEmailAddress Subject DeliveryAction DeliveryLocation ThreatTypes EmailDirection AttachmentCount:long UrlCount:long',
  IdentityLogonEvents:
    'Timestamp:datetime ActionType Application LogonType AccountName AccountDomain AccountUpn AccountObjectId DeviceName IPAddress Location FailureReason Protocol',
};

/**
 * The hunting tables of a tenant: the events behind its incidents, among ordinary ones. A row without a value for a column
 * has null there.
 */
export function createHuntingTables(
  estate: Estate,
  incidents: readonly Incident[],
  until: number,
  random: Random,
): ReadonlyMap<string, Table> {
  const rowsByTable: Readonly<Record<string, readonly Row[]>> = {
    AlertInfo: createAlertRows(incidents),
    ...createDeviceRows(estate, incidents, until, random),
    ...createUserRows(estate, incidents, until, random),
  };
  return new Map(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      { columns: schema.split(' ').map(toColumn), rows: (rowsByTable[name] ?? []).toSorted(byTimestamp) },
    ]),
  );
}

const columnTypes: readonly ColumnType[] = ['string', 'long', 'bool', 'datetime', 'dynamic'];

function toColumn(text: string): Column {
  const [name = '', typeName] = text.split(':');
  return { name, type: columnTypes.find((type) => type === typeName) ?? 'string' };
}

function byTimestamp(a: Row, b: Row): number {
  return Number(a.Timestamp) - Number(b.Timestamp);
}
