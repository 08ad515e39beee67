import type { Device, Estate } from './estate.ts';
import { createRandom, type Random } from './random.ts';
import { toWireInstant } from './wire-instant.ts';

/** A machine as Defender for Endpoint shows it. */
export interface Machine {
  readonly id: string;
  readonly computerDnsName: string;
  readonly osPlatform: string;
  readonly lastSeen: string;
  healthStatus: string;
  riskScore: string;
  exposureLevel: string;
  readonly [member: string]: unknown;
}

const dayMs = 24 * 60 * 60 * 1000;

/** The devices of a tenant, each seen within the last week; always the same for a tenant at an instant. */
export function createMachines(estate: Estate, until: number): Machine[] {
  const random = createRandom(`machines of ${estate.domain}`);
  return estate.devices.map((device) => createMachine(device, until, random));
}

function createMachine(device: Device, until: number, random: Random): Machine {
  return {
    id: device.mdatpDeviceId,
    computerDnsName: device.deviceDnsName,
    firstSeen: toWireInstant(until - random.integer(30, 400) * dayMs, 7),
    lastSeen: toWireInstant(until - random.integer(0, 7 * dayMs), 7),
    osPlatform: device.osPlatform,
    version: device.version,
    osProcessor: 'x64',
    osBuild: device.osBuild || null,
    lastIpAddress: device.ipAddress,
    lastExternalIpAddress: `203.0.113.${random.integer(1, 254)}`,
    healthStatus: random.pickEarly(['Active', 'Inactive', 'ImpairedCommunication', 'NoSensorData']),
    rbacGroupId: device.rbacGroupId,
    rbacGroupName: device.rbacGroupName,
    riskScore: random.pickEarly(['None', 'Informational', 'Low', 'Medium', 'High']),
    exposureLevel: random.pickEarly(['Low', 'Medium', 'High', 'None']),
    isAadJoined: true,
    aadDeviceId: device.aadDeviceId,
    machineTags: [],
  };
}
