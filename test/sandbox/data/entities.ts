import { createHash } from 'node:crypto';
import type { Detection } from './detections.ts';
import type { Device, Estate, Person } from './estate.ts';
import type { Random } from './random.ts';
import { toWireInstant } from './wire-instant.ts';

type Entity = Readonly<Record<string, unknown>>;

const everyProperty = [
  'sha1',
  'sha256',
  'fileName',
  'filePath',
  'processId',
  'processCommandLine',
  'processCreationTime',
  'parentProcessId',
  'parentProcessCreationTime',
  'ipAddress',
  'url',
  'accountName',
  'domainName',
  'userSid',
  'aadUserId',
  'userPrincipalName',
  'mailboxDisplayName',
  'mailboxAddress',
  'clusterBy',
  'sender',
  'recipient',
  'subject',
  'deliveryAction',
  'securityGroupId',
  'securityGroupName',
  'registryHive',
  'registryKey',
  'registryValueType',
  'registryValue',
  'deviceId',
] as const;

/** The entities of one alert: in half of the alerts as older rows are, with every property, else without nulls. */
export function createEntities(
  estate: Estate,
  detection: Detection,
  device: Device,
  happenedAt: number,
  random: Random,
): readonly Entity[] {
  const entities = [toUser(device.owner, estate), ...evidenceOf(detection, device, happenedAt, random)];
  if (random.chance(0.5)) return entities.map((entity) => ({ ...entity, verdict: 'Suspicious' }));
  const blank = Object.fromEntries(everyProperty.map((name) => [name, null]));
  return entities.map((entity) => ({ ...blank, ...entity }));
}

/** The hashes of a file, always the same for one name. */
export function hashesOf(fileName: string): { readonly sha1: string; readonly sha256: string } {
  const digest = (algorithm: string) => createHash(algorithm).update(fileName.toLowerCase()).digest('hex');
  return { sha1: digest('sha1'), sha256: digest('sha256') };
}

export function folderOf(fileName: string): string {
  return /^(?:powershell|schtasks|cmd|services|explorer|svchost|conhost)\.exe$/i.test(fileName)
    ? 'C:\\Windows\\System32'
    : 'C:\\Users\\Public\\Downloads';
}

function toUser({ accountName, userSid, aadUserId, userPrincipalName }: Person, { domain }: Estate): Entity {
  return { entityType: 'User', accountName, domainName: domain.split('.')[0], userSid, aadUserId, userPrincipalName };
}

function evidenceOf(detection: Detection, device: Device, happenedAt: number, random: Random): readonly Entity[] {
  const url = detection.remoteUrl === undefined ? [] : [{ entityType: 'Url', url: detection.remoteUrl }];
  switch (detection.evidence) {
    case 'process':
      return [...processAndFile(detection, device, happenedAt, random), ...url];
    case 'logon':
      return [{ entityType: 'Ip', ipAddress: `203.0.113.${random.integer(1, 254)}` }];
    case 'mail':
      return [toMessage(detection, device.owner), toMailbox(device.owner), ...url];
  }
}

function processAndFile(detection: Detection, device: Device, happenedAt: number, random: Random): readonly Entity[] {
  const fileName = detection.fileName ?? 'unknown.exe';
  const file = { ...hashesOf(fileName), fileName, filePath: folderOf(fileName), deviceId: device.mdatpDeviceId };
  const process = {
    entityType: 'Process',
    ...file,
    processId: random.integer(1000, 60_000),
    processCommandLine: detection.commandLine ?? fileName,
    processCreationTime: toWireInstant(happenedAt, 7),
    parentProcessId: random.integer(500, 9000),
    parentProcessCreationTime: toWireInstant(happenedAt - 60_000, 7),
  };
  return [process, { entityType: 'File', ...file }];
}

function toMessage({ subject, remoteUrl }: Detection, { userPrincipalName }: Person): Entity {
  return {
    entityType: 'MailMessage',
    sender: `noreply@${new URL(remoteUrl ?? 'https://mail.example').hostname}`,
    recipient: userPrincipalName,
    subject,
    deliveryAction: 'Delivered',
  };
}

function toMailbox({ displayName, userPrincipalName }: Person): Entity {
  return {
    entityType: 'MailBox',
    mailboxDisplayName: displayName,
    mailboxAddress: userPrincipalName,
    userPrincipalName,
  };
}
