import { spelledOnce } from './enum-aliases.ts';

export const healthStatuses = spelledOnce([
  'Active',
  'Inactive',
  'ImpairedCommunication',
  'NoSensorData',
  'NoSensorDataImpairedCommunication',
  'Unknown',
]);

export const riskScores = spelledOnce(['None', 'Informational', 'Low', 'Medium', 'High']);

export const exposureLevels = spelledOnce(['None', 'Low', 'Medium', 'High']);

/** What machine actions do, as Defender for Endpoint names it; callers start them by names of our own. */
export const machineActionKinds = spelledOnce([
  'Isolate',
  'Unisolate',
  'RunAntiVirusScan',
  'CollectInvestigationPackage',
  'StopAndQuarantineFile',
  'RestrictCodeExecution',
  'UnrestrictCodeExecution',
  'Offboard',
  'LiveResponse',
]);

export const machineActionStatuses = spelledOnce([
  'Pending',
  'InProgress',
  'Succeeded',
  'Failed',
  'TimeOut',
  'Cancelled',
]);

export const isolationTypes = spelledOnce(['Full', 'Selective', 'UnManagedDevice']);

export const scanTypes = spelledOnce(['Quick', 'Full']);

export const indicatorTypes = spelledOnce([
  'FileSha1',
  'FileSha256',
  'FileMd5',
  'CertificateThumbprint',
  'IpAddress',
  'DomainName',
  'Url',
]);

export const indicatorActions = spelledOnce([
  'Alert',
  'Warn',
  'Block',
  'Audit',
  'BlockAndRemediate',
  'AlertAndBlock',
  'Allowed',
]);

export const indicatorSeverities = spelledOnce(['Informational', 'Low', 'Medium', 'High']);
