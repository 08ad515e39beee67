import type { Incident } from '../incident.ts';
import type { Row } from '../kql/table.ts';
import { type Detection, detections } from './detections.ts';
import { folderOf, hashesOf } from './entities.ts';
import type { Device, Estate } from './estate.ts';
import type { Random } from './random.ts';

interface ProcessStart {
  readonly at: number;
  readonly device: Device;
  readonly fileName: string;
  readonly commandLine: string;
  readonly parent: string;
  readonly remoteUrl?: string | undefined;
}

const ordinary = [
  ['chrome.exe', 'chrome.exe --type=renderer', 'chrome.exe', 'https://www.bing.com/search'],
  ['OUTLOOK.EXE', 'OUTLOOK.EXE', 'explorer.exe', 'https://outlook.office365.com/owa'],
  ['svchost.exe', 'svchost.exe -k netsvcs -p', 'services.exe', 'https://fe3cr.delivery.mp.microsoft.com'],
  ['Teams.exe', 'Teams.exe --system-initiated', 'explorer.exe', 'https://teams.microsoft.com'],
  ['powershell.exe', 'powershell.exe -File C:\\Scripts\\Inventory.ps1', 'svchost.exe', undefined],
  ['conhost.exe', 'conhost.exe 0xffffffff -ForceV1', 'cmd.exe', undefined],
] as const;

const spanMs = 30 * 24 * 60 * 60 * 1000;
const ordinaryCount = 600;

export function createDeviceRows(estate: Estate, incidents: readonly Incident[], until: number, random: Random) {
  const starts = [...suspiciousStarts(estate, incidents), ...ordinaryStarts(estate, until, random)];
  return {
    DeviceInfo: estate.devices.flatMap((device) =>
      [1, 2, 3].map((days) => deviceRow(device, until - (days * spanMs) / 4, random)),
    ),
    DeviceProcessEvents: starts.map((start) => processRow(start, estate, random)),
    DeviceNetworkEvents: starts.flatMap((start) =>
      start.remoteUrl === undefined ? [] : [networkRow(start, start.remoteUrl, random)],
    ),
  };
}

/** What the endpoint alerts of the incidents were raised about. */
function suspiciousStarts(estate: Estate, incidents: readonly Incident[]): readonly ProcessStart[] {
  return incidents.flatMap(({ alerts }) =>
    alerts.flatMap((alert) => {
      const detection = detections.find(({ title }) => title === alert.title);
      const device = estate.devices.find(({ mdatpDeviceId }) => mdatpDeviceId === alert.devices[0]?.mdatpDeviceId);
      return detection && device ? [toStart(detection, device, Date.parse(alert.firstActivity))] : [];
    }),
  );
}

function toStart(detection: Detection, device: Device, at: number): ProcessStart {
  const fileName = detection.fileName ?? 'unknown.exe';
  return {
    at,
    device,
    fileName,
    commandLine: detection.commandLine ?? fileName,
    parent: detection.parent ?? 'explorer.exe',
    remoteUrl: detection.remoteUrl,
  };
}

function ordinaryStarts(estate: Estate, until: number, random: Random): readonly ProcessStart[] {
  return Array.from({ length: ordinaryCount }, () => {
    const [fileName, commandLine, parent, remoteUrl] = random.pick(ordinary);
    const at = until - random.integer(0, spanMs);
    return { at, device: random.pick(estate.devices), fileName, commandLine, parent, remoteUrl };
  });
}

function processRow({ at, device, fileName, commandLine, parent }: ProcessStart, estate: Estate, random: Random): Row {
  const { sha1, sha256 } = hashesOf(fileName);
  return {
    Timestamp: at,
    DeviceId: device.mdatpDeviceId,
    DeviceName: device.deviceDnsName,
    ActionType: 'ProcessCreated',
    FileName: fileName,
    FolderPath: `${folderOf(fileName)}\\${fileName}`,
    SHA1: sha1,
    SHA256: sha256,
    ProcessId: random.integer(1000, 60_000),
    ProcessCommandLine: commandLine,
    AccountDomain: estate.domain.split('.')[0] ?? '',
    AccountName: device.owner.accountName,
    AccountUpn: device.owner.userPrincipalName,
    AccountSid: device.owner.userSid,
    InitiatingProcessFileName: parent,
    InitiatingProcessId: random.integer(500, 9000),
    InitiatingProcessCommandLine: parent,
    ReportId: random.integer(1, 999_999),
  };
}

function networkRow({ at, device, fileName, commandLine }: ProcessStart, remoteUrl: string, random: Random): Row {
  return {
    Timestamp: at + random.integer(50, 5000),
    DeviceId: device.mdatpDeviceId,
    DeviceName: device.deviceDnsName,
    ActionType: 'ConnectionSuccess',
    RemoteIP: `198.51.100.${random.integer(1, 254)}`,
    RemotePort: remoteUrl.startsWith('https:') ? 443 : 80,
    RemoteUrl: remoteUrl,
    LocalIP: device.ipAddress,
    LocalPort: random.integer(49_152, 65_535),
    Protocol: 'Tcp',
    InitiatingProcessFileName: fileName,
    InitiatingProcessCommandLine: commandLine,
    InitiatingProcessAccountName: device.owner.accountName,
    ReportId: random.integer(1, 999_999),
  };
}

function deviceRow(device: Device, at: number, random: Random): Row {
  return {
    Timestamp: Math.floor(at),
    DeviceId: device.mdatpDeviceId,
    DeviceName: device.deviceDnsName,
    OSPlatform: device.osPlatform,
    OSVersion: device.version,
    OSBuild: device.osBuild,
    PublicIP: `192.0.2.${random.integer(1, 254)}`,
    MachineGroup: device.rbacGroupName,
    OnboardingStatus: 'Onboarded',
    IsAzureADJoined: device.osPlatform !== 'Linux',
    LoggedOnUsers: [{ UserName: device.owner.accountName, Sid: device.owner.userSid }],
    ReportId: random.integer(1, 999_999),
  };
}
