import { defineEnum } from './enum-aliases.ts';

export const healthStatuses = defineEnum([
  'Active',
  'Inactive',
  'ImpairedCommunication',
  'NoSensorData',
  'NoSensorDataImpairedCommunication',
  'Unknown',
]);

export const riskScores = defineEnum(['None', 'Informational', 'Low', 'Medium', 'High']);

export const exposureLevels = defineEnum(['None', 'Low', 'Medium', 'High']);

/** `type` of a machine action in responses. Requests use the names of `machineActionTypes`. */
export const machineActionKinds = defineEnum([
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

export const machineActionStatuses = defineEnum([
  'Pending',
  'InProgress',
  'Succeeded',
  'Failed',
  'TimeOut',
  'Cancelled',
]);

export const isolationTypes = defineEnum(['Full', 'Selective', 'UnManagedDevice']);

export const scanTypes = defineEnum(['Quick', 'Full']);

export const indicatorTypes = defineEnum([
  'FileSha1',
  'FileSha256',
  'FileMd5',
  'CertificateThumbprint',
  'IpAddress',
  'DomainName',
  'Url',
]);

export const indicatorActions = defineEnum([
  'Alert',
  'Warn',
  'Block',
  'Audit',
  'BlockAndRemediate',
  'AlertAndBlock',
  'Allowed',
]);

export const indicatorSeverities = defineEnum(['Informational', 'Low', 'Medium', 'High']);
