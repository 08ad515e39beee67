import { analystsOf } from '../user.ts';
import type { Random } from './random.ts';

/** The people and devices of a tenant. */
export interface Estate {
  readonly domain: string;
  /** Who handles incidents; they are not among the people. */
  readonly analysts: readonly [string, ...string[]];
  readonly people: readonly [Person, ...Person[]];
  readonly devices: readonly [Device, ...Device[]];
}

export interface Person {
  readonly displayName: string;
  readonly accountName: string;
  readonly userPrincipalName: string;
  readonly userSid: string;
  readonly aadUserId: string;
}

export interface Device {
  readonly mdatpDeviceId: string;
  readonly aadDeviceId: string;
  readonly deviceDnsName: string;
  readonly osPlatform: string;
  readonly version: string;
  readonly osBuild: number;
  readonly rbacGroupName: string;
  readonly rbacGroupId: number;
  readonly ipAddress: string;
  readonly owner: Person;
}

const names = [
  'Megan Bowen',
  'Alex Wilber',
  'Adele Vance',
  'Lynne Robbins',
  'Diego Siciliani',
  'Isaiah Langer',
  'Johanna Lorenz',
  'Joni Sherman',
  'Lee Gu',
  'Lidia Holloway',
  'Miriam Graham',
  'Nestor Wilke',
  'Patti Fernandez',
  'Pradeep Gupta',
  'Grady Archie',
  'Henrietta Mueller',
  'Irvin Sayers',
  'Christie Cline',
  'Debra Berger',
  'Emily Braun',
] as const;

const systems = [
  { osPlatform: 'Windows11', version: '24H2', osBuild: 26100, prefix: 'ws', group: 'Workstations', groupId: 42 },
  { osPlatform: 'Windows11', version: '23H2', osBuild: 22631, prefix: 'ws', group: 'Workstations', groupId: 42 },
  { osPlatform: 'Windows10', version: '22H2', osBuild: 19045, prefix: 'ws', group: 'Workstations', groupId: 42 },
  { osPlatform: 'WindowsServer2022', version: '21H2', osBuild: 20348, prefix: 'srv', group: 'Servers', groupId: 7 },
  { osPlatform: 'Linux', version: '22.04', osBuild: 0, prefix: 'lnx', group: 'Servers', groupId: 7 },
] as const;

const deviceCount = 32;

export function createEstate(domain: string, random: Random): Estate {
  const [first, ...others] = names;
  const domainSid = `S-1-5-21-${random.integer(1e8, 9e8)}-${random.integer(1e8, 9e8)}-${random.integer(1e8, 9e8)}`;
  const toPerson = (displayName: string, index: number) =>
    createPerson(displayName, domain, `${domainSid}-${1103 + index}`, random);
  const people = [toPerson(first, 0), ...others.map((name, index) => toPerson(name, index + 1))] as const;
  const device = () => createDevice(domain, random.pick(people), random);
  return {
    domain,
    analysts: analystsOf(domain),
    people: [...people],
    devices: [device(), ...Array.from({ length: deviceCount - 1 }, device)],
  };
}

function createPerson(displayName: string, domain: string, userSid: string, random: Random): Person {
  const accountName = displayName.toLowerCase().replace(' ', '.');
  return {
    displayName,
    accountName,
    userPrincipalName: `${accountName}@${domain}`,
    userSid,
    aadUserId: random.guid(),
  };
}

function createDevice(domain: string, owner: Person, random: Random): Device {
  const { prefix, group, groupId, osPlatform, version, osBuild } = random.pickEarly(systems);
  const shortDomain = domain.replace('.onmicrosoft.com', '.local');
  return {
    mdatpDeviceId: random.hex(40),
    aadDeviceId: random.guid(),
    deviceDnsName: `${prefix}-${random.hex(6)}.${shortDomain}`,
    osPlatform,
    version,
    osBuild,
    rbacGroupName: group,
    rbacGroupId: groupId,
    ipAddress: `10.${random.integer(10, 40)}.${random.integer(0, 255)}.${random.integer(2, 254)}`,
    owner,
  };
}
