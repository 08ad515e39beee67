import type { IncidentAlert, IncidentDevice } from '../incident.ts';

type Evidence = Readonly<Record<string, unknown>>;

/** Evidence as Graph writes it: a type for each kind of device, user, file, process, address or message. */
export function createEvidence({ creationTime, devices, entities }: IncidentAlert): readonly Evidence[] {
  const common = {
    createdDateTime: creationTime,
    verdict: 'suspicious',
    remediationStatus: 'none',
    remediationStatusDetails: null,
    roles: [],
    detailedRoles: [],
    tags: [],
  };
  const toEvidence = (type: string, members: Evidence): Evidence => ({
    '@odata.type': `#microsoft.graph.security.${type}`,
    ...common,
    ...members,
  });
  return [
    ...devices.map((device) => toEvidence('deviceEvidence', toDevice(device))),
    ...entities.flatMap((entity) => {
      const kind = kinds[String(entity.entityType)];
      return kind ? [toEvidence(kind.type, kind.read(entity))] : [];
    }),
  ];
}

const kinds: Readonly<Record<string, { readonly type: string; read(entity: Evidence): Evidence }>> = {
  User: { type: 'userEvidence', read: (entity) => ({ userAccount: toAccount(entity) }) },
  Ip: { type: 'ipEvidence', read: ({ ipAddress }) => ({ ipAddress, countryLetterCode: null }) },
  Url: { type: 'urlEvidence', read: ({ url }) => ({ url }) },
  File: {
    type: 'fileEvidence',
    read: (entity) => ({
      detectionStatus: 'detected',
      mdeDeviceId: entity.deviceId ?? null,
      fileDetails: toFile(entity),
    }),
  },
  Process: {
    type: 'processEvidence',
    read: (entity) => ({
      processId: entity.processId,
      parentProcessId: entity.parentProcessId,
      processCommandLine: entity.processCommandLine,
      processCreationDateTime: entity.processCreationTime,
      parentProcessCreationDateTime: entity.parentProcessCreationTime,
      detectionStatus: 'detected',
      mdeDeviceId: entity.deviceId ?? null,
      imageFile: toFile(entity),
    }),
  },
  MailBox: {
    type: 'mailboxEvidence',
    read: (entity) => ({
      primaryAddress: entity.mailboxAddress,
      displayName: entity.mailboxDisplayName,
      userAccount: toAccount(entity),
    }),
  },
  MailMessage: {
    type: 'analyzedMessageEvidence',
    read: ({ subject, sender, recipient, deliveryAction }) => ({
      subject,
      p1Sender: { emailAddress: sender },
      recipientEmailAddress: recipient,
      deliveryAction,
    }),
  },
};

function toDevice(device: IncidentDevice): Evidence {
  return {
    mdeDeviceId: device.mdatpDeviceId,
    azureAdDeviceId: device.aadDeviceId,
    deviceDnsName: device.deviceDnsName,
    hostName: device.deviceDnsName.split('.')[0],
    osPlatform: device.osPlatform,
    osBuild: device.osBuild,
    version: device.version,
    healthStatus: 'active',
    riskScore: 'medium',
    rbacGroupId: device.rbacGroupId,
    rbacGroupName: device.rbacGroupName,
    onboardingStatus: 'onboarded',
    defenderAvStatus: 'updated',
    firstSeenDateTime: device.firstSeen,
    ipInterfaces: [],
    loggedOnUsers: [],
    vmMetadata: null,
  };
}

function toAccount(entity: Evidence): Evidence {
  const { accountName = null, domainName = null, userSid = null, aadUserId = null, userPrincipalName = null } = entity;
  return { accountName, domainName, userSid, azureAdUserId: aadUserId, userPrincipalName, displayName: null };
}

function toFile({ sha1, sha256, fileName, filePath }: Evidence): Evidence {
  return {
    sha1,
    sha256,
    md5: null,
    fileName,
    filePath,
    fileSize: null,
    filePublisher: null,
    signer: null,
    issuer: null,
  };
}
